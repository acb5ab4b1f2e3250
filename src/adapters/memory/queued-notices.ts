/**
 * The memory ledger's queued notices as a log: what `queued-notices.ts` of the Postgres ledger finds by an index is here a
 * filter and a sort.
 */
import { Effect, Result } from "effect";
import type { Notice } from "../../domain/notice.ts";
import type { CommandOf } from "../../domain/lifecycle/commands.ts";
import type { DueCursor } from "../../domain/ports/notice-ledger.ts";
import { ALONE_FROM_LAPSES, type ClaimPage, type QueuedNotices } from "../../domain/ports/queued-notices.ts";
import { byTime, type MemoryLedger } from "./notice-ledger.ts";

const cursorOf = ({ dueAt, noticeId }: Notice): DueCursor => ({ at: dueAt, noticeId });

/** Up to the first notice that must be alone in its page; that one itself where it is the first. */
const together = (notices: readonly Notice[]): readonly Notice[] => {
  const first = notices.findIndex(({ lapses }) => lapses >= ALONE_FROM_LAPSES);
  return first === -1 ? notices : notices.slice(0, Math.max(1, first));
};

/** The queued notices of that ledger, for one walker. */
export const memoryQueuedNotices = (ledger: MemoryLedger): QueuedNotices => {
  let queuedBefore = ledger.queuedSoFar();

  const queued = ({ channels }: ClaimPage): readonly Notice[] =>
    ledger
      .notices()
      .map(({ notice }) => notice)
      .filter(
        ({ status, channel, holdReason }) =>
          status === "queued" &&
          channel !== null &&
          channels.includes(channel) &&
          holdReason !== "contradiction",
      )
      .sort((a, b) => byTime(cursorOf(a), cursorOf(b)));

  return {
    claimPage: (page) =>
      Effect.gen(function* () {
        queuedBefore = ledger.queuedSoFar();
        const now = yield* ledger.now;
        const all = queued(page);
        const { after, limit, owner, leaseMs } = page;
        const due = all
          .filter((notice) => notice.dueAt <= now && now < notice.expiresAt)
          .filter((notice) => after === null || byTime(cursorOf(notice), after) > 0)
          .slice(0, limit);
        const taken = together(due);
        const last = taken.at(-1);
        const isLast = last === undefined || (taken.length === due.length && due.length < limit);
        const answers = yield* ledger.apply(
          "claim",
          taken.map(({ noticeId, period, epoch }): CommandOf<"claim"> => {
            return { type: "claim", noticeId, period, actor: owner, epoch, owner, leaseMs };
          }),
        );
        const later = all.find(({ dueAt }) => dueAt > now);
        return {
          claimed: answers.flatMap((answer) => Result.getOrThrow(answer).claimed ?? []),
          next: isLast ? null : cursorOf(last),
          nextDueInMs: isLast && later !== undefined ? later.dueAt - now : null,
        };
      }),

    changed: (withinMs) =>
      Effect.suspend(() => {
        const queuedNow = ledger.queuedSoFar();
        if (queuedNow !== queuedBefore) {
          queuedBefore = queuedNow;
          return Effect.void;
        }
        return Effect.callback<void>((resume) => {
          const off = ledger.onQueued(() => resume(Effect.void));
          return Effect.sync(off);
        }).pipe(Effect.timeoutOption(withinMs), Effect.asVoid);
      }),
  };
};
