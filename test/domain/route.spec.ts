import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Candidate } from "../../src/domain/candidate.ts";
import { channelId, instant, policyVersion } from "../../src/domain/ids.ts";
import { HOLD_REASONS } from "../../src/domain/notice.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { openWindow } from "../../src/domain/quiet-hours.ts";
import { routeCandidate } from "../../src/domain/route.ts";
import { anyInstant, anyOwnQuietHours, anyPolicy, at, billPolicy, CHANNELS } from "./policy-arbitraries.ts";

const email = channelId("email");
const sms = channelId("sms");
const noon = at("2026-06-15T12:00:00+09:00");

const fresh: Candidate = {
  channel: null,
  attemptNo: 0,
  dueAt: at("2026-06-15T09:00:00+09:00"),
  expiresAt: at("2026-06-18T09:00:00+09:00"),
  holdReason: null,
  suppressed: false,
  channels: [sms, email],
  ownQuietHours: null,
};
const decide = (
  change: Partial<Candidate>,
  now = noon,
  active: Policy = billPolicy,
  pinned: Policy | null = null,
) => routeCandidate({ ...fresh, ...change }, { active, pinned }, now);

describe("routeCandidate", () => {
  it("begins a new generation on the first channel of the policy's order that has a contact", () => {
    expect(decide({})).toEqual({
      kind: "route",
      channel: email,
      attemptNo: 1,
      because: { policyVersion: 7, clause: "email is the first of email, sms with a usable contact" },
    });
    expect(decide({ channels: [sms] })).toMatchObject({ kind: "route", channel: sms, attemptNo: 1 });
  });

  it("goes on with what is pinned, whatever the active policy's order says", () => {
    const active: Policy = { ...billPolicy, version: policyVersion(8), channels: [billPolicy.channels[0]] };
    expect(decide({ channel: sms, attemptNo: 2 }, noon, active, billPolicy)).toEqual({
      kind: "route",
      channel: sms,
      attemptNo: 2,
      because: { policyVersion: 7, clause: "sms is pinned, attempt 2 of 2" },
    });
  });

  it("routes what has no usable contact to the first channel, where it fails with a dead letter", () => {
    expect(decide({ channels: [] })).toEqual({
      kind: "route",
      channel: email,
      attemptNo: 1,
      because: {
        policyVersion: 7,
        clause: "no channel of the policy (email, sms) has a usable contact: it will fail at the first",
      },
    });
  });

  it("waits for the end of quiet hours and names them", () => {
    expect(decide({}, at("2026-06-15T22:00:00+09:00"))).toEqual({
      kind: "later",
      until: at("2026-06-16T08:00:00+09:00"),
      because: { policyVersion: 7, clause: "quiet hours 21:00–08:00 in Asia/Seoul" },
    });
  });

  it("waits until it is due", () => {
    const dueAt = at("2026-06-15T12:00:00.001+09:00");
    expect(decide({ dueAt })).toMatchObject({ kind: "later", until: dueAt });
  });

  it("asks again at the end of sight where nothing opens", () => {
    const ownQuietHours = { intervals: [{ fromMinute: 0, untilMinute: 1440 }] };
    const window = openWindow(billPolicy, ownQuietHours, noon);
    expect(decide({ ownQuietHours })).toMatchObject({
      kind: "later",
      until: "closedUntil" in window ? window.closedUntil : undefined,
    });
  });

  it("obeys the active policy's pause and hours, not the pinned one's", () => {
    const paused: Policy = { ...billPolicy, version: policyVersion(8), paused: true };
    expect(decide({ channel: sms, attemptNo: 1 }, noon, paused, billPolicy)).toEqual({
      kind: "hold",
      reason: "paused",
      because: { policyVersion: 8, clause: "the policy is paused" },
    });
    expect(decide({ channel: sms, attemptNo: 1 }, noon, billPolicy, paused)).toMatchObject({ kind: "route" });
  });

  it("holds, for a person to look at, what cannot be decided", () => {
    expect(decide({ ownQuietHours: { unreadable: "the zone of own quiet hours is unknown" } })).toMatchObject(
      {
        kind: "hold",
        reason: "operator",
        because: { clause: "the zone of own quiet hours is unknown" },
      },
    );
    expect(decide({ channel: sms, attemptNo: 1 })).toMatchObject({ kind: "hold", reason: "policy" });
    expect(decide({ channel: channelId("fax"), attemptNo: 1 }, noon, billPolicy, billPolicy)).toMatchObject({
      kind: "hold",
      because: { clause: "fax is no channel of the pinned policy" },
    });
    expect(decide({ channel: sms, attemptNo: 3 }, noon, billPolicy, billPolicy)).toMatchObject({
      kind: "hold",
      because: { clause: "attempt 3 is more than the 2 of sms" },
    });
  });

  it("lets what is final come before holds, and holds before waiting", () => {
    const night = at("2026-06-15T22:00:00+09:00");
    const everything = { suppressed: true, holdReason: "operator" as const, dueAt: at("2027-01-01T00:00Z") };
    expect(decide({ ...everything, expiresAt: night }, night).kind).toBe("expire");
    expect(decide(everything, night).kind).toBe("suppress");
    expect(decide({ ...everything, suppressed: false }, night)).toMatchObject({
      kind: "hold",
      reason: "operator",
    });
    expect(decide({ dueAt: everything.dueAt }, night, { ...billPolicy, paused: true }).kind).toBe("hold");
  });

  it("expires at its expiry to the millisecond", () => {
    expect(decide({ expiresAt: noon }).kind).toBe("expire");
    expect(decide({ expiresAt: instant(noon + 1) }).kind).toBe("route");
  });

  const anyCandidate = (now: number): fc.Arbitrary<Candidate> => {
    const from = (earliestMs: number, latestMs: number) =>
      fc.integer({ min: earliestMs, max: latestMs }).map((awayMs) => instant(now + awayMs));
    // Each thing that stands in the way is the exception, or nothing would ever be routed.
    const orElse = <T, U>(usual: T, exception: fc.Arbitrary<U>) =>
      fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: exception });
    return fc.record({
      channel: fc.option(fc.constantFrom(...CHANNELS), { freq: 1 }),
      attemptNo: fc.integer({ min: 0, max: 6 }),
      dueAt: from(-5_000, 1_000),
      expiresAt: from(-1_000, 5_000),
      holdReason: orElse(null, fc.constantFrom(...HOLD_REASONS)),
      suppressed: orElse(false, fc.constant(true)),
      channels: fc.subarray([...CHANNELS]),
      ownQuietHours: orElse(
        null,
        fc.oneof(anyOwnQuietHours, fc.constant({ unreadable: "it cannot be read" })),
      ),
    });
  };
  const anyCase = fc
    .record({ active: anyPolicy, pinned: fc.option(anyPolicy), now: anyInstant })
    .chain((around) => anyCandidate(around.now).map((candidate) => ({ ...around, candidate })));

  it("never routes what is late, suppressed, held, paused, not due or quiet", () => {
    let routed = 0;
    fc.assert(
      fc.property(anyCase, ({ active, pinned, now, candidate }) => {
        const decision = routeCandidate(candidate, { active, pinned }, now);
        if (decision.kind !== "route") return;
        routed += 1;
        expect(candidate.expiresAt).toBeGreaterThan(now);
        expect(candidate.dueAt).toBeLessThanOrEqual(now);
        expect(candidate).toMatchObject({ suppressed: false, holdReason: null });
        expect(active.paused).toBe(false);
        const { ownQuietHours } = candidate;
        if (ownQuietHours !== null && "unreadable" in ownQuietHours)
          throw new Error("routed without knowing when");
        expect(openWindow(active, ownQuietHours, now).open).toBe(true);
      }),
      { numRuns: 8_000 },
    );
    expect(routed).toBeGreaterThan(250);
  });

  it("never routes outside the policy that the generation follows, and puts off to the future only", () => {
    fc.assert(
      fc.property(anyCase, ({ active, pinned, now, candidate }) => {
        const decision = routeCandidate(candidate, { active, pinned }, now);
        expect(decision.because.clause).not.toBe("");
        if (decision.kind === "later") expect(decision.until).toBeGreaterThan(now);
        if (decision.kind !== "route") return;
        const followed = candidate.channel === null ? active : pinned;
        expect(decision.because.policyVersion).toBe(followed?.version);
        const place = followed?.channels.findIndex((rule) => rule.channel === decision.channel) ?? -1;
        expect(decision.attemptNo).toBeLessThanOrEqual(followed?.channels[place]?.maxAttempts ?? 0);
        if (candidate.channel === null) {
          expect(decision.attemptNo).toBe(1);
          const usable = active.channels.filter((rule) => candidate.channels.includes(rule.channel));
          if (usable.length === 0) expect(place).toBe(0);
          else expect(candidate.channels).toContain(decision.channel);
          const earlier = active.channels.slice(0, place).map((rule) => rule.channel);
          for (const passedOver of earlier) expect(candidate.channels).not.toContain(passedOver);
        } else {
          expect(decision).toMatchObject({
            channel: candidate.channel,
            attemptNo: Math.max(1, candidate.attemptNo),
          });
        }
      }),
      { numRuns: 8_000 },
    );
  });
});
