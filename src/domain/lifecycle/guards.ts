/**
 * Guards that several rows of the table share, and the small changes that they have in common.
 */
import { isLive, type Attempt, type AttemptState } from "../attempt.ts";
import type { NextStep } from "../fall-back.ts";
import type { AttemptId, Instant } from "../ids.ts";
import type { Notice } from "../notice.ts";
import type { DeadLetter, DeadLetterKind, DeadLetterState } from "../dead-letter.ts";
import type { Gate } from "./commands.ts";
import type { Change, Facts, Guard, NoticeView, TransitionId } from "./rule.ts";

export const plus = (at: Instant, ms: number): Instant => (at + ms) as Instant; // a sum of an instant is one

export const attemptOf = (view: NoticeView, id: AttemptId): Attempt | undefined =>
  view.attempts.find((attempt) => attempt.attemptId === id);

/** The one attempt of this generation that holds the right to send, if any. */
export const liveAttempt = (view: NoticeView): Attempt | undefined =>
  view.attempts.find((attempt) => attempt.generation === view.notice.generation && isLive(attempt.state));

/** The command names the epoch that the row still has: nobody else has moved the notice since. */
export const epochIsSeen = (id: TransitionId): Guard<{ readonly epoch: number }> => ({
  name: `${id}.epoch`,
  otherwise: "lost",
  holds: ({ notice }, command) => notice.epoch === command.epoch,
});

export const noContradiction = (id: TransitionId): Guard<unknown> => ({
  name: `${id}.contradiction`,
  otherwise: "not-now",
  holds: ({ notice }) => notice.holdReason !== "contradiction",
});

/** Past its time for good: nothing may be begun that cannot end before it. */
export const notExpired = (id: TransitionId): Guard<unknown> => ({
  name: `${id}.expired`,
  otherwise: "not-now",
  holds: ({ notice }, _command, { now }) => now < notice.expiresAt,
});

export const isDue = (id: TransitionId): Guard<unknown> => ({
  name: `${id}.due`,
  otherwise: "not-now",
  holds: ({ notice }, _command, { now }) => notice.dueAt <= now,
});

export const isPaused = (notice: Notice, facts: Facts): boolean =>
  facts.paused.some((scope) => scope === "*" || scope === notice.channel);

interface Gated {
  readonly gate: Gate;
  readonly sendWindowMs: number;
}

/**
 * The gate of T6 and T11r: no copy may leave while the recipient is suppressed or the channel paused, at an instant of
 * [now, now + send window] that the policy in force keeps quiet, or beyond the notice's own end. A gate that was
 * computed from another policy than the one in force says nothing and counts as shut.
 */
export const gateIsOpen = (id: TransitionId): readonly Guard<Gated>[] => {
  const guard = (
    name: string,
    holds: (notice: Notice, gate: Gate, sendBy: Instant, facts: Facts) => boolean,
  ): Guard<Gated> => ({
    name: `${id}.${name}`,
    otherwise: "not-now",
    holds: ({ notice }, command, facts) =>
      holds(notice, command.gate, plus(facts.now, command.sendWindowMs), facts),
  });
  return [
    guard("suppressed", (_notice, _gate, _sendBy, facts) => !facts.suppressed),
    guard("paused", (notice, _gate, _sendBy, facts) => !isPaused(notice, facts)),
    guard("policy", (_notice, gate, _sendBy, facts) => gate.policyVersion === facts.activePolicyVersion),
    guard("quiet", (_notice, gate, sendBy, { now }) => gate.openFrom <= now && sendBy < gate.openUntil),
    guard("expires", (notice, _gate, sendBy) => sendBy < notice.expiresAt),
  ];
};

/** Nobody holds it any more. */
export const unheld = { owner: null, leaseUntil: null } as const;
/** What has come to an end is held by nothing but a contradiction: a replay must not begin behind an old pause. */
export const letGo = ({ holdReason }: Notice): Pick<Notice, "holdReason"> => ({
  holdReason: holdReason === "contradiction" ? holdReason : null,
});
/** The log has nothing to be told. */
export const unpublished = { republishAt: null, publishes: 0 } as const;

export const openLetter = (
  view: NoticeView,
  kind: DeadLetterKind,
  epoch: number,
  attemptId: AttemptId | null,
  reason: string,
  now: Instant,
): DeadLetter => ({
  noticeId: view.notice.noticeId,
  period: view.notice.period,
  epoch,
  kind,
  generation: view.notice.generation,
  attemptId,
  reason,
  state: "open",
  openedAt: now,
});

/** The same letters in another state: only those that change. */
export const moveLetters = (
  view: NoticeView,
  moves: (letter: DeadLetter) => DeadLetterState | undefined,
): readonly DeadLetter[] =>
  view.deadLetters.flatMap((letter) => {
    const state = moves(letter);
    return state === undefined || state === letter.state ? [] : [{ ...letter, state }];
  });

/** What a notice's coming to an end does to its letters: a replay in progress is over, whatever its outcome. */
export const closeReplays = (letter: DeadLetter): DeadLetterState | undefined =>
  letter.state === "replaying" ? "resolved" : undefined;

/** What resolving a doubt does: the doubt's own letter is closed. */
export const closeDoubt =
  (attemptId: AttemptId) =>
  (letter: DeadLetter): DeadLetterState | undefined =>
    letter.kind === "doubt" && letter.attemptId === attemptId && letter.state === "open"
      ? "resolved"
      : undefined;

export const closeAttempt = (attempt: Attempt, state: AttemptState, evidence: string): Attempt => ({
  ...attempt,
  state,
  evidence,
});

/**
 * Where a notice goes whose present attempt, or whose preparation on the present channel, is known to have come to
 * nothing: cancelled if somebody asked for it, else the next attempt or channel, else failed with a dead letter.
 */
export const afterNoAcceptance = (
  view: NoticeView,
  outcome: { readonly next: NextStep; readonly reason: string; readonly republishInMs: number },
  attemptId: AttemptId | null,
  now: Instant,
): Pick<Change, "notice"> & { readonly deadLetters: readonly DeadLetter[] } => {
  const { next } = outcome;
  const moved = { ...view.notice, ...unheld, ...unpublished, epoch: view.notice.epoch + 1 };
  if (view.notice.cancelRequested) {
    return { notice: { ...moved, status: "cancelled" }, deadLetters: moveLetters(view, closeReplays) };
  }
  if (next.kind === "fail") {
    return {
      notice: { ...moved, status: "failed" },
      deadLetters: [
        ...moveLetters(view, closeReplays),
        openLetter(view, "failed", moved.epoch, attemptId, outcome.reason, now),
      ],
    };
  }
  const dueAt = plus(now, next.dueInMs);
  return {
    notice: {
      ...moved,
      status: "queued",
      channel: next.channel,
      attemptNo: next.attemptNo,
      dueAt,
      republishAt: next.dueInMs > 0 ? dueAt : plus(now, outcome.republishInMs),
    },
    deadLetters: [],
  };
};
