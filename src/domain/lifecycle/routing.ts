/**
 * T2, T2h, T2x and the telling of the log: what happens to a notice before any worker holds it.
 */
import {
  epochIsSeen,
  closeReplays,
  isDue,
  isPaused,
  letGo,
  moveLetters,
  noContradiction,
  notExpired,
  plus,
  unpublished,
} from "./guards.ts";
import type { HoldReason } from "../notice.ts";
import type { Rule } from "./rule.ts";

export const route: Rule<"route"> = {
  id: "T2",
  from: ["ready"],
  recorded: true,
  guards: [
    epochIsSeen("T2"),
    isDue("T2"),
    { name: "T2.held", otherwise: "not-now", holds: ({ notice }) => notice.holdReason === null },
    notExpired("T2"),
    { name: "T2.suppressed", otherwise: "not-now", holds: (_view, _command, facts) => !facts.suppressed },
    {
      name: "T2.choice",
      otherwise: "lost",
      holds: ({ notice }, command) => notice.channel !== null || command.choice !== null,
    },
    {
      name: "T2.paused",
      otherwise: "not-now",
      holds: ({ notice }, command, facts) =>
        !isPaused({ ...notice, channel: notice.channel ?? command.choice?.channel ?? null }, facts),
    },
  ],
  apply: ({ notice }, command, { now }) => ({
    notice: {
      ...notice,
      status: "queued",
      epoch: notice.epoch + 1,
      channel: notice.channel ?? command.choice?.channel ?? null,
      policyVersion: notice.channel === null ? (command.choice?.policyVersion ?? null) : notice.policyVersion,
      attemptNo: Math.max(notice.attemptNo, 1),
      runId: notice.runId ?? command.runId,
      publishes: 0,
      republishAt: plus(now, command.republishInMs),
    },
  }),
};

/** What only an operator may lift stays: put over it, a pause would lift it with the next resume. */
const holdingOn = (standing: HoldReason | null, asked: HoldReason | null): HoldReason | null =>
  standing === "operator" || standing === "lapses" ? standing : (asked ?? standing);

export const hold: Rule<"hold"> = {
  id: "T2h",
  from: ["ready"],
  recorded: true,
  guards: [epochIsSeen("T2h"), noContradiction("T2h")],
  apply: ({ notice }, command) => ({
    notice: {
      ...notice,
      holdReason: holdingOn(notice.holdReason, command.reason),
      dueAt: command.dueAt ?? notice.dueAt,
    },
    ...(command.reason === null ? {} : { because: command.reason }),
  }),
};

/** A contradiction can be lifted wherever it stands; every other hold stands on `ready` alone. */
export const unhold: Rule<"unhold"> = {
  id: "T2h",
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
  alreadyMine: ({ notice }) => notice.holdReason === null,
  guards: [
    {
      name: "T2h.reason",
      otherwise: "lost",
      holds: ({ notice }, command) => notice.holdReason === command.reason,
    },
  ],
  apply: ({ notice }, command) => ({
    notice: { ...notice, holdReason: null },
    because: command.reason,
  }),
};

export const suppress: Rule<"suppress"> = {
  id: "T2x",
  from: ["ready"],
  recorded: true,
  guards: [
    { name: "T2x.suppressed", otherwise: "lost", holds: (_view, _command, facts) => facts.suppressed },
  ],
  apply: (view) => ({
    notice: { ...view.notice, ...unpublished, ...letGo(view.notice), status: "suppressed" },
    deadLetters: moveLetters(view, closeReplays),
  }),
};

export const published: Rule<"published"> = {
  id: "TP",
  from: ["queued"],
  recorded: false,
  guards: [epochIsSeen("TP")],
  apply: ({ notice }, command, { now }) => ({
    notice: {
      ...notice,
      publishes: notice.publishes + 1,
      republishAt: plus(now, command.republishInMs),
    },
  }),
};
