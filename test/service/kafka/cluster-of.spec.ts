import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { channelId } from "../../../src/domain/ids.ts";
import { clusterOf } from "../../../src/service/kafka/cluster-of.ts";
import { groupOf, topicsOf } from "../../../src/service/kafka/topics-of.ts";
import { configOf } from "../config-of.ts";

const EMAIL = channelId("email");
const BROKERS = { MILLRACE_KAFKA_BROKERS: "kafka-1:9092, kafka-2:9092" };

describe("clusterOf", () => {
  it("is empty where no brokers are named: Postgres is the log", () => {
    expect(clusterOf(configOf({}).kafka)).toBeNull();
    expect(clusterOf(configOf({ MILLRACE_KAFKA_BROKERS: "none" }).kafka)).toBeNull();
  });

  it("says where the brokers are, and who we are, in the clear to the client alone", () => {
    const { kafka } = configOf({
      ...BROKERS,
      MILLRACE_KAFKA_TLS: "on",
      MILLRACE_KAFKA_SASL: "scram-sha-512",
      MILLRACE_KAFKA_USERNAME: "millrace",
      MILLRACE_KAFKA_PASSWORD: "not-for-a-log",
    });
    expect(clusterOf(kafka)).toMatchObject({
      brokers: ["kafka-1:9092", "kafka-2:9092"],
      tls: true,
      sasl: { mechanism: "scram-sha-512", username: "millrace", password: "not-for-a-log" },
    });
    expect(JSON.stringify(kafka)).not.toContain("not-for-a-log");
  });

  it("refuses authorities that cannot be read, by the name of the setting and without the file's contents", () => {
    const folder = mkdtempSync(join(tmpdir(), "millrace-cluster-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "ca.pem");
    const withFile = () =>
      clusterOf(configOf({ ...BROKERS, MILLRACE_KAFKA_TLS: "on", MILLRACE_KAFKA_TLS_CA_FILE: file }).kafka);
    expect(withFile).toThrow(`kafka.tlsCaFile: ${file} cannot be read`);
    writeFileSync(file, "a private key by mistake");
    expect(withFile).toThrow(/certificates in PEM/);
    expect(withFile).not.toThrow(/private/);
  });
});

describe("topicsOf", () => {
  it("names a topic and a group for each channel", () => {
    const { kafka } = configOf({
      ...BROKERS,
      MILLRACE_KAFKA_REQUEST_TOPIC: "bills",
      MILLRACE_KAFKA_GROUP: "g",
    });
    const topics = topicsOf(kafka, [EMAIL]);
    expect(topics.request(EMAIL)).toBe("bills.email");
    expect(topics.plans.map(({ name }) => name)).toEqual([
      "bills.email",
      "millrace.result",
      "millrace.dead-letter",
    ]);
    expect(groupOf(kafka, EMAIL)).toBe("g.email");
  });
});
