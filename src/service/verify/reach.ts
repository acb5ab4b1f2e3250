/**
 * L1: whether anybody will ever look at a notice that is not final. Dispatchers find what is routable, the sweeper what has an
 * alarm, the reconciler what has an open doubt; what stands for none of them is lost, and only this check would ever tell.
 */
import { isLive } from "../../domain/attempt.ts";
import type { Instant } from "../../domain/ids.ts";
import { isFinal } from "../../domain/notice.ts";
import type { ExaminedNotice } from "./check.ts";

/** @returns why nobody could reach it, or nothing */
export const unreachable = ({ record, wakeAt, isFound }: ExaminedNotice): string | null => {
  const { notice } = record;
  const { status, expiresAt } = notice;
  if (isFinal(status)) return null;
  if (status === "in_doubt") {
    const isOpen = record.deadLetters.some(({ kind, state }) => kind === "doubt" && state === "open");
    return isOpen ? null : "in doubt, and no open letter leads the reconciler to it";
  }
  // Held for a reason: whoever lifts the hold finds it by that reason.
  if (status === "ready") {
    return isFound || notice.holdReason !== null ? null : "ready, and neither routable nor held";
  }
  if (status === "sending") {
    const right = record.attempts.some(
      ({ state, generation }) => generation === notice.generation && isLive(state),
    );
    if (!right) return "sending, and nobody's right to send is out: it never becomes overdue";
  }
  if (status === "queued" && notice.channel === null) return "queued for no channel: no worker finds it";
  if (status === "claimed" && notice.leaseUntil === null) return "claimed without a lease that could lapse";
  if (status === "queued" && notice.republishAt === null) return "queued, and never told to the log again";
  if (wakeAt === null) return `${status}, and no alarm is set`;
  // Every alarm rings by the end of the notice's time at the latest.
  return wakeAt > expiresAt ? `${status}, and its alarm is set after its own end` : null;
};

/** When somebody has to look at it at the latest; where an alarm may ring later than that, there is no such time. */
const lookBy = ({ record: { notice } }: ExaminedNotice): Instant | null => {
  const { status, expiresAt, republishAt, leaseUntil } = notice;
  const earlier = (a: Instant | null): Instant => (a !== null && a < expiresAt ? a : expiresAt);
  switch (status) {
    case "ready":
      return expiresAt;
    case "queued":
      return earlier(republishAt);
    case "claimed":
      return earlier(leaseUntil);
    // Its alarm is the one of the lease before it: see decision 0003.
    case "sending":
    case "in_doubt":
    case "sent":
    case "failed":
    case "cancelled":
    case "suppressed":
    case "expired":
      return null;
  }
};

/** Reached, but later than promised. */
export const ringsLate = (examined: ExaminedNotice): string | null => {
  const byWhen = lookBy(examined);
  if (byWhen === null || (examined.wakeAt !== null && examined.wakeAt <= byWhen)) return null;
  return `${examined.record.notice.status}, and its alarm rings after somebody should have looked`;
};
