import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_ASKED_DELAY_MS, stepAfter, type AttemptEnd } from "../../src/domain/fall-back.ts";
import { channelId } from "../../src/domain/ids.ts";
import { anyPolicy, billPolicy, CHANNELS } from "./policy-arbitraries.ts";

const email = channelId("email");
const sms = channelId("sms");
const both = [email, sms];

const ENDS: readonly AttemptEnd[] = [
  "rejected-for-good",
  "rejected-for-now",
  "not-handed-over",
  "provider-fault",
  "unusable",
];
const anyEnd = fc.constantFrom(...ENDS);
const anyUsable = fc.subarray([...CHANNELS]);
const anyJitter = fc.double({ min: 0, max: 1, noNaN: true });

describe("the step after an ended attempt", () => {
  it("tries the channel again after its back-off while the policy leaves attempts", () => {
    const step = stepAfter(billPolicy, { channel: email, attemptNo: 1, end: "rejected-for-now" }, both, 0);
    expect(step).toEqual({ kind: "queue", channel: email, attemptNo: 2, dueInMs: 60_000 });
  });

  it("goes to the next channel at once when the attempts are used up", () => {
    const step = stepAfter(billPolicy, { channel: email, attemptNo: 3, end: "rejected-for-now" }, both, 0);
    expect(step).toEqual({ kind: "queue", channel: sms, attemptNo: 1, dueInMs: 0 });
  });

  it.each(["rejected-for-good", "unusable"] as const)(
    "goes to the next channel at once when the first attempt ended %s",
    (end) => {
      const step = stepAfter(billPolicy, { channel: email, attemptNo: 1, end }, both, 0);
      expect(step).toEqual({ kind: "queue", channel: sms, attemptNo: 1, dueInMs: 0 });
    },
  );

  it.each(["not-handed-over", "provider-fault"] as const)(
    "makes the same attempt again after %s, even the last one",
    (end) => {
      const step = stepAfter(billPolicy, { channel: email, attemptNo: 3, end }, both, 0);
      expect(step).toMatchObject({ kind: "queue", channel: email, attemptNo: 3 });
    },
  );

  it("waits longer each time that a provider's fault repeats itself", () => {
    const waitAfter = (freeEnds: number) =>
      stepAfter(billPolicy, { channel: email, attemptNo: 1, end: "provider-fault", freeEnds }, both, 0);
    expect([1, 2, 3, 4, 5, 500].map((times) => waitAfter(times))).toMatchObject(
      [60_000, 120_000, 240_000, 480_000, 600_000, 600_000].map((dueInMs) => ({ dueInMs })),
    );
  });

  it("waits as long as the other side asked, up to a day", () => {
    const waitWhenAsked = (askedDelayMs: number) =>
      stepAfter(billPolicy, { channel: email, attemptNo: 1, end: "rejected-for-now", askedDelayMs }, both, 0);
    expect(waitWhenAsked(1)).toMatchObject({ dueInMs: 60_000 });
    expect(waitWhenAsked(90_000.2)).toMatchObject({ dueInMs: 90_001 });
    expect(waitWhenAsked(Number.NaN)).toMatchObject({ dueInMs: 60_000 });
    expect(waitWhenAsked(Infinity)).toMatchObject({ dueInMs: MAX_ASKED_DELAY_MS });
  });

  it("passes over a channel without a usable contact, and says so when none is left", () => {
    const rejected = { channel: email, attemptNo: 1, end: "rejected-for-good" } as const;
    expect(stepAfter(billPolicy, rejected, [email], 0)).toEqual({
      kind: "fail",
      because: "email rejected it for good, and no later channel of policy 7 has a usable contact",
    });
    expect(stepAfter(billPolicy, { channel: sms, attemptNo: 2, end: "rejected-for-now" }, both, 0)).toEqual({
      kind: "fail",
      because: "sms rejected it 2 times, and it is the last channel of policy 7",
    });
  });

  it("fails, rather than guesses an order, on a channel that the pinned policy does not have", () => {
    const step = stepAfter(billPolicy, { channel: channelId("fax"), attemptNo: 1, end: "unusable" }, both, 0);
    expect(step).toEqual({ kind: "fail", because: "policy 7 has no channel fax" });
  });

  it("never returns to an earlier channel, never exceeds a channel's attempts, and always ends", () => {
    fc.assert(
      fc.property(
        anyPolicy,
        anyUsable,
        fc.array(anyEnd, { minLength: 60, maxLength: 60 }),
        anyJitter,
        (policy, usable, ends, jitter) => {
          const order = policy.channels.map((rule) => rule.channel);
          let queued = { channel: policy.channels[0].channel, attemptNo: 1 };
          let failed = false;
          let costly = 0;
          let freeEnds = 0;
          for (const end of ends) {
            const { channel, attemptNo } = queued;
            const place = order.indexOf(channel);
            freeEnds = end === "not-handed-over" || end === "provider-fault" ? freeEnds + 1 : 0;
            if (freeEnds === 0) costly += 1;
            const step = stepAfter(
              policy,
              { channel, attemptNo, end, freeEnds: Math.max(1, freeEnds) },
              usable,
              jitter,
            );
            failed = step.kind === "fail";
            if (step.kind === "fail") break;
            queued = step;
            const nextPlace = order.indexOf(step.channel);
            expect(nextPlace).toBeGreaterThanOrEqual(place);
            expect(step.attemptNo).toBeGreaterThanOrEqual(1);
            expect(step.attemptNo).toBeLessThanOrEqual(policy.channels[nextPlace]?.maxAttempts ?? 0);
            if (nextPlace > place) {
              expect(usable).toContain(step.channel);
              expect(step).toMatchObject({ attemptNo: 1, dueInMs: 0 });
            } else {
              expect(step.attemptNo).toBe(freeEnds > 0 ? attemptNo : attemptNo + 1);
              expect(step.dueInMs).toBeGreaterThan(0);
            }
            expect(Number.isSafeInteger(step.dueInMs)).toBe(true);
          }
          // What costs an attempt is bounded by the policy; what is free is bounded by expiry alone.
          const budget = policy.channels.reduce((sum, rule) => sum + rule.maxAttempts, 0);
          expect(costly).toBeLessThanOrEqual(budget);
          if (costly === budget) expect(failed).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("never waits less than half the back-off, nor more than the whole of it", () => {
    fc.assert(
      fc.property(anyPolicy, fc.integer({ min: 1, max: 2_000 }), anyJitter, (policy, freeEnds, jitter) => {
        const [{ channel, backoff }] = policy.channels;
        const step = stepAfter(
          policy,
          { channel, attemptNo: 1, end: "provider-fault", freeEnds },
          [],
          jitter,
        );
        if (step.kind === "fail") throw new Error("a free end never ends a channel");
        const wholeMs = Math.min(backoff.capMs, backoff.firstMs * backoff.factor ** (freeEnds - 1));
        expect(step.dueInMs).toBeGreaterThanOrEqual(wholeMs / 2);
        expect(step.dueInMs).toBeLessThanOrEqual(Math.ceil(wholeMs));
      }),
      { numRuns: 1_000 },
    );
  });
});
