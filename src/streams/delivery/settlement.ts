/**
 * The pure decision that ends each notice's delivery: from how it left the journey to what the ledger is told. Doubt never goes to
 * another channel; only a known "no" does (T9, T5f), by the pinned policy; what is nobody's fault costs no attempt (T5, T6n).
 */
import { Result } from "effect";
import type { AttemptId, ChannelId, Instant } from "../../domain/ids.ts";
import { type Bug, disposeOf } from "../../domain/disposition.ts";
import { type AttemptEnd, MAX_ASKED_DELAY_MS, type NextStep, stepAfter } from "../../domain/fall-back.ts";
import type { SendOutcome } from "../../domain/ports/sender.ts";
import { openWindow } from "../../domain/quiet-hours.ts";
import { readOwnQuietHours } from "../../domain/quiet-hours-own.ts";
import type { Failure } from "../../failure.ts";
import type { Claimed, Sent, Settlement } from "./bodies.ts";
import type { DeliveryPorts } from "./delivery-ports.ts";

/**
 * Before a claimed notice that could not be prepared is taken up again; up to twice as long, so that those which were given back
 * together do not come back together.
 */
const RELEASE_MS = 5_000;

/** A wait in whole milliseconds, as the ledger takes it; whatever asks for longer, or for no time at all, is not believed. */
const releaseMs = ({ system }: DeliveryPorts, askedMs: number): number => {
  const leastMs = RELEASE_MS * (1 + system.random());
  return Math.ceil(askedMs > leastMs ? Math.min(askedMs, MAX_ASKED_DELAY_MS) : leastMs);
};

/** A provider may answer anything; what the ledger cannot store would leave a known outcome untold. */
const storable = (text: string): string => text.replaceAll("\0", "\u{fffd}");

const about = ({ worker }: DeliveryPorts, { notice }: Claimed) => ({
  noticeId: notice.noticeId,
  period: notice.period,
  actor: worker,
});

const channelOf = ({ notice }: Claimed): ChannelId => {
  if (notice.channel === null) throw new Error(`${notice.noticeId} was claimed without a channel`);
  return notice.channel;
};

const nextStep = (
  ports: DeliveryPorts,
  claimed: Claimed,
  end: AttemptEnd,
  askedDelayMs: number | null,
): NextStep =>
  stepAfter(
    claimed.policy,
    {
      channel: channelOf(claimed),
      attemptNo: claimed.notice.attemptNo,
      end,
      ...(askedDelayMs === null ? {} : { askedDelayMs }),
    },
    Object.keys(claimed.contents.contacts) as ChannelId[], // its keys are channels, as ingested
    ports.system.random(),
  );

/** What was only being prepared, or had no right to send yet. */
export const afterPreparing = (
  ports: DeliveryPorts,
  claimed: Claimed,
  failure: Failure | Bug,
  said: string,
): Settlement => {
  const reason = storable(said);
  const { epoch } = claimed.notice;
  const disposition = disposeOf(failure, "claimed", 0);
  switch (disposition.kind) {
    case "next-channel": {
      const next = nextStep(ports, claimed, disposition.end, null);
      const republishInMs = ports.limits.republishMs;
      const command = {
        type: "unpreparable",
        ...about(ports, claimed),
        epoch,
        next,
        reason,
        republishInMs,
      } as const;
      return { command, why: reason };
    }
    case "step-back": {
      // a wall clock's time becomes a delay: it is never compared with a time of the ledger
      const dueInMs = releaseMs(ports, disposition.untilMs - ports.system.clock.wallMs());
      return { command: { type: "release", ...about(ports, claimed), epoch, dueInMs }, why: reason };
    }
    case "release": {
      const dueInMs = releaseMs(ports, disposition.askedDelayMs);
      return { command: { type: "release", ...about(ports, claimed), epoch, dueInMs }, why: reason };
    }
    case "retry-in-place":
    case "next-attempt":
    case "doubt":
    case "dead-letter":
      throw new Error(`a claimed notice cannot be settled as ${disposition.kind}`);
  }
};

/**
 * The answer was lost on the way: whether the right is ours nobody knows, and nothing leaves. Given back by our own epoch the notice
 * is free at once where the right was not committed, and one that is still on its way finds another epoch; where it was, the
 * ledger says so to the release, and upkeep finds the row overdue.
 */
export const afterLostRight = (ports: DeliveryPorts, claimed: Claimed, reason: string): Settlement => ({
  command: {
    type: "release",
    ...about(ports, claimed),
    epoch: claimed.notice.epoch,
    dueInMs: releaseMs(ports, 0),
  },
  why: storable(reason),
});

/** Something threw around the provider's call: a byte may have left. */
export const afterBugInCall = (
  ports: DeliveryPorts,
  from: Claimed,
  attemptId: AttemptId,
  why: string,
): Settlement => doubtful(ports, from, attemptId, storable(why));

export const afterSending = (ports: DeliveryPorts, sent: Sent): Settlement => {
  switch (sent.kind) {
    case "lost":
      return { command: null, why: "somebody else's by now" };
    case "turned-away":
      return turnedAway(ports, sent.from);
    case "answered":
      return answered(ports, sent.from, sent.attemptId, sent.outcome);
  }
};

const turnedAway = (ports: DeliveryPorts, from: Claimed): Settlement => ({
  command: {
    type: "step-back",
    ...about(ports, from),
    epoch: from.notice.epoch,
    sendWindowMs: ports.sender.limits.sendWindowMs,
    reopensAt: reopensAt(ports, from, ports.sender.limits.sendWindowMs),
  },
  why: "it may not leave now",
});

/** @param openForMs where it is open for no longer than this, it counts as closed: at once it would be turned away again */
export const reopensAt = (
  { policies }: Pick<DeliveryPorts, "policies">,
  { contents }: Claimed,
  openForMs = 0,
): Instant | null => {
  const active = policies.active();
  const own = readOwnQuietHours(contents.routing["quietHours"]);
  if (active === null || Result.isFailure(own)) return null;
  const now = policies.now();
  const window = openWindow(active, own.success, now);
  if (!window.open) return window.reopensAt ?? window.closedUntil;
  if (window.openUntil > now + openForMs) return null;
  const quiet = openWindow(active, own.success, window.openUntil);
  return quiet.open ? null : (quiet.reopensAt ?? quiet.closedUntil);
};

const answered = (
  ports: DeliveryPorts,
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
  ports: DeliveryPorts,
  from: Claimed,
  attemptId: AttemptId,
  outcome: "rejected" | "not_handed_over",
  next: NextStep,
  reason: string,
): Settlement => ({
  command: {
    type: "definite-no",
    ...about(ports, from),
    ...{ owner: ports.worker, attemptId, outcome, next, reason },
    republishInMs: ports.limits.republishMs,
  },
  why: reason,
});

const doubtful = (ports: DeliveryPorts, from: Claimed, attemptId: AttemptId, reason: string): Settlement => ({
  command: { type: "doubt", ...about(ports, from), owner: ports.worker, attemptId, reason },
  why: reason,
});
