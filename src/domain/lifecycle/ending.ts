/**
 * T13, T14 and T16: a new generation, a cancel, the end of a notice's time.
 */
import { closeReplays, letGo, moveLetters, noContradiction, unheld, unpublished } from "./guards.ts";
import type { Rule } from "./rule.ts";

export const replay: Rule<"replay"> = {
  id: "T13",
  from: ["failed", "cancelled"],
  recorded: true,
  guards: [
    {
      name: "T13.generation",
      otherwise: "lost",
      holds: ({ notice }, command) => notice.generation === command.generation,
    },
    {
      name: "T13.dead-letter",
      otherwise: "lost",
      holds: ({ notice, deadLetters }) =>
        notice.status !== "failed" ||
        deadLetters.some(
          ({ kind, generation, state }) =>
            kind === "failed" && generation === notice.generation && state === "open",
        ),
    },
    noContradiction("T13"),
    {
      name: "T13.expired",
      otherwise: "not-now",
      holds: ({ notice }, command, { now }) => now < (command.expiresAt ?? notice.expiresAt),
    },
  ],
  apply: (view, command, { now }) => {
    const { notice } = view;
    return {
      notice: {
        ...notice,
        ...unheld,
        ...unpublished,
        status: "ready",
        epoch: notice.epoch + 1,
        generation: notice.generation + 1,
        attemptNo: 0,
        channel: null,
        policyVersion: null,
        lapses: 0,
        dueAt: now,
        expiresAt: command.expiresAt ?? notice.expiresAt,
        cancelRequested: false,
      },
      deadLetters: moveLetters(view, ({ kind, generation, state }) =>
        kind === "failed" && generation === notice.generation && state === "open" ? "replaying" : undefined,
      ),
    };
  },
};

/** Where a right to send is out a cancel can only be noted; T9 and T12 honour it, and so does T6 should it come by. */
export const cancel: Rule<"cancel"> = {
  id: "T14",
  from: ["ready", "queued", "claimed", "sending", "in_doubt"],
  recorded: true,
  alreadyMine: ({ notice }) =>
    notice.status === "cancelled" ||
    (notice.cancelRequested && (notice.status === "sending" || notice.status === "in_doubt")),
  guards: [],
  apply: (view, command) => {
    const { notice } = view;
    if (notice.status === "sending" || notice.status === "in_doubt") {
      return { notice: { ...notice, cancelRequested: true }, because: command.reason };
    }
    return {
      notice: {
        ...notice,
        ...unheld,
        ...unpublished,
        ...letGo(notice),
        status: "cancelled",
        epoch: notice.epoch + 1,
      },
      deadLetters: moveLetters(view, closeReplays),
      because: command.reason,
    };
  },
};

export const expire: Rule<"expire"> = {
  id: "T16",
  from: ["ready", "queued", "claimed"],
  recorded: true,
  guards: [
    {
      name: "T16.expired",
      otherwise: "not-now",
      holds: ({ notice }, _command, { now }) => notice.expiresAt <= now,
    },
  ],
  apply: (view) => ({
    notice: {
      ...view.notice,
      ...unheld,
      ...unpublished,
      ...letGo(view.notice),
      status: "expired",
      epoch: view.notice.epoch + 1,
    },
    deadLetters: moveLetters(view, closeReplays),
  }),
};
