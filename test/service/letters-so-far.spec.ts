/**
 * An order counts and takes what was there when it was given.
 */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { instant } from "../../src/domain/ids.ts";
import { lettersSoFar } from "../../src/service/letters-so-far.ts";

const NOW = 1_790_000_000_000;
const ledger = { now: Effect.succeed(instant(NOW)) };

describe("the letters that an order is about", () => {
  it("are those opened until now, this instant included: what is opened while it is carried out was not confirmed", async () => {
    expect(await lettersSoFar(ledger, { reason: "full" })).toEqual({
      reason: "full",
      openedUntil: instant(NOW + 1),
    });
  });

  it("are fewer where the filter itself ends earlier, and no more where it ends later", async () => {
    const earlier = instant(NOW - 5);
    expect(await lettersSoFar(ledger, { openedUntil: earlier })).toEqual({ openedUntil: earlier });
    expect(await lettersSoFar(ledger, { openedUntil: instant(NOW + 60_000) })).toEqual({
      openedUntil: instant(NOW + 1),
    });
  });
});
