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
import { type LivedSince, planFor, settlingMs } from "./doubt-plan.ts";
import { type Duty, NOTHING_FOUND } from "./duty.ts";
import { forwardWalk } from "./forward-walk.ts";
import { LivedTime } from "./lived-time.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts } from "./upkeep-ports.ts";

export const resolveDoubts = (
  { ledger, doubts, system, providers }: Pick<UpkeepPorts, "ledger" | "doubts" | "system" | "providers">,
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
  const { clock } = system;
  const lived = new LivedTime(Math.max(0, ...providers.map((provider) => settlingMs(provider) ?? 0)));
  const livedSince: LivedSince = (time) => lived.sinceMs(time, clock.monotonicMs());
  const marked = Effect.suspend(() => {
    const fromMs = clock.monotonicMs();
    return Effect.tap(ledger.now, (now) =>
      Effect.sync(() => {
        lived.mark(now, fromMs, clock.monotonicMs());
      }),
    );
  });
  return {
    name: "resolve-doubts",
    settle: () => desk.stop(),
    once: Effect.gen(function* () {
      // also where there is no doubt: time is lived through by looking
      const from = yield* marked;
      const { rows, more } = yield* walk;
      const newcomers = rows.filter(({ noticeId }) => !book.knows(noticeId));
      if (newcomers.length === 0 && book.waiting === 0) return { ...NOTHING_FOUND, more };
      const ripe = book.ripe(from, pageCount, (channel) => desk.freeOn(channel)).map(({ key }) => key);
      const keys = [...ripe, ...newcomers.map(({ noticeId, period }) => ({ noticeId, period }))];
      const found = keys.length === 0 ? [] : yield* doubts.read(keys);
      // after they were read, and before anybody is asked anything: it is what a look-up is stamped with
      const now = keys.length === 0 ? from : yield* marked;
      const begun = keys.filter(({ noticeId }, at) => {
        const doubt = found[at] ?? null;
        if (doubt === null) book.forget(noticeId);
        return doubt !== null && takeUp(desk, doubt, now, livedSince);
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
const takeUp = (desk: DoubtDesk, doubt: DoubtfulNotice, now: Instant, livedSince: LivedSince): boolean => {
  const { channel } = doubt.attempt;
  const provider = desk.providerOf(channel);
  const known = desk.book.find(doubt.notice.noticeId);
  const plan = planFor(doubt, provider, now, livedSince);
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
