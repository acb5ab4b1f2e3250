/**
 * T3, T3r, T4, T5 and T5f: the lease. While it runs nothing irreversible happens, so it may lapse at any moment and
 * be taken over; whoever comes back late finds another epoch.
 */
import {
  afterNoAcceptance,
  epochIsSeen,
  isDue,
  noContradiction,
  notExpired,
  plus,
  unheld,
  unpublished,
} from "./guards.ts";
import type { Rule } from "./rule.ts";

export const claim: Rule<"claim"> = {
  id: "T3",
  from: ["queued"],
  recorded: true,
  alreadyMine: ({ notice }, command) =>
    notice.status === "claimed" && notice.owner === command.owner && notice.epoch === command.epoch + 1,
  guards: [epochIsSeen("T3"), noContradiction("T3"), isDue("T3"), notExpired("T3")],
  apply: ({ notice }, command, { now }) => ({
    notice: {
      ...notice,
      ...unpublished,
      status: "claimed",
      epoch: notice.epoch + 1,
      owner: command.owner,
      leaseUntil: plus(now, command.leaseMs),
    },
  }),
};

export const renew: Rule<"renew"> = {
  id: "T3r",
  from: ["claimed"],
  recorded: false,
  guards: [epochIsSeen("T3r")],
  apply: ({ notice }, command, { now }) => ({
    notice: { ...notice, leaseUntil: plus(now, command.leaseMs) },
  }),
};

/**
 * After a stretch without the database the sweeper must not judge leases that could not be renewed meanwhile: it
 * waits one lease from its own connection on. At the cap the notice is set aside: it keeps killing its workers.
 */
export const lapse: Rule<"lapse"> = {
  id: "T4",
  from: ["claimed"],
  recorded: true,
  guards: [
    epochIsSeen("T4"),
    {
      name: "T4.lease",
      otherwise: "not-now",
      holds: ({ notice }, _command, { now }) => notice.leaseUntil !== null && notice.leaseUntil < now,
    },
    {
      name: "T4.connected",
      otherwise: "not-now",
      holds: (_view, command, { now }) => plus(command.connectedAt, command.leaseMs) <= now,
    },
  ],
  apply: ({ notice }, command, { now }) => {
    const lapses = notice.lapses + 1;
    const moved = { ...notice, ...unheld, epoch: notice.epoch + 1, lapses };
    return lapses >= command.maxLapses
      ? {
          notice: { ...moved, status: "ready", holdReason: notice.holdReason ?? "lapses" },
          because: "lapses",
        }
      : { notice: { ...moved, status: "queued", republishAt: now, publishes: 0 } };
  },
};

export const release: Rule<"release"> = {
  id: "T5",
  from: ["claimed"],
  recorded: true,
  alreadyMine: ({ notice }, command) => notice.status === "queued" && notice.epoch === command.epoch + 1,
  guards: [epochIsSeen("T5")],
  apply: ({ notice }, command, { now }) => {
    const dueAt = plus(now, command.dueInMs);
    return {
      notice: {
        ...notice,
        ...unheld,
        status: "queued",
        epoch: notice.epoch + 1,
        dueAt,
        republishAt: dueAt,
        publishes: 0,
      },
    };
  },
};

export const unpreparable: Rule<"unpreparable"> = {
  id: "T5f",
  from: ["claimed"],
  recorded: true,
  alreadyMine: ({ notice }, { epoch, next }) =>
    notice.epoch === epoch + 1 &&
    (next.kind === "fail"
      ? notice.status === "failed"
      : notice.status === "queued" && notice.channel === next.channel && notice.attemptNo === next.attemptNo),
  guards: [
    epochIsSeen("T5f"),
    {
      name: "T5f.other-channel",
      otherwise: "lost",
      holds: ({ notice }, { next }) => next.kind === "fail" || next.channel !== notice.channel,
    },
  ],
  apply: (view, command, { now }) => ({
    ...afterNoAcceptance(view, command, null, now),
    because: command.reason,
  }),
};
