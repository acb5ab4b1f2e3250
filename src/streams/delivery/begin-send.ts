/**
 * The right to send (T6): from here on nothing gives this notice to anybody else because time has passed. The gate is computed
 * from the rules in force; the ledger compares it with its own clock and its own facts, in the statement that commits the right.
 *
 * Where the answer is lost nobody knows whether there is a right, and nothing leaves. Where it comes when nobody waits for it any
 * more (the statement's time was up, the pipeline gave up) the right was never used; nor was one that was written, and refused when
 * it was asked for again. The ledger is told so in each of these cases.
 */
import { Effect, Result } from "effect";
import { type AttemptId, attemptId } from "../../domain/ids.ts";
import type { BeginSend, Gate } from "../../domain/lifecycle/commands.ts";
import type { Answer, ItemAnswer } from "../../domain/ports/notice-ledger.ts";
import type { Failure } from "../../failure.ts";
import { batchStage, type ItemOutcome } from "../runtime/batch-stage.ts";
import type { Stage } from "../runtime/stage.ts";
import { type Begun, type Entitled, isEntitled, type Permitted, type Sent } from "./bodies.ts";
import { type SendPorts, PATIENT, STATEMENT_TIMEOUT_MS } from "./delivery-ports.ts";
import { gateFor } from "./gate-times.ts";
import { sendWindow } from "./send-window.ts";
import type { Untold } from "./untold.ts";

/** @param untold keeps what has come of it until the next step has it */
export const beginSend = (
  ports: SendPorts,
  untold: Pick<Untold<Entitled | Sent>, "hold" | "giveUp">,
): Stage<"begin-send", Permitted, Begun> =>
  batchStage({
    name: "begin-send",
    maxCount: ports.limits.batchCount,
    concurrency: ports.limits.batchLanes,
    timeoutMs: STATEMENT_TIMEOUT_MS,
    retry: PATIENT,
    idempotent: false,
    work: (permitted) => {
      const mayStillLeave = sendWindow(ports);
      const asked = permitted.flatMap((each) => {
        const gate = gateFor(ports, each);
        return gate === null ? [] : [{ each, command: commandFor(ports, each, gate) }];
      });
      if (asked.length === 0) return permitted.map((each) => Result.succeed(turnedAway(each)));
      const known: (Entitled | Sent)[] = [];
      const begun = Effect.map(
        asItIsKnown(
          ports.ledger.apply(
            "begin-send",
            asked.map(({ command }) => command),
          ),
          asked.length,
        ),
        (answers) => {
          const outcomes = new Map(
            asked.map(({ each, command }, at) => [
              each,
              begunBy(ports, each, command.attemptId, mayStillLeave, answers[at]),
            ]),
          );
          for (const outcome of outcomes.values()) {
            if (Result.isFailure(outcome)) continue;
            const each = isEntitled(outcome.success) ? outcome.success : outcome.success.sent;
            known.push(each);
            untold.hold(each);
          }
          return permitted.map((each) => outcomes.get(each) ?? Result.succeed(turnedAway(each)));
        },
      );
      // whoever is told to stop in the middle of it has to know what it came to
      return Effect.onInterrupt(Effect.uninterruptible(begun), () =>
        Effect.promise(() => untold.giveUp(known)),
      );
    },
  });

/** A lost answer is an answer for each of them: there may be a right. */
const asItIsKnown = (
  apply: Effect.Effect<readonly ItemAnswer<Answer>[], Failure>,
  count: number,
): Effect.Effect<readonly ItemAnswer<Answer>[], Failure> =>
  Effect.catch(apply, (failure) =>
    failure._tag === "Unconfirmed"
      ? Effect.succeed(Array.from({ length: count }, () => Result.fail(failure)))
      : Effect.fail(failure),
  );

const commandFor = (ports: SendPorts, { notice, rendered }: Permitted, gate: Gate): BeginSend => {
  const id = attemptId(ports.system.newId());
  return {
    type: "begin-send",
    noticeId: notice.noticeId,
    period: notice.period,
    actor: ports.worker,
    epoch: notice.epoch,
    attemptId: id,
    provider: ports.sender.provider,
    providerKey: id,
    contentDigest: rendered.digest,
    sendWindowMs: ports.sender.limits.sendWindowMs,
    gate,
  };
};

const begunBy = (
  { leases }: SendPorts,
  each: Permitted,
  attempt: AttemptId,
  mayStillLeave: () => boolean,
  answer: ItemAnswer<Answer> | undefined,
): ItemOutcome<Begun> => {
  if (answer === undefined) throw new Error("the ledger answered for fewer than it was asked");
  const { permit } = each;
  if (Result.isFailure(answer)) {
    const { failure } = answer;
    if (failure._tag !== "Unconfirmed") return Result.fail(failure);
    const sent = { kind: "unsure", from: each, attemptId: attempt, words: failure.message } as const;
    return Result.succeed({ permit, sent });
  }
  switch (answer.success.verdict) {
    case "won":
    case "already-mine":
      leases.drop(each.notice);
      return Result.succeed({ ...each, attemptId: attempt, mayStillLeave });
    case "not-now":
      return Result.succeed(turnedAway(each));
    case "lost":
    case "gone":
      return Result.succeed({ permit, sent: { kind: "lost", from: each, attemptId: attempt } });
  }
};

const turnedAway = (from: Permitted): Begun => ({
  permit: from.permit,
  sent: { kind: "turned-away", from },
});
