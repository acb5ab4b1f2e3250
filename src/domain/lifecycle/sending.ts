/**
 * T6 and T6n: the right to send. From here on nothing gives a notice to anybody else because time has passed.
 */
import type { Attempt } from "../attempt.ts";
import {
  attemptOf,
  closeReplays,
  epochIsSeen,
  gateIsOpen,
  isPaused,
  liveAttempt,
  moveLetters,
  noContradiction,
  plus,
  unheld,
} from "./guards.ts";
import type { Facts, NoticeView, Rule } from "./rule.ts";
import type { BeginSend, StepBack } from "./commands.ts";

const consume = (view: NoticeView, command: BeginSend, { now }: Facts): Attempt | undefined => {
  const { noticeId, period, generation, attemptNo, epoch, channel } = view.notice;
  return channel === null
    ? undefined
    : {
        attemptId: command.attemptId,
        noticeId,
        period,
        generation,
        attemptNo,
        epoch,
        channel,
        provider: command.provider,
        providerKey: command.providerKey,
        contentDigest: command.contentDigest,
        intentAt: now,
        sendBy: plus(now, command.sendWindowMs),
        copies: 1,
        state: "intent",
        providerMessageId: null,
        evidence: null,
        contradiction: null,
      };
};

export const beginSend: Rule<"begin-send"> = {
  id: "T6",
  from: ["claimed"],
  recorded: true,
  alreadyMine: (view, command, { now }) => {
    const attempt = attemptOf(view, command.attemptId);
    return (
      attempt !== undefined &&
      attempt.state === "intent" &&
      attempt.epoch === command.epoch &&
      view.notice.status === "sending" &&
      view.notice.epoch === command.epoch &&
      now < attempt.sendBy
    );
  },
  guards: [
    epochIsSeen("T6"),
    {
      name: "T6.new-attempt",
      otherwise: "lost",
      holds: (view, command) => attemptOf(view, command.attemptId) === undefined,
    },
    { name: "T6.cancel", otherwise: "not-now", holds: ({ notice }) => !notice.cancelRequested },
    noContradiction("T6"),
    ...gateIsOpen("T6"),
    /** The partial unique index: at most one live attempt for a notice and generation. */
    { name: "T6.index", otherwise: "lost", holds: (view) => liveAttempt(view) === undefined },
  ],
  apply: (view, command, facts) => {
    const attempt = consume(view, command, facts);
    return {
      notice: { ...view.notice, status: "sending", leaseUntil: null, lapses: 0 },
      attempts: attempt === undefined ? [] : [attempt],
      attemptId: command.attemptId,
    };
  },
};

const whereTo = (
  view: NoticeView,
  command: StepBack,
  facts: Facts,
): Pick<NoticeView["notice"], "status" | "holdReason" | "dueAt"> => {
  const { notice } = view;
  const stay = { holdReason: notice.holdReason, dueAt: notice.dueAt };
  if (notice.cancelRequested) return { ...stay, status: "cancelled" };
  if (facts.suppressed) return { ...stay, status: "suppressed" };
  if (notice.expiresAt <= plus(facts.now, command.sendWindowMs)) return { ...stay, status: "expired" };
  if (isPaused(notice, facts)) return { ...stay, status: "ready", holdReason: notice.holdReason ?? "paused" };
  const dueAt = Math.max(facts.now, command.reopensAt ?? facts.now) as typeof facts.now; // the later of two instants
  return { ...stay, status: "ready", dueAt };
};

/** Gives the claim up because the gate said no. It looks at the gate again only to say where the notice goes. */
export const stepBack: Rule<"step-back"> = {
  id: "T6n",
  from: ["claimed"],
  recorded: true,
  guards: [epochIsSeen("T6n")],
  apply: (view, command, facts) => {
    const notice = {
      ...view.notice,
      ...unheld,
      ...whereTo(view, command, facts),
      epoch: view.notice.epoch + 1,
    };
    return { notice, deadLetters: notice.status === "ready" ? [] : moveLetters(view, closeReplays) };
  },
};
