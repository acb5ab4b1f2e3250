/**
 * The ledger is told, many at a time, each kind of change in a statement of its own. What it answers is final: where it says that
 * the notice is somebody else's by now, they have settled it.
 */
import { Effect, Result } from "effect";
import type { Failure } from "../../failure.ts";
import type { CommandOf } from "../../domain/lifecycle/commands.ts";
import { batchStage, type ItemOutcome } from "../runtime/batch-stage.ts";
import type { Stage } from "../runtime/stage.ts";
import type { Settlement, SettlingType } from "./bodies.ts";
import { type DeliveryPorts, PATIENT, STATEMENT_TIMEOUT_MS } from "./delivery-ports.ts";

const TYPES: readonly SettlingType[] = [
  "accept",
  "definite-no",
  "doubt",
  "unpreparable",
  "release",
  "step-back",
];

export const settleNotice = (ports: DeliveryPorts): Stage<"settle-notice", Settlement, Settlement> =>
  batchStage({
    name: "settle-notice",
    maxCount: ports.limits.batchCount,
    concurrency: ports.limits.batchLanes,
    timeoutMs: STATEMENT_TIMEOUT_MS,
    retry: PATIENT,
    work: (settlements) => {
      const outcomes: ItemOutcome<Settlement>[] = settlements.map((each) => Result.succeed(each));
      return Effect.map(
        Effect.forEach(TYPES, (type) => tell(ports, type, settlements, outcomes), { discard: true }),
        () => outcomes,
      );
    },
  });

const tell = <T extends SettlingType>(
  { ledger, leases }: DeliveryPorts,
  type: T,
  settlements: readonly Settlement[],
  outcomes: ItemOutcome<Settlement>[],
): Effect.Effect<void, Failure> => {
  const places: number[] = [];
  const commands: CommandOf<T>[] = [];
  settlements.forEach(({ command }, place) => {
    if (command?.type !== type) return;
    places.push(place);
    commands.push(command as CommandOf<T>); // of this type, as compared
  });
  if (commands.length === 0) return Effect.void;
  return Effect.map(ledger.apply(type, commands), (answers) => {
    places.forEach((place, at) => {
      const answer = answers[at];
      if (answer === undefined)
        throw new Error(`the ledger answered ${answers.length} of ${commands.length}`);
      if (Result.isFailure(answer)) outcomes[place] = Result.fail(answer.failure);
      else {
        const noticeId = settlements[place]?.command?.noticeId;
        if (noticeId !== undefined) leases.drop(noticeId);
      }
    });
  });
};
