/**
 * The right to send (T6): from here on nothing gives this notice to anybody else because time has passed. The gate is computed
 * from the rules in force; the ledger compares it with its own clock and its own facts, in the statement that commits the right.
 *
 * The send window counts from before the statement first left, on both of this machine's clocks: whatever the answer took, a
 * right that comes back too late is not used. One that comes back when nobody waits for it any more (the statement's time was up,
 * the pipeline gave up) was never used, and the ledger is told so.
 */
import { Effect, Result } from "effect";
import { type AttemptId, attemptId } from "../../domain/ids.ts";
import type { BeginSend, Gate } from "../../domain/lifecycle/commands.ts";
import type { Answer, ItemAnswer } from "../../domain/ports/notice-ledger.ts";
import { openWindow } from "../../domain/quiet-hours.ts";
import { readOwnQuietHours } from "../../domain/quiet-hours-own.ts";
import { batchStage, type ItemOutcome } from "../runtime/batch-stage.ts";
import type { Stage } from "../runtime/stage.ts";
import type { Claimed, Entitled, Permitted, Sent } from "./bodies.ts";
import { type SendPorts, PATIENT, STATEMENT_TIMEOUT_MS } from "./delivery-ports.ts";
import type { Untold } from "./untold.ts";

/** The right, or why there is none. */
export type Begun =
  Entitled | (Extract<Sent, { readonly kind: "turned-away" | "lost" }> & Pick<Permitted, "permit">);

/** @param untold keeps the rights that are won until they are used */
export const beginSend = (
  ports: SendPorts,
  untold: Pick<Untold<Entitled>, "hold" | "giveUp">,
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
      const won: Entitled[] = [];
      const begun = Effect.map(
        ports.ledger.apply(
          "begin-send",
          asked.map(({ command }) => command),
        ),
        (answers) => {
          const outcomes = new Map(
            asked.map(({ each, command }, at) => [
              each,
              begunBy(ports, each, command.attemptId, mayStillLeave, answers[at]),
            ]),
          );
          for (const outcome of outcomes.values()) {
            if (Result.isFailure(outcome) || !("attemptId" in outcome.success)) continue;
            won.push(outcome.success);
            untold.hold(outcome.success);
          }
          return permitted.map((each) => outcomes.get(each) ?? Result.succeed(turnedAway(each)));
        },
      );
      // whoever is told to stop in the middle of it has to know what it came to
      return Effect.onInterrupt(Effect.uninterruptible(begun), () =>
        Effect.promise(() => untold.giveUp(won)),
      );
    },
  });

/** T7, counted from now on, on both of this machine's clocks. */
export const sendWindow = ({
  system: { clock },
  sender,
}: Pick<SendPorts, "system" | "sender">): (() => boolean) => {
  const { sendWindowMs } = sender.limits;
  const untilMs = clock.monotonicMs() + sendWindowMs;
  const fromWallMs = clock.wallMs();
  return () => {
    const wallMs = clock.wallMs();
    return clock.monotonicMs() < untilMs && wallMs >= fromWallMs && wallMs < fromWallMs + sendWindowMs;
  };
};

/** The interval around now in which the rules let it leave; empty where they do not, or are not known. */
export const gateFor = ({ policies }: Pick<SendPorts, "policies">, { contents }: Claimed): Gate | null => {
  const active = policies.active();
  const own = readOwnQuietHours(contents.routing["quietHours"]);
  if (active === null || Result.isFailure(own)) return null;
  const window = openWindow(active, own.success, policies.now());
  if (!window.open) return null;
  return { policyVersion: active.version, openFrom: window.openFrom, openUntil: window.openUntil };
};

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
  if (Result.isFailure(answer)) return Result.fail(answer.failure);
  switch (answer.success.verdict) {
    case "won":
    case "already-mine":
      leases.drop(each.notice);
      return Result.succeed({ ...each, attemptId: attempt, mayStillLeave });
    case "not-now":
      return Result.succeed(turnedAway(each));
    case "lost":
    case "gone":
      return Result.succeed({ kind: "lost", from: each, permit: each.permit });
  }
};

const turnedAway = (from: Permitted): Begun => ({ kind: "turned-away", from, permit: from.permit });
