import { describe, expect, it } from "vitest";
import { type FoundTopic, inSyncOf, topicPlans, troublesOf } from "../../../src/adapters/kafka/topic-plan.ts";
import { channelId } from "../../../src/domain/ids.ts";

const email = channelId("email");
const sms = channelId("sms");

describe("a topic plan", () => {
  it("has a topic for each channel's requests, one for results and one for dead letters", () => {
    const topics = topicPlans({ channels: [email, sms] });
    expect(topics.plans.map(({ name, partitions, replication }) => [name, partitions, replication])).toEqual([
      ["millrace.request.email", 8, 3],
      ["millrace.request.sms", 8, 3],
      ["millrace.result", 4, 3],
      ["millrace.dead-letter", 4, 3],
    ]);
    expect(topics.request(sms)).toBe("millrace.request.sms");
  });

  it("takes names, sizes and retention from the configuration", () => {
    const topics = topicPlans({
      channels: [email],
      requestTopic: (channel) => `bills.${channel}.v1`,
      resultTopic: "bills.result",
      requestPartitions: 16,
      replication: 1,
      retentionMs: 3_600_000,
    });
    expect(topics.plans[0]).toMatchObject({
      name: "bills.email.v1",
      partitions: 16,
      replication: 1,
      retentionMs: 3_600_000,
    });
    expect(topics.result).toBe("bills.result");
  });

  it.each([
    [{ resultTopic: "no spaces" }, /named by letters/],
    [{ resultTopic: ".." }, /named by letters/],
    [{ resultTopic: "x".repeat(250) }, /named by letters/],
    [{ requestPartitions: 0 }, /requestPartitions is a whole number from 1, not 0/],
    [{ replication: 1.5 }, /replication is a whole number/],
    [{ resultTopic: "millrace.dead-letter" }, /two topics have the name millrace.dead-letter/],
    [{ requestTopic: () => "one-for-all" }, /two topics have the name one-for-all/],
  ])("is refused with %j", (options, message) => {
    expect(() => topicPlans({ channels: [email, sms], ...options })).toThrow(message);
  });
});

describe("what stands between a plan and what there is", () => {
  const [plan] = topicPlans({ channels: [email] }).plans;
  if (plan === undefined) throw new Error("there is a plan");
  const found: FoundTopic = { ...plan, recordBytes: 1_048_588, inSync: 2 };
  const kinds = (topic: FoundTopic | null): readonly (readonly [string, boolean])[] =>
    troublesOf(plan, topic).map(({ kind, isFatal }) => [kind, isFatal]);

  it("is nothing where all is as planned, or more", () => {
    expect(kinds(found)).toEqual([]);
    const unknown = { retentionMs: null, recordBytes: null, inSync: null };
    expect(kinds({ ...found, partitions: 64, replication: 5, ...unknown })).toEqual([]);
  });

  it("is fatal only where nothing could be published or consumed", () => {
    expect(kinds(null)).toEqual([["missing", true]]);
    expect(kinds({ ...found, recordBytes: 1_000 })).toEqual([["smaller-records", true]]);
    expect(kinds({ ...found, partitions: 4, replication: 1, retentionMs: 1_000 })).toEqual([
      ["fewer-partitions", false],
      ["lower-replication", false],
      ["shorter-retention", false],
    ]);
    expect(kinds({ ...found, inSync: 1 })).toEqual([["fewer-in-sync", false]]);
  });

  it("asks of three copies that two have a record, and of fewer copies nothing", () => {
    expect([1, 2, 3, 5].map((replication) => inSyncOf({ replication }))).toEqual([1, 1, 2, 2]);
    expect(kinds({ ...found, replication: 1, inSync: 1 })).toEqual([["lower-replication", false]]);
  });

  it("is said with the command that mends it", () => {
    expect(troublesOf(plan, null)[0]?.words).toBe(
      'there is no topic millrace.request.email: make it with "millrace topics create"',
    );
    expect(troublesOf(plan, { ...found, partitions: 4 })[0]?.words).toBe(
      'topic millrace.request.email has 4 partitions, not 8: add the others with "millrace topics create", or configure what it has',
    );
  });
});
