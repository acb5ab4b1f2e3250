/** A permit comes back once. */
import { describe, expect, it } from "vitest";
import type { SendOutcome } from "../../../src/domain/ports/sender.ts";
import { permitThat } from "../../../src/streams/delivery/permit.ts";

describe("a permit", () => {
  it("comes back once, whatever is said of it afterwards", () => {
    const told: (SendOutcome | null)[] = [];
    const outcome: SendOutcome = { kind: "unknown", words: "nobody knows" };
    const used = permitThat((what) => told.push(what));
    used.done(outcome);
    used.giveBack();
    used.done(outcome);
    const unused = permitThat((what) => told.push(what));
    unused.giveBack();
    unused.done(outcome);
    expect(told).toEqual([outcome, null]);
  });
});
