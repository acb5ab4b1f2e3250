import { expect, it } from "vitest";
import { Pauses } from "../../../src/adapters/kafka/pauses.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

it("a pause ends when its time has passed, or when everything ends, and then none is begun", async () => {
  const clock = new VirtualClock();
  const pauses = new Pauses(clock);
  const over: string[] = [];
  const pause = (name: string, ms: number): void => {
    pauses.wait(ms).then(
      () => over.push(name),
      () => undefined,
    );
  };
  pause("short", 100);
  pause("long", 10_000);
  await clock.advance(100);
  expect(over).toEqual(["short"]);
  pauses.end();
  pause("late", 10_000);
  await clock.settle();
  expect(over).toEqual(["short", "long", "late"]);
  expect(clock.timers).toBe(0);
});
