/**
 * The settlement of a notice whose provider was asked, or whose right to send was refused. Doubt never goes to another channel; only
 * a known "no" does (T9), by the pinned policy; what is nobody's fault costs no attempt (T6n).
 */
import type { AttemptId } from "../../domain/ids.ts";
import type { CommandOf } from "../../domain/lifecycle/commands.ts";
import type { NextStep } from "../../domain/fall-back.ts";
import type { SendOutcome } from "../../domain/ports/sender.ts";
import { afterLostRight } from "./after-preparing.ts";
import type { Claimed, Sent, Settlement } from "./bodies.ts";
import type { SendPorts } from "./delivery-ports.ts";
import { reopensAt } from "./gate-times.ts";
import { about, nextStep, storable } from "./settling.ts";

/** Something threw around the provider's call: a byte may have left. */
export const afterBugInCall = (
  ports: SendPorts,
  from: Claimed,
  attemptId: AttemptId,
  why: string,
): Settlement => doubtful(ports, from, attemptId, storable(why));

export const afterSending = (ports: SendPorts, sent: Sent): Settlement => {
  switch (sent.kind) {
    case "lost":
      return lost(ports, sent);
    case "turned-away":
      return turnedAway(ports, sent.from);
    case "unsure":
      return unsure(ports, sent);
    case "answered":
      return answered(ports, sent.from, sent.attemptId, sent.outcome);
  }
};

const turnedAway = (ports: SendPorts, from: Claimed): Settlement => ({
  command: {
    type: "step-back",
    ...about(ports, from),
    epoch: from.notice.epoch,
    sendWindowMs: ports.sender.limits.sendWindowMs,
    reopensAt: reopensAt(ports, from, ports.sender.limits.sendWindowMs),
  },
  why: "it may not leave now",
});

/**
 * It may be our own: a right whose answer was lost is refused too when it is asked for again after its time. It was never used, and only
 * we know that; of one that was not written the ledger says that there is none.
 */
const lost = (
  ports: SendPorts,
  { from, attemptId }: Extract<Sent, { readonly kind: "lost" }>,
): Settlement => {
  const why = "somebody else's by now, or asked for again too late";
  if (attemptId === undefined) return { command: null, why };
  return definiteNo(
    ports,
    from,
    attemptId,
    "not_handed_over",
    nextStep(ports, from, "not-handed-over", null),
    why,
  );
};

/**
 * Given back first: a right that was not written finds another epoch then, however late it comes. One that was is the ledger's word
 * against that, and was never used.
 */
const unsure = (
  ports: SendPorts,
  { from, attemptId, words }: Extract<Sent, { readonly kind: "unsure" }>,
): Settlement => {
  const why = storable(words);
  const next = nextStep(ports, from, "not-handed-over", null);
  const { command: andThen } = definiteNo(ports, from, attemptId, "not_handed_over", next, why);
  return { ...afterLostRight(ports, from, why), andThen };
};

const answered = (
  ports: SendPorts,
  from: Claimed,
  attemptId: AttemptId,
  outcome: SendOutcome,
): Settlement => {
  const why = storable(outcome.words);
  switch (outcome.kind) {
    case "accepted": {
      const providerMessageId = storable(outcome.providerMessageId);
      return {
        command: { type: "accept", ...about(ports, from), attemptId, providerMessageId, evidence: why },
        why,
      };
    }
    case "rejected": {
      const end = outcome.forGood ? "rejected-for-good" : "rejected-for-now";
      return definiteNo(ports, from, attemptId, "rejected", nextStep(ports, from, end, null), why);
    }
    case "not-accepted": {
      const next = nextStep(ports, from, "provider-fault", outcome.retryAfterMs);
      return definiteNo(ports, from, attemptId, "not_handed_over", next, why);
    }
    case "not-handed-over": {
      const next = nextStep(ports, from, "not-handed-over", null);
      return definiteNo(ports, from, attemptId, "not_handed_over", next, why);
    }
    case "unknown":
      return doubtful(ports, from, attemptId, why);
  }
};

const definiteNo = (
  ports: SendPorts,
  from: Claimed,
  attemptId: AttemptId,
  outcome: "rejected" | "not_handed_over",
  next: NextStep,
  reason: string,
): Settlement & { readonly command: CommandOf<"definite-no"> } => ({
  command: {
    type: "definite-no",
    ...about(ports, from),
    ...{ owner: ports.worker, attemptId, outcome, next, reason },
    republishInMs: ports.limits.republishMs,
  },
  why: reason,
});

const doubtful = (ports: SendPorts, from: Claimed, attemptId: AttemptId, reason: string): Settlement => ({
  command: { type: "doubt", ...about(ports, from), owner: ports.worker, attemptId, reason },
  why: reason,
});
