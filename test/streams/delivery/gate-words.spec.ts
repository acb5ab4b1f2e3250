/** What a provider's gate says of itself, to people and to logs. */
import { describe, expect, it } from "vitest";
import { changeOf, waitingWords } from "../../../src/streams/delivery/gate-words.ts";

const pause = {
  cause: "down" as const,
  reason: "503: the provider is down",
  forMs: 2_000,
  mustBeMended: false,
};
const gate = { provider: "gateway", pause: null, inMs: 0, inFlight: 3, isFull: false, ramp: 2 };

describe("the words of a provider's gate", () => {
  it("say what is waited for, the pause before everything else", () => {
    expect(waitingWords({ ...gate, pause, inMs: 1_500, isFull: true })).toBe(
      "gateway is paused, it is tried again in 1500 ms: 503: the provider is down",
    );
    expect(waitingWords({ ...gate, pause, inMs: Infinity })).toBe(
      "gateway is paused, it is being tried: 503: the provider is down",
    );
    expect(waitingWords({ ...gate, isFull: true })).toBe(
      "gateway has 3 requests under way, which is its limit",
    );
    expect(waitingWords({ ...gate, inMs: Infinity })).toBe(
      "gateway was paused and gets 2 requests at once for now",
    );
    expect(waitingWords({ ...gate, inMs: 7 })).toBe("gateway is at its limit of requests a second");
  });

  it("tell of a pause with its reason, and of its end", () => {
    expect(changeOf("gateway", pause)).toEqual({
      type: "provider:pause:begin",
      provider: "gateway",
      cause: "down",
      reason: "503: the provider is down",
      probeInMs: 2_000,
      mustBeMended: false,
    });
    expect(changeOf("gateway", null)).toEqual({ type: "provider:pause:done", provider: "gateway" });
  });
});
