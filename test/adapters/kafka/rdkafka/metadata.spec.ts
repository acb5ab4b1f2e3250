import { expect, it } from "vitest";
import type { VendorTopic } from "../../../../src/adapters/kafka/rdkafka/binding.ts";
import { Link } from "../../../../src/adapters/kafka/rdkafka/link.ts";
import { partitionsOf, topicsOf } from "../../../../src/adapters/kafka/rdkafka/metadata.ts";
import { ScriptedConsumer } from "../../../support/scripted-rdkafka.ts";

const partition = { replicas: [1], leader: 1 };
const linkTo = (topics: readonly VendorTopic[]) => {
  const client = new ScriptedConsumer({}).client();
  return new Link(
    {
      ...client,
      getMetadata: (_options: unknown, answer: (error: null, value: { topics: typeof topics }) => void) =>
        answer(null, { topics }),
    },
    { brokers: ["a.example:9092"] },
  );
};

it("a topic is there when it has partitions", async () => {
  const link = linkTo([
    { name: "t", partitions: [partition, partition] },
    { name: "gone", partitions: [] },
  ]);
  expect([...(await topicsOf(link, 1_000)).keys()]).toEqual(["t"]);
  expect(await partitionsOf(link, "t", 1_000)).toBe(2);
});

it("one that is not there, or cannot be, is refused as a broker would refuse it", async () => {
  const link = linkTo([]);
  await expect(partitionsOf(link, "gone", 1_000)).rejects.toMatchObject({
    type: "UNKNOWN_TOPIC_OR_PARTITION",
  });
  await expect(partitionsOf(link, "no such name!", 1_000)).rejects.toMatchObject({
    type: "INVALID_TOPIC_EXCEPTION",
  });
});
