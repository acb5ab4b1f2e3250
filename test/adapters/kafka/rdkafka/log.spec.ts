import { expect, it } from "vitest";
import { rdkafkaLog } from "../../../../src/adapters/kafka/rdkafka/log.ts";
import { scriptedBinding } from "../../../support/scripted-rdkafka.ts";

it("a cluster is known by host:port, and a mistake in it is said when it is made", () => {
  const { binding } = scriptedBinding();
  expect(() => rdkafkaLog(binding, { brokers: ["kafka-1.example:9092"] })).not.toThrow();
  expect(() => rdkafkaLog(binding, { brokers: ["kafka-1.example"] })).toThrow(
    "a broker is given as host:port",
  );
});

it("its sources can be waited for when their partitions are taken", () => {
  const { binding } = scriptedBinding();
  const source = rdkafkaLog(binding, { brokers: ["a.example:9092"] }).source({
    ...{ topic: "t", groupId: "g", body: () => "" },
  });
  expect([source.name, source.can.awaitedRevocation]).toEqual(["t of g", true]);
});
