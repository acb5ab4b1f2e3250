/**
 * The permits of one life, and the end of it.
 */
import { describe, expect, it } from "vitest";
import { HeldPermits } from "../../../src/streams/delivery/held-permits.ts";
import { worldWith } from "./delivery-world.ts";

describe("HeldPermits", () => {
  it("gives back at its end all that nobody else answers for, and whatever comes after it", async () => {
    const { gate } = (await worldWith()).ports();
    const [kept, used, late] = [gate.tryTake(), gate.tryTake(), gate.tryTake()];
    if (kept === null || used === null || late === null) throw new Error("the gate is shut");
    const held = new HeldPermits();
    held.add(kept);
    held.add(used);
    held.letGo(used);
    expect(held.count).toBe(1);
    held.end();
    expect(gate.inFlight).toBe(2);
    held.add(late);
    expect(gate.inFlight).toBe(1);
    used.giveBack();
    expect(gate.inFlight).toBe(0);
  });

  it("gives one back alone, and not one that it does not hold", async () => {
    const { gate } = (await worldWith()).ports();
    const permit = gate.tryTake();
    if (permit === null) throw new Error("the gate is shut");
    const held = new HeldPermits();
    held.giveBack(permit);
    expect(gate.inFlight).toBe(1);
    held.add(permit);
    held.giveBack(permit);
    expect(gate.inFlight).toBe(0);
  });
});
