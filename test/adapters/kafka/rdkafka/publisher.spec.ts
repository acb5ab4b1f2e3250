import { Effect, Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rdkafkaPublisher } from "../../../../src/adapters/kafka/rdkafka/publisher.ts";
import { scriptedBinding, type Verdict } from "../../../support/scripted-rdkafka.ts";

const publishing = () => {
  const { binding, producers } = scriptedBinding();
  const publisher = rdkafkaPublisher<string>(
    binding,
    { brokers: ["a.example:9092"] },
    {
      wire: ({ key, body, headers }) =>
        Result.succeed({ topic: "t", key, value: Buffer.from(body), headers }),
    },
  );
  const publish = async (texts: readonly string[]): Promise<readonly string[]> => {
    const records = texts.map((body, at) => ({ key: `k${at}`, body, headers: {} }));
    const outcomes = await Effect.runPromise(publisher.publish(records));
    return outcomes.map((outcome) => (Result.isSuccess(outcome) ? "taken" : outcome.failure._tag));
  };
  return { publisher, producers, publish };
};

describe("publishing by librdkafka", () => {
  it("answers each record by its own report, in whatever order they come", async () => {
    const { publisher, producers, publish } = publishing();
    producers.judge = (text) => (text === "late" ? "timed out" : "taken");
    expect(await publish(["a", "late", "b"])).toEqual(["taken", "Unconfirmed", "taken"]);
    await Effect.runPromise(publisher.close);
  });

  it("finds the one that is too large in a batch that is refused as a whole", async () => {
    const { publisher, producers, publish } = publishing();
    producers.judge = (_text, together) => (together.includes("large") ? "too large" : "taken");
    expect(await publish(["a", "b", "large", "c", "d"])).toEqual([
      ...["taken", "taken", "Permanent", "taken", "taken"],
    ]);
    await Effect.runPromise(publisher.close);
  });

  it("replaces a producer that has died, and doubts what it had", async () => {
    const { publisher, producers, publish } = publishing();
    producers.judge = () => "fatal";
    expect(await publish(["a"])).toEqual(["Unconfirmed"]);
    producers.judge = () => "taken";
    expect(await publish(["b"])).toEqual(["taken"]);
    expect(producers.made).toBe(2);
    await Effect.runPromise(publisher.close);
  });

  it("never leaves a record without its answer, and never gives one the answer of another", async () => {
    const verdicts = fc.constantFrom<Verdict>("taken", "timed out");
    const { publisher, producers, publish } = publishing();
    await fc.assert(
      fc.asyncProperty(fc.array(verdicts, { minLength: 1, maxLength: 8 }), async (given) => {
        const texts = given.map((_, at) => `text ${at}`);
        producers.partitions = 1;
        producers.judge = (text) => given[texts.indexOf(text)] ?? "taken";
        const expected = given.map((verdict) => (verdict === "taken" ? "taken" : "Unconfirmed"));
        expect(await publish(texts)).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
    await Effect.runPromise(publisher.close);
  });
});
