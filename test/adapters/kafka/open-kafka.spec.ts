import { Effect } from "effect";
import { expect, it } from "vitest";
import { openKafka } from "../../../src/adapters/kafka/open-kafka.ts";

it("kafkajs is always there, and makes no connection until something is asked of it", async () => {
  const log = await Effect.runPromise(openKafka("kafkajs", { brokers: ["127.0.0.1:1"] }));
  expect(Object.keys(log).sort()).toEqual(["publisher", "source", "topics"]);
});

it("a mistake in how the cluster is reached is said at once, whichever client is chosen", () => {
  for (const client of ["kafkajs", "rdkafka"] as const) {
    expect(() => openKafka(client, { brokers: ["localhost"] })).toThrow("a broker is given as host:port");
  }
});
