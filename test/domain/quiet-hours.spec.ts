import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instant } from "../../src/domain/ids.ts";
import type { Policy } from "../../src/domain/policy.ts";
import type { QuietInterval } from "../../src/domain/quiet-hours-interval.ts";
import {
  LOOK_AHEAD_MS,
  openWindow,
  WINDOW_REACH_MS,
  type OwnQuietHours,
} from "../../src/domain/quiet-hours.ts";
import { SEOUL, zoneTime } from "../../src/domain/zone-time.ts";
import { anyInstant, anyOwnQuietHours, anyPolicy, at, billPolicy, zone } from "./policy-arbitraries.ts";

/** Which minutes of the day are quiet, marked off one by one round the clock. */
const quietMinutes = (intervals: readonly QuietInterval[]): Uint8Array => {
  const quiet = new Uint8Array(1440);
  for (const { fromMinute, untilMinute } of intervals) {
    let minute = fromMinute;
    do {
      quiet[minute] = 1;
      minute = (minute + 1) % 1440;
    } while (minute !== untilMinute % 1440);
  }
  return quiet;
};

/** The rule as it is meant, asked of one instant at a time. */
const naiveModel = (policy: Policy, own: OwnQuietHours | null) => {
  const { sendDays, sendHours } = policy;
  const quiet = quietMinutes(policy.quietHours);
  const ownQuiet = quietMinutes(own?.intervals ?? []);
  return (momentMs: number): boolean => {
    const moment = instant(momentMs);
    const local = zoneTime(moment, policy.zone);
    if (policy.paused || quiet[local.minuteOfDay] === 1) return false;
    if (sendDays.ofMonth !== "every" && !sendDays.ofMonth.includes(local.day)) return false;
    if (sendDays.ofWeek !== "every" && !sendDays.ofWeek.includes(local.weekday)) return false;
    if (sendHours !== "every" && !sendHours.includes(local.hour)) return false;
    return own === null || ownQuiet[zoneTime(moment, own.zone ?? SEOUL).minuteOfDay] === 0;
  };
};

/** Every whole minute in `[fromMs, untilMs)`, and `fromMs` itself. */
function* minutes(fromMs: number, untilMs: number): Generator<number> {
  if (fromMs < untilMs) yield fromMs;
  for (let ms = (Math.floor(fromMs / 60_000) + 1) * 60_000; ms < untilMs; ms += 60_000) yield ms;
}

describe("openWindow", () => {
  it("says until when a bill may be sent by day", () => {
    const window = openWindow(billPolicy, null, at("2026-06-15T12:00:00+09:00"));
    expect(window).toEqual({
      open: true,
      openFrom: at("2026-06-15T08:00:00+09:00"),
      openUntil: at("2026-06-15T21:00:00+09:00"),
    });
  });

  it("says by night when sending opens again, and which rule closes it", () => {
    const window = openWindow(billPolicy, null, at("2026-06-15T23:15:00+09:00"));
    expect(window).toEqual({
      open: false,
      reopensAt: at("2026-06-16T08:00:00+09:00"),
      clause: "quiet hours 21:00–08:00 in Asia/Seoul",
    });
  });

  it("opens on the first millisecond after the quiet hours, and closes on the first of them", () => {
    expect(openWindow(billPolicy, null, at("2026-06-15T07:59:59.999+09:00")).open).toBe(false);
    expect(openWindow(billPolicy, null, at("2026-06-15T08:00:00.000+09:00")).open).toBe(true);
    expect(openWindow(billPolicy, null, at("2026-06-15T20:59:59.999+09:00")).open).toBe(true);
    expect(openWindow(billPolicy, null, at("2026-06-15T21:00:00.000+09:00")).open).toBe(false);
  });

  it("keeps the recipient's own quiet hours beside the policy's, in Seoul where no zone is given", () => {
    const own = { intervals: [{ fromMinute: 12 * 60, untilMinute: 13 * 60 }] };
    expect(openWindow(billPolicy, own, at("2026-06-15T12:30:00+09:00"))).toEqual({
      open: false,
      reopensAt: at("2026-06-15T13:00:00+09:00"),
      clause: "the recipient's own quiet hours 12:00–13:00 in Asia/Seoul",
    });
    expect(openWindow(billPolicy, own, at("2026-06-15T11:30:00+09:00"))).toMatchObject({
      open: true,
      openUntil: at("2026-06-15T12:00:00+09:00"),
    });
  });

  it("reads the recipient's hours in the recipient's zone", () => {
    const own = { intervals: [{ fromMinute: 0, untilMinute: 6 * 60 }], zone: zone("Europe/Berlin") };
    // 13:00 in Seoul is 06:00 in Berlin in summer.
    expect(openWindow(billPolicy, own, at("2026-06-15T12:59:00+09:00"))).toMatchObject({
      reopensAt: at("2026-06-15T13:00:00+09:00"),
      clause: "the recipient's own quiet hours 00:00–06:00 in Europe/Berlin",
    });
  });

  it("ends quiet hours with the clock's jump where their end is left out that night", () => {
    const policy: Policy = {
      ...billPolicy,
      zone: zone("America/New_York"),
      quietHours: [{ fromMinute: 21 * 60, untilMinute: 150 }],
    };
    expect(openWindow(policy, null, at("2026-03-08T06:00:00Z"))).toMatchObject({
      reopensAt: at("2026-03-08T07:00:00Z"),
    });
  });

  it("is quiet twice in a night that repeats the hour", () => {
    const policy: Policy = {
      ...billPolicy,
      zone: zone("America/New_York"),
      quietHours: [{ fromMinute: 90, untilMinute: 480 }],
    };
    // 01:30 EDT to 02:00 EDT is quiet, then the clock shows 01:00 again.
    expect(openWindow(policy, null, at("2026-11-01T05:45:00Z"))).toMatchObject({
      reopensAt: at("2026-11-01T06:00:00Z"),
    });
    expect(openWindow(policy, null, at("2026-11-01T06:10:00Z"))).toEqual({
      open: true,
      openFrom: at("2026-11-01T06:00:00Z"),
      openUntil: at("2026-11-01T06:30:00Z"),
    });
  });

  it("waits for the next send day and hour, and names them", () => {
    const policy: Policy = {
      ...billPolicy,
      sendDays: { ofMonth: [15, 31], ofWeek: "every" },
      sendHours: [13, 9, 10, 14],
    };
    expect(openWindow(policy, null, at("2026-06-15T15:00:00+09:00"))).toEqual({
      open: false,
      reopensAt: at("2026-07-15T09:00:00+09:00"),
      clause: "outside the send hours 09:00–11:00, 13:00–15:00 in Asia/Seoul",
    });
    expect(openWindow(policy, null, at("2026-06-16T10:00:00+09:00"))).toMatchObject({
      reopensAt: at("2026-07-15T09:00:00+09:00"),
      clause: "outside the send days (15, 31 of the month) in Asia/Seoul",
    });
  });

  it("reaches from the 31st to the 31st over the longest gap between them", () => {
    const policy: Policy = {
      ...billPolicy,
      sendDays: { ofMonth: [31], ofWeek: "every" },
      sendHours: [20],
    };
    expect(openWindow(policy, null, at("2026-08-31T21:00:00+09:00"))).toMatchObject({
      reopensAt: at("2026-10-31T20:00:00+09:00"),
    });
  });

  it("follows a long window to its bounds and no further", () => {
    const policy: Policy = {
      ...billPolicy,
      quietHours: [],
      sendDays: { ofMonth: "every", ofWeek: ["tue", "wed", "thu", "fri", "sat", "sun"] },
    };
    const tuesday = at("2026-06-16T00:00:00+09:00");
    const early = instant(tuesday + WINDOW_REACH_MS - 1);
    expect(openWindow(policy, null, early)).toMatchObject({
      openFrom: tuesday,
      openUntil: early + WINDOW_REACH_MS,
    });
    const late = instant(tuesday + WINDOW_REACH_MS + 1);
    expect(openWindow(policy, null, late)).toMatchObject({ openFrom: late - WINDOW_REACH_MS });
  });

  it("finds an opening up to the end of sight, and none at it", () => {
    const policy: Policy = { ...billPolicy, sendDays: { ofMonth: [31], ofWeek: ["sat"] } };
    const opening = at("2026-10-31T08:00:00+09:00");
    expect(openWindow(policy, null, instant(opening - LOOK_AHEAD_MS + 1))).toMatchObject({
      reopensAt: opening,
    });
    expect(openWindow(policy, null, instant(opening - LOOK_AHEAD_MS))).toMatchObject({
      reopensAt: null,
      closedUntil: opening,
    });
  });

  it("says so when nothing opens within sight, instead of looking for ever", () => {
    const own = { intervals: [{ fromMinute: 0, untilMinute: 1440 }] };
    const now = at("2026-06-15T12:00:00+09:00");
    expect(openWindow(billPolicy, own, now)).toEqual({
      open: false,
      reopensAt: null,
      closedUntil: now + LOOK_AHEAD_MS,
      clause: "the recipient's own quiet hours 00:00–24:00 in Asia/Seoul",
    });
  });

  it("is closed while the policy is paused, so that nobody can make a gate from it", () => {
    expect(openWindow({ ...billPolicy, paused: true }, null, at("2026-06-15T12:00:00+09:00"))).toMatchObject({
      open: false,
      reopensAt: null,
      clause: "the policy is paused",
    });
  });

  it("never calls a quiet instant open, nor a window shorter than it is", () => {
    fc.assert(
      fc.property(anyPolicy, anyOwnQuietHours, anyInstant, (policy, own, now) => {
        const isOpen = naiveModel(policy, own);
        fc.pre(isOpen(now));
        const window = openWindow(policy, own, now);
        if (!window.open) expect.fail("closed at an open instant");
        const { openFrom, openUntil } = window;
        for (const ms of minutes(openFrom, openUntil)) if (!isOpen(ms)) expect.fail(`quiet at ${ms}`);
        expect(isOpen(openUntil - 1)).toBe(true);
        if (openFrom > now - WINDOW_REACH_MS) expect(isOpen(openFrom - 1)).toBe(false);
        else expect(openFrom).toBe(now - WINDOW_REACH_MS);
        if (openUntil < now + WINDOW_REACH_MS) expect(isOpen(openUntil)).toBe(false);
        else expect(openUntil).toBe(now + WINDOW_REACH_MS);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never reopens while it is quiet, nor later than it could", () => {
    fc.assert(
      fc.property(anyPolicy, anyOwnQuietHours, anyInstant, (policy, own, now) => {
        const isOpen = naiveModel(policy, own);
        fc.pre(!isOpen(now));
        const window = openWindow(policy, own, now);
        if (window.open) expect.fail("open at a quiet instant");
        const shutUntilMs = window.reopensAt ?? window.closedUntil;
        // Every minute of the first and the last two days; in a long wait between them, every eleventh.
        const firstMs = Math.min(shutUntilMs, now + 2 * 86_400_000);
        const lastMs = Math.max(firstMs, shutUntilMs - 2 * 86_400_000);
        for (const ms of minutes(now, firstMs)) if (isOpen(ms)) expect.fail(`open at ${ms}`);
        for (let ms = firstMs; ms < lastMs; ms += 660_000) if (isOpen(ms)) expect.fail(`open at ${ms}`);
        for (const ms of minutes(lastMs, shutUntilMs)) if (isOpen(ms)) expect.fail(`open at ${ms}`);
        if (window.reopensAt !== null) expect(isOpen(window.reopensAt)).toBe(true);
        else expect(shutUntilMs).toBe(now + LOOK_AHEAD_MS);
      }),
      { numRuns: 1_000 },
    );
  });

  it("gives the same answer from anywhere inside a window", () => {
    fc.assert(
      fc.property(
        anyPolicy,
        anyOwnQuietHours,
        anyInstant,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (policy, own, now, share) => {
          fc.pre(naiveModel(policy, own)(now));
          const window = openWindow(policy, own, now);
          fc.pre(window.open && window.openUntil - window.openFrom < WINDOW_REACH_MS);
          const inside = window.openFrom + share * (window.openUntil - 1 - window.openFrom);
          expect(openWindow(policy, own, instant(inside))).toEqual(window);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
