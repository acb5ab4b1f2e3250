/**
 * T8, T9, T10 and T11: what becomes of a right to send. Acceptance counts from anybody at any time; a "no" counts only
 * from the holder and only while a single copy exists; everything else is doubt.
 */
import type { Attempt } from "../attempt.ts";
import type { AttemptId, WorkerId } from "../ids.ts";
import {
  afterNoAcceptance,
  attemptOf,
  closeAttempt,
  closeDoubt,
  closeReplays,
  liveAttempt,
  moveLetters,
  openLetter,
  plus,
  unheld,
} from "./guards.ts";
import type { Change, Facts, Guard, NoticeView, Rule } from "./rule.ts";
import type { Accept } from "./commands.ts";

/**
 * The provider accepted what it had refused, or accepted a second time under another id: it has broken its class. The
 * attempt stays as it was closed, because states move forward only; the fact is written down and the notice stopped
 * wherever it is, until an operator decides.
 */
const contradict = (view: NoticeView, attempt: Attempt, command: Accept): Change => ({
  notice: { ...view.notice, holdReason: "contradiction" },
  attempts: [
    {
      ...attempt,
      contradiction: `${command.providerMessageId}: ${command.evidence}`,
      providerMessageId: attempt.providerMessageId ?? command.providerMessageId,
    },
  ],
  attemptId: attempt.attemptId,
  because: "contradiction",
});

const isUndecided = ({ state }: Attempt): boolean => state === "intent" || state === "in_doubt";

export const accept: Rule<"accept"> = {
  id: "T8",
  from: [
    "ready",
    "queued",
    "claimed",
    "sending",
    "in_doubt",
    "sent",
    "failed",
    "cancelled",
    "suppressed",
    "expired",
  ],
  recorded: true,
  alreadyMine: (view, command) => {
    const attempt = attemptOf(view, command.attemptId);
    if (attempt === undefined || isUndecided(attempt)) return false;
    const isTheSame = attempt.state === "accepted" && attempt.providerMessageId === command.providerMessageId;
    return isTheSame || attempt.contradiction !== null;
  },
  guards: [
    {
      name: "T8.attempt",
      otherwise: "lost",
      holds: (view, command) => attemptOf(view, command.attemptId) !== undefined,
    },
  ],
  apply: (view, command) => {
    const attempt = attemptOf(view, command.attemptId);
    if (attempt === undefined) return { notice: view.notice };
    if (!isUndecided(attempt)) return contradict(view, attempt, command);
    const resolved = closeDoubt(attempt.attemptId);
    return {
      notice: { ...view.notice, ...unheld, status: "sent" },
      attempts: [
        {
          ...closeAttempt(attempt, "accepted", command.evidence),
          providerMessageId: command.providerMessageId,
        },
      ],
      deadLetters: moveLetters(view, (letter) => resolved(letter) ?? closeReplays(letter)),
      attemptId: attempt.attemptId,
    };
  },
};

/** The command speaks of the attempt that is on its way now, which is still undecided. */
const attemptIsOpen = (id: "T9" | "T10"): Guard<{ readonly attemptId: AttemptId }> => ({
  name: `${id}.attempt`,
  otherwise: "lost",
  holds: (view, command) => {
    const attempt = liveAttempt(view);
    return attempt !== undefined && attempt.attemptId === command.attemptId && attempt.state === "intent";
  },
});

const ownerHolds = (id: "T9" | "T10"): Guard<{ readonly owner: WorkerId }> => ({
  name: `${id}.owner`,
  otherwise: "lost",
  holds: ({ notice }, command) => notice.owner === command.owner,
});

export const definiteNo: Rule<"definite-no"> = {
  id: "T9",
  from: ["sending"],
  recorded: true,
  alreadyMine: (view, command) => attemptOf(view, command.attemptId)?.state === command.outcome,
  guards: [
    ownerHolds("T9"),
    attemptIsOpen("T9"),
    { name: "T9.copies", otherwise: "lost", holds: (view) => liveAttempt(view)?.copies === 1 },
  ],
  apply: (view, command, { now }) => {
    const attempt = liveAttempt(view);
    return {
      ...afterNoAcceptance(view, command, command.attemptId, now),
      attempts: attempt === undefined ? [] : [closeAttempt(attempt, command.outcome, command.reason)],
      attemptId: command.attemptId,
      because: command.reason,
    };
  },
};

const enterDoubt = (view: NoticeView, reason: string, { now }: Facts): Change => {
  const attempt = liveAttempt(view);
  return attempt === undefined
    ? { notice: view.notice }
    : {
        notice: { ...view.notice, status: "in_doubt", leaseUntil: null },
        attempts: [{ ...attempt, state: "in_doubt" }],
        deadLetters: [openLetter(view, "doubt", view.notice.epoch, attempt.attemptId, reason, now)],
        attemptId: attempt.attemptId,
        because: reason,
      };
};

export const doubt: Rule<"doubt"> = {
  id: "T10",
  from: ["sending"],
  recorded: true,
  alreadyMine: (view, command) => attemptOf(view, command.attemptId)?.state === "in_doubt",
  guards: [ownerHolds("T10"), attemptIsOpen("T10")],
  apply: (view, command, facts) => enterDoubt(view, command.reason, facts),
};

export const overdue: Rule<"overdue"> = {
  id: "T11",
  from: ["sending"],
  recorded: true,
  guards: [
    {
      name: "T11.window",
      otherwise: "not-now",
      holds: (view, command, { now }) => {
        const attempt = liveAttempt(view);
        return attempt !== undefined && plus(attempt.sendBy, command.answerWindowMs) < now;
      },
    },
  ],
  apply: (view, _command, facts) => enterDoubt(view, "no answer within the answer window", facts),
};
