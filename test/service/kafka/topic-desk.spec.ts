/** The words and commands around it: `test/service/commands/topics.spec.ts`. */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import {
  type FoundTopic,
  inSyncOf,
  type TopicAdmin,
  type TopicPlan,
} from "../../../src/adapters/kafka/topic-plan.ts";
import {
  atTopics,
  isToMend,
  lookAtTopics,
  makeTopics,
  plannedTopics,
} from "../../../src/service/kafka/topic-desk.ts";
import { configOf } from "../config-of.ts";

/** A cluster whose topics somebody else may be making, too. */
class Topics implements TopicAdmin {
  readonly has: Map<string, FoundTopic>;
  constructor(...found: readonly FoundTopic[]) {
    this.has = new Map(found.map((topic) => [topic.name, topic]));
  }
  readonly describe = (names: readonly string[]) =>
    Effect.sync(() => names.map((name) => this.has.get(name) ?? null));
  readonly create = (topics: readonly TopicPlan[]) =>
    Effect.sync(() => {
      for (const topic of topics) this.has.set(topic.name, { ...topic, inSync: inSyncOf(topic) });
    });
  readonly addPartitions = (name: string, upTo: number) =>
    Effect.sync(() => {
      const topic = this.has.get(name);
      if (topic !== undefined) this.has.set(name, { ...topic, partitions: upTo });
    });
  readonly close = Effect.void;
}

const plans = plannedTopics(configOf({}));

describe("the planned topics", () => {
  it("are those of every channel that has a provider, of the results and of the dead letters", () => {
    expect(plans.map(({ name }) => name)).toEqual([
      ...["millrace.request.email", "millrace.request.sms"],
      ...["millrace.result", "millrace.dead-letter"],
    ]);
    const one = configOf({
      MILLRACE_PROVIDERS_LETTER_KIND: "simulated",
      MILLRACE_KAFKA_REQUEST_TOPIC: "post",
      MILLRACE_KAFKA_REQUEST_PARTITIONS: "3",
    });
    expect(plannedTopics(one)[0]).toMatchObject({ name: "post.letter", partitions: 3, replication: 3 });
  });

  it("are refused where two would have one name, with the settings that name them", () => {
    const config = configOf({});
    const twice = { ...config, kafka: { ...config.kafka, resultTopic: "millrace.request.sms" } };
    expect(() => plannedTopics(twice)).toThrow(
      /two topics have the name millrace.request.sms.*kafka.resultTopic/,
    );
  });
});

describe("the desk of the topics", () => {
  it("refuses without brokers, and says where they are written", async () => {
    await expect(atTopics(configOf({}), () => Promise.resolve("asked"))).rejects.toThrow(
      "MILLRACE_KAFKA_BROKERS",
    );
  });

  it("tells what is missing, what is too small, and what may stay as it is", async () => {
    const [email, sms, result] = plans;
    if (email === undefined || sms === undefined || result === undefined) throw new Error("there are four");
    const topics = new Topics(
      { ...email, partitions: 2, inSync: 2 },
      { ...sms, replication: 1, inSync: 1 },
      { ...result, recordBytes: 10, inSync: null },
    );
    const views = await Effect.runPromise(lookAtTopics(topics, plans));
    expect(
      views.flatMap(({ troubles }) => troubles).map((trouble) => [trouble.kind, isToMend(trouble)]),
    ).toEqual([
      ["fewer-partitions", true],
      ["lower-replication", false],
      ["smaller-records", true],
      ["missing", true],
    ]);
  });

  it("makes what is missing, adds partitions, says what it did, and has nothing to do the next time", async () => {
    const [email] = plans;
    if (email === undefined) throw new Error("there are four");
    const topics = new Topics({ inSync: 2, ...email, partitions: 2, retentionMs: 1 });
    const did = await Effect.runPromise(makeTopics(topics, plans));
    expect(did).toMatchObject({
      made: ["millrace.request.sms", "millrace.result", "millrace.dead-letter"],
      grown: [{ topic: "millrace.request.email", from: 2, to: 8 }],
    });
    expect(did.left.map(({ kind }) => kind)).toEqual(["shorter-retention"]);
    expect(await Effect.runPromise(makeTopics(topics, plans))).toEqual({
      made: [],
      grown: [],
      left: did.left,
    });
  });

  it("does not say that it made what it could not", async () => {
    const topics = new Topics();
    const deaf: TopicAdmin = { ...topics, create: () => Effect.void };
    const did = await Effect.runPromise(makeTopics(deaf, plans));
    expect(did).toMatchObject({ made: [], grown: [] });
    expect(did.left).toHaveLength(plans.length);
  });
});
