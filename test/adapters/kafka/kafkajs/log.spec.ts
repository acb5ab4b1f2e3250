import { expect, it } from "vitest";
import { kafkajsLog } from "../../../../src/adapters/kafka/kafkajs/log.ts";

it("a cluster is known by host:port, and a mistake in it is said when it is made", () => {
  for (const brokers of [["localhost:9092"], ["kafka-1.example:9092", "10.0.0.7:9093"], ["[::1]:9092"]]) {
    expect(() => kafkajsLog({ brokers })).not.toThrow();
  }
  expect(() => kafkajsLog({ brokers: [] })).toThrow("at least one broker is needed, as host:port");
  for (const broker of ["localhost", "kafka://localhost:9092", "localhost:port", "a b:9092", ""]) {
    expect(() => kafkajsLog({ brokers: [broker] })).toThrow("a broker is given as host:port");
  }
});
