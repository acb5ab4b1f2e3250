/**
 * A real broker for specs. Its address comes from MILLRACE_TEST_KAFKA (`host:port`, several with commas); the broker must not
 * make topics by itself. Without one these suites are not run, and counted as such; in CI that is a failure.
 *
 * Each spec makes topics and groups of its own, so any number of runs may share a broker.
 */
import { randomBytes } from "node:crypto";
import { Effect } from "effect";
import { describe } from "vitest";
import type { ClusterOptions } from "../../src/adapters/kafka/cluster-options.ts";
import { kafkajsTopicAdmin } from "../../src/adapters/kafka/kafkajs/topic-admin.ts";

const given = process.env["MILLRACE_TEST_KAFKA"] ?? "";

if (given === "" && process.env["CI"] === "true") {
  throw new Error("CI has to give a broker: set MILLRACE_TEST_KAFKA to its host:port");
}

export const cluster: ClusterOptions = {
  brokers: given === "" ? ["127.0.0.1:9"] : given.split(","),
  clientId: "millrace-test",
};

/** A suite that needs the broker. */
export const describeOnKafka = describe.skipIf(given === "");

export const freshName = (what: string): string => `${what}-${randomBytes(6).toString("hex")}`;

/** Makes topics, and takes away at the end what it made. */
export const freshTopics = () => {
  const admin = kafkajsTopicAdmin(cluster);
  return {
    admin,
    make: async (partitions: number, name = freshName("topic"), recordBytes = 1_048_588): Promise<string> => {
      const plan = { name, partitions, replication: 1, retentionMs: 3_600_000, recordBytes };
      await Effect.runPromise(admin.create([plan]));
      return name;
    },
    close: () => Effect.runPromise(admin.close),
  };
};
