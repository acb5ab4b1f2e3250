import { expect, it } from "vitest";
import type { LogEvent } from "../../../../src/adapters/kafka/log-events.ts";
import { AwayWatch, type Reaching } from "../../../../src/adapters/kafka/rdkafka/away-watch.ts";

const watching = (answers: readonly boolean[], partitions: readonly number[]) => {
  const left = [...answers];
  const told: LogEvent[] = [];
  let present: Reaching | null = {
    isReached: () => {
      if (left.length === 0) present = null;
      return Promise.resolve(left.shift() ?? false);
    },
  };
  let pauses = 0;
  const watch = new AwayWatch({
    settings: { topic: "t", told: (event) => told.push(event) },
    member: () => present,
    held: () => partitions,
    pause: async () => void (pauses += 1),
  });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { watch, told, settled, pauses: () => pauses };
};

it("brokers that are away are told of once, and that one is back, with what is still held", async () => {
  const { watch, told, settled, pauses } = watching([false, false, true], [0, 2]);
  watch.away("kafka:_ALL_BROKERS_DOWN");
  watch.away("kafka:_ALL_BROKERS_DOWN");
  await settled();
  expect(told.map(({ type }) => type)).toEqual(["broker:away:seen", "group:join:done"]);
  expect(told[1]).toMatchObject({ partitions: [0, 2] });
  expect(pauses()).toBe(2);
});

it("who holds nothing has nothing to tell, and a member that is gone is asked no more", async () => {
  const idle = watching([true], []);
  idle.watch.away("x");
  const gone = watching([], [0]);
  gone.watch.away("x");
  await idle.settled();
  for (const { told } of [idle, gone]) expect(told.map(({ type }) => type)).toEqual(["broker:away:seen"]);
});
