/**
 * Lines for what upkeep could not do: a duty that fails or breaks, a doubt that only an operator can end. Without them a ledger whose
 * leases lapse for nobody would look like one that is merely quiet.
 *
 * A duty that fails is tried every few seconds for as long as that lasts; it is written down at once, and then once a minute. Each
 * doubt has a line of its own already, from when it began; of those that are owed a hundred a minute are named, since more than a
 * process can remember are met anew with each walk (`millrace doubt list` has them all).
 */
import { type Log, type LogWord, logWord } from "../adapters/telemetry/log.ts";
import type { UpkeepListener } from "../streams/upkeep/upkeep-events.ts";
import type { Clock } from "../streams/runtime/system-ports.ts";

const SAY_AGAIN_MS = 60_000;
const OWED_A_MINUTE = 100;

export const upkeepLines = (log: Log, clock: Pick<Clock, "monotonicMs">): UpkeepListener => {
  const saidMs = new Map<string, number>();
  /** By duty and kind: there are a few dozen. */
  const isNew = (what: string): boolean => {
    const nowMs = clock.monotonicMs();
    const before = saidMs.get(what);
    if (before !== undefined && nowMs - before < SAY_AGAIN_MS) return false;
    saidMs.set(what, nowMs);
    return true;
  };
  let owed = { sinceMs: -Infinity, count: 0 };
  const isNamed = (): boolean => {
    const nowMs = clock.monotonicMs();
    if (nowMs - owed.sinceMs >= SAY_AGAIN_MS) owed = { sinceMs: nowMs, count: 0 };
    owed.count += 1;
    return owed.count <= OWED_A_MINUTE;
  };
  return (event) => {
    switch (event.type) {
      case "duty:fail:done": {
        const { type, duty, failure, message, inMs } = event;
        if (isNew(`${duty} ${failure}`))
          log.write("warn", type, { duty: logWord(duty), failure, reason: logWord(message), inMs });
        return;
      }
      case "duty:break:done": {
        const { type, duty, where, inMs } = event;
        if (isNew(`${duty} bug`))
          log.write("error", type, { duty: logWord(duty), bug: logWord(where), at: placeIn(where), inMs });
        return;
      }
      case "doubt:owe:done": {
        const { type, noticeId, attemptId } = event;
        if (isNamed()) log.write("warn", type, { noticeId, attemptId });
        return;
      }
      case "duty:turn:done":
      case "doubt:help:done":
    }
  };
};

const PLACE = /[A-Za-z0-9_-]+\.[cm]?[jt]s:\d+/;

/** The file and line of our own program in which it broke. */
const placeIn = (where: string): LogWord | null => (PLACE.exec(where)?.[0] ?? null) as LogWord | null; // a file's name and a number
