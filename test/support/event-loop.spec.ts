/** What the rest of virtual time waits for. */
import { describe, expect, it } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";

type Done = () => void;
const hops = async (count: number): Promise<void> => {
  for (let hop = 0; hop < count; hop += 1) await Promise.resolve();
};
const ticked = (then: Done): void => process.nextTick(then);

const WAITED_FOR: Readonly<Record<string, (done: Done) => void>> = {
  "a chain of promises": (done) => void hops(50).then(done),
  "a chain of microtasks": (done) => queueMicrotask(() => queueMicrotask(() => queueMicrotask(done))),
  "a chain of ticks": (done) => ticked(() => ticked(() => ticked(done))),
  "a promise and then a tick": (done) => void hops(3).then(() => ticked(done)),
  "a tick and then promises": (done) => ticked(() => void hops(3).then(done)),
  "a tick, a promise, and a tick": (done) => ticked(() => void hops(1).then(() => ticked(done))),
  "a tick, promises, and the loop": (done) => ticked(() => void hops(3).then(() => setImmediate(done))),
  "the loop, several times": (done) =>
    void setImmediate(() => setImmediate(() => void hops(3).then(() => setImmediate(done)))),
};

describe("the rest of virtual time", () => {
  it.each(Object.keys(WAITED_FOR))("comes after %s", async (name) => {
    let isDone = false;
    WAITED_FOR[name]?.(() => {
      isDone = true;
    });
    await new VirtualClock().settle();
    expect(isDone).toBe(true);
  });

  it("does not wait for what was cleared", async () => {
    let hasRun = false;
    const cleared = setImmediate(() => {
      hasRun = true;
    });
    clearImmediate(cleared);
    clearImmediate(undefined);
    clearImmediate(cleared);
    await new VirtualClock().settle();
    expect(hasRun).toBe(false);
  });
});
