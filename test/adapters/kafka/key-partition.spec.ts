import fc from "fast-check";
import { Partitioners } from "kafkajs";
import { expect, it } from "vitest";
import { partitionOf } from "../../../src/adapters/kafka/key-partition.ts";

it("puts a key where Java's client puts it", () => {
  // what org.apache.kafka.common.utils.Utils.murmur2 gives, made positive, over 1,000 partitions
  const places = { "21": 340, abc: 107, foobar: 166, "a-little-bit-long-string": 112 };
  for (const [key, place] of Object.entries(places)) expect(partitionOf(key, 1_000)).toBe(place);
});

it("never puts a key elsewhere than kafkajs does, whatever its bytes and however many partitions there are", () => {
  const theirs = Partitioners.DefaultPartitioner();
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 300 }), (key, partitions) => {
      const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
        ...{ partitionErrorCode: 0, partitionId, leader: 1, replicas: [1], isr: [1] },
      }));
      return (
        partitionOf(key, partitions) ===
        theirs({ topic: "t", partitionMetadata, message: { key, value: null } })
      );
    }),
    { numRuns: 1_000 },
  );
});
