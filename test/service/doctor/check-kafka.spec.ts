/** By the whole command: `test/service/commands/doctor.spec.ts`. */
import { describe, expect, it } from "vitest";
import { topicsCommand } from "../../../src/service/commands/topics.ts";
import { checkKafka } from "../../../src/service/doctor/check-kafka.ts";
import { cluster, describeOnKafka, freshName } from "../../support/kafka.ts";
import { calling } from "../calling.ts";
import { configOf } from "../config-of.ts";

describe("what a doctor says of the log", () => {
  it("is fine without brokers: the database is the log", async () => {
    expect(await checkKafka(configOf({}))).toEqual([
      { check: "log", health: "ok", words: "Postgres, as kafka.brokers is not set", fix: null },
    ]);
  });

  it("is in the way where nobody answers, with the setting", async () => {
    const [only, ...more] = await checkKafka(configOf({ MILLRACE_KAFKA_BROKERS: "127.0.0.1:1" }));
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      ...{ check: "log", health: "fail" },
      fix: expect.stringContaining("kafka.brokers (MILLRACE_KAFKA_BROKERS)") as string,
    });
  });

  it("is in the way where a file of authorities cannot be read", async () => {
    const config = configOf({
      MILLRACE_KAFKA_BROKERS: "127.0.0.1:1",
      MILLRACE_KAFKA_TLS: "on",
      MILLRACE_KAFKA_TLS_CA_FILE: "no-such-file.pem",
    });
    expect(await checkKafka(config)).toMatchObject([{ check: "log", health: "fail" }]);
  });
});

describeOnKafka("what a doctor says of the topics", () => {
  const environment = {
    MILLRACE_KAFKA_BROKERS: cluster.brokers.join(","),
    MILLRACE_KAFKA_REQUEST_TOPIC: freshName("request"),
    MILLRACE_KAFKA_RESULT_TOPIC: freshName("result"),
    MILLRACE_KAFKA_DEAD_LETTER_TOPIC: freshName("dead-letter"),
    MILLRACE_KAFKA_REPLICATION: "1",
  };

  it("is in the way where they are missing, fine when they are made, and worth knowing where they are small", async () => {
    const missing = await checkKafka(configOf(environment));
    expect(missing.map(({ check, health }) => `${check} ${health}`)).toEqual([
      ...["log ok", "topics fail", "topics fail", "topics fail", "topics fail"],
    ]);
    expect(missing[1]?.fix).toBe('make it with "millrace topics create"');

    expect(await calling([topicsCommand], { environment })("topics", "create")).toMatchObject({ code: 0 });
    expect(await checkKafka(configOf(environment))).toMatchObject([
      { check: "log", health: "ok" },
      { check: "topics", health: "ok", words: "4, each as planned" },
    ]);

    const more = { ...environment, MILLRACE_KAFKA_OTHER_PARTITIONS: "6", MILLRACE_KAFKA_REPLICATION: "2" };
    const small = await checkKafka(configOf(more));
    expect(small.filter(({ health }) => health === "fail")).toEqual([]);
    expect(small.map(({ words }) => words)).toContainEqual(
      expect.stringContaining("has 4 partitions, not 6"),
    );
    expect(small.find(({ words }) => words.includes("1 replicas, not 2"))?.fix).toContain(
      "millrace topics plan",
    );
  });
});
