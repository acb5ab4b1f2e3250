/**
 * The ledger is told, many at a time, each kind of change in a statement of its own. What it answers is final: where it says that
 * the notice is somebody else's by now, they have settled it.
 *
 * What we know of a right to send nobody else knows: left untold, it would become a doubt. So an answer that was lost is asked
 * for again; whatever was written already is recognised (`already-mine`), or refused because the epoch has gone on. And what waits
 * for its statement when the pipeline gives up is told all the same.
 */
import { Effect, Result } from "effect";
import { defer, finalize, tap } from "rxjs";
import { type Failure, Transient } from "../../failure.ts";
import type { CommandOf } from "../../domain/lifecycle/commands.ts";
import { batchStage, type ItemOutcome } from "../runtime/batch-stage.ts";
import type { Diversion } from "../runtime/rail.ts";
import type { Stage } from "../runtime/stage.ts";
import { SETTLING_TYPES, type Settlement, type Settling, type SettlingType } from "./bodies.ts";
import { type SendPorts, PATIENT, STATEMENT_TIMEOUT_MS } from "./delivery-ports.ts";
import { Untold } from "./untold.ts";

/** Tells the ledger what became of each notice; its answer is final. */
export const settleNotice =
  (ports: SendPorts): Stage<"settle-notice", Settling, Settling> =>
  (source) =>
    defer(() => {
      const untold = new Untold<Settling>(ports, (settling) => settling);
      return source.pipe(
        tap((rail) => {
          untold.see(rail);
          if (Result.isSuccess(rail)) untold.hold(rail.success.body);
        }),
        tellLedger(ports),
        tap((rail) => {
          if (Result.isSuccess(rail)) untold.letGo(rail.success.body);
          else if (rail.failure.stage === "settle-notice")
            untold.letGo((rail.failure as Diversion<"settle-notice", Settling>).envelope.body); // by its stage's name
        }),
        finalize(() => {
          untold.end();
        }),
      );
    });

const tellLedger = (ports: SendPorts): Stage<"settle-notice", Settling, Settling> =>
  batchStage({
    name: "settle-notice",
    maxCount: ports.limits.batchCount,
    concurrency: ports.limits.batchLanes,
    timeoutMs: STATEMENT_TIMEOUT_MS,
    retry: PATIENT,
    work: (settlements) => {
      const outcomes: ItemOutcome<Settling>[] = settlements.map((each) => Result.succeed(each));
      return Effect.map(
        Effect.andThen(
          Effect.forEach(
            SETTLING_TYPES,
            (type) =>
              tell(
                ports,
                type,
                settlements.map(({ command }) => command),
                outcomes,
              ),
            { discard: true },
          ),
          tell(
            ports,
            "definite-no",
            settlements.map(({ andThen }) => andThen ?? null),
            outcomes,
          ),
        ),
        () => {
          settlements.forEach(({ claim }, place) => {
            const outcome = outcomes[place];
            if (outcome !== undefined && Result.isSuccess(outcome)) ports.leases.drop(claim);
          });
          return outcomes;
        },
      );
    },
  });

const tell = <T extends SettlingType>(
  { ledger }: SendPorts,
  type: T,
  told: readonly Settlement["command"][],
  outcomes: ItemOutcome<Settling>[],
): Effect.Effect<void, Failure> => {
  const places: number[] = [];
  const commands: CommandOf<T>[] = [];
  told.forEach((command, place) => {
    if (command?.type !== type) return;
    places.push(place);
    commands.push(command as CommandOf<T>); // of this type, as compared
  });
  if (commands.length === 0) return Effect.void;
  return Effect.map(Effect.mapError(ledger.apply(type, commands), askedAgain), (answers) => {
    places.forEach((place, at) => {
      const answer = answers[at];
      if (answer === undefined)
        throw new Error(`the ledger answered ${answers.length} of ${commands.length}`);
      if (Result.isFailure(answer)) outcomes[place] = Result.fail(askedAgain(answer.failure));
    });
  });
};

const askedAgain = (failure: Failure): Failure =>
  failure._tag === "Unconfirmed"
    ? new Transient({ message: failure.message, code: failure.code ?? "unconfirmed", cause: failure })
    : failure;
