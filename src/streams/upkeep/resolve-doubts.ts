/**
 * Works doubts off (T12, T11r, T8), each as its provider's class allows, and leaves to an operator what no time can end. What was found
 * and cannot be helped yet is remembered, so that ten thousand that wait cost a map and no statement.
 *
 * A turn walks on over doubts that it has not seen, takes up those whose time has come, and begins as many look-ups and copies as the
 * provider has free places; it waits for none of them, so a provider that hangs holds up nobody else's doubts.
 */
import { Effect } from "effect";
import type { Instant } from "../../domain/ids.ts";
import type { DoubtfulNotice } from "../../domain/ports/doubts.ts";
import type { DueNotice } from "../../domain/ports/notice-ledger.ts";
import type { DoubtDesk } from "./doubt-desk.ts";
import { planFor } from "./doubt-plan.ts";
import { type Duty, NOTHING_FOUND } from "./duty.ts";
import { forwardWalk } from "./forward-walk.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts } from "./upkeep-ports.ts";

export const resolveDoubts = (
  { ledger, doubts, system }: Pick<UpkeepPorts, "ledger" | "doubts" | "system">,
  desk: DoubtDesk,
  { pageCount, rewalkMs, sweepMs }: UpkeepLimits,
): Duty => {
  const { book } = desk;
  const walk = forwardWalk<DueNotice>({
    clock: system.clock,
    pageCount,
    rewalkMs,
    fetch: (limit, after) => ledger.due("doubt", limit, after),
  });
  return {
    name: "resolve-doubts",
    settle: () => desk.stop(),
    once: Effect.gen(function* () {
      const { rows, more } = yield* walk;
      const newcomers = rows.filter(({ noticeId }) => !book.knows(noticeId));
      if (newcomers.length === 0 && book.waiting === 0) return { ...NOTHING_FOUND, more };
      // read before anybody is asked anything: it is what a look-up is stamped with
      const now = yield* ledger.now;
      const ripe = book.ripe(now, pageCount, (channel) => desk.freeOn(channel)).map(({ key }) => key);
      const keys = [...ripe, ...newcomers.map(({ noticeId, period }) => ({ noticeId, period }))];
      const found = keys.length === 0 ? [] : yield* doubts.read(keys);
      const begun = keys.filter(({ noticeId }, at) => {
        const doubt = found[at] ?? null;
        if (doubt === null) book.forget(noticeId);
        return doubt !== null && takeUp(desk, doubt, now);
      }).length;
      const isWaitedFor = !desk.isStopping && book.ripe(now, 1, () => 1).length > 0;
      if (isWaitedFor)
        yield* Effect.timeoutOption(
          Effect.promise(() => desk.changed),
          sweepMs,
        );
      return { found: keys.length, changed: begun, more: more || isWaitedFor };
    }),
  };
};

/** @returns whether it is being helped now */
const takeUp = (desk: DoubtDesk, doubt: DoubtfulNotice, now: Instant): boolean => {
  const { channel } = doubt.attempt;
  const provider = desk.providerOf(channel);
  const known = desk.book.find(doubt.notice.noticeId);
  const plan = planFor(doubt, provider, now);
  switch (plan.kind) {
    case "owed":
      desk.owe(doubt, plan.because, now, known?.owed !== true);
      return false;
    case "wait":
      desk.wait(doubt, plan.until, 0);
      return false;
    case "look-up":
    case "resend":
      if (provider !== undefined && desk.freeOn(channel) > 0) {
        desk.begin(doubt, provider, plan.kind, now);
        return true;
      }
      desk.wait(doubt, now, known?.tries ?? 0);
      return false;
  }
};
