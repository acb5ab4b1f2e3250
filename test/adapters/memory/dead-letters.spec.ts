import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { memoryDeadLetters } from "../../../src/adapters/memory/dead-letters.ts";
import type { DeadRecord } from "../../../src/streams/runtime/publisher.ts";

const letter = (record: string): DeadRecord => ({
  pipeline: "halves",
  record,
  key: "k",
  body: 7,
  attempts: 1,
  stage: "halve",
  failure: "Permanent",
  reason: "odd",
  stack: null,
  atMs: 0,
});

describe("dead letters in memory", () => {
  it("are all there, in the order in which they were written, once they are written", () => {
    const sink = memoryDeadLetters();
    const writing = sink.write([letter("0@2")]);
    Effect.runSync(sink.write([letter("0@0"), letter("0@1")]));
    expect(sink.letters).toEqual([letter("0@0"), letter("0@1")]);
    Effect.runSync(writing);
    expect(sink.letters.map(({ record }) => record)).toEqual(["0@0", "0@1", "0@2"]);
  });
});
