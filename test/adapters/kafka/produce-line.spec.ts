import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { knownError, type KnownError } from "../../../src/adapters/kafka/error-table.ts";
import { type Outcome, ProduceLine } from "../../../src/adapters/kafka/produce-line.ts";
import type { WireRecord } from "../../../src/adapters/kafka/log-message.ts";

const record = (key: string): WireRecord => ({ topic: "t", key, value: new Uint8Array(), headers: {} });
const TOO_LARGE = knownError({ type: "MESSAGE_TOO_LARGE" });
const AWAY = knownError({ type: "REQUEST_TIMED_OUT" });

/** A partition that takes batches by a rule, one at a time. */
const partition = (judge: (keys: readonly string[]) => KnownError | null) => {
  const batches: (readonly string[])[] = [];
  const written: string[] = [];
  let underWay = 0;
  const line = new ProduceLine(
    "t",
    0,
    { batchRecords: 4, batchBytes: 100 },
    async (_topic, _partition, records) => {
      expect((underWay += 1)).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      const keys = records.map(({ key }) => key);
      batches.push(keys);
      const refused = judge(keys);
      if (refused === null) written.push(...keys);
      return records.map(() => refused);
    },
  );
  return { line, batches, written };
};
const tags = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.map((outcome) => (Result.isSuccess(outcome) ? "taken" : outcome.failure._tag));

describe("the records of one partition on their way", () => {
  it("go together when they come together, within what a batch may hold", async () => {
    const { line, batches } = partition(() => null);
    const answers = await Promise.all(["a", "b", "c", "d", "e"].map((key) => line.publish(record(key), 1)));
    expect(tags(answers)).toEqual(Array(5).fill("taken"));
    expect(batches).toEqual([["a", "b", "c", "d"], ["e"]]);
    await Promise.all([line.publish(record("large"), 99), line.publish(record("other"), 2)]);
    expect(batches.slice(2)).toEqual([["large"], ["other"]]);
  });

  it("gather while a batch is under way, and go with the next", async () => {
    const { line, batches } = partition(() => null);
    const first = line.publish(record("first"), 1);
    await Promise.resolve();
    await Promise.resolve();
    const later = [line.publish(record("b"), 1), line.publish(record("c"), 1)];
    await Promise.all([first, ...later]);
    expect(batches).toEqual([["first"], ["b", "c"]]);
    await line.idle();
  });

  it("are all uncertain when the whole batch is", async () => {
    const { line } = partition(() => AWAY);
    const answers = await Promise.all(["a", "b"].map((key) => line.publish(record(key), 1)));
    expect(tags(answers)).toEqual(["Unconfirmed", "Unconfirmed"]);
  });

  it("fail one by one: each that is refused alone, and none of the others", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), async (bad) => {
        const { line, written } = partition((keys) =>
          keys.some((key) => key.startsWith("bad")) ? TOO_LARGE : null,
        );
        const keys = bad.map((isBad, at) => `${isBad ? "bad" : "good"} ${at}`);
        const answers = await Promise.all(keys.map((key) => line.publish(record(key), 1)));
        expect(tags(answers)).toEqual(bad.map((isBad) => (isBad ? "Permanent" : "taken")));
        expect(written).toEqual(keys.filter((key) => key.startsWith("good")));
      }),
      { numRuns: 1000 },
    );
  });
});
