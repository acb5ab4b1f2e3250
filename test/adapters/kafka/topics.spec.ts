import { Effect, Result } from "effect";
import { describe, expect, it } from "vitest";
import {
  type FoundTopic,
  type TopicAdmin,
  type TopicPlan,
  topicPlans,
  inSyncOf,
} from "../../../src/adapters/kafka/topic-plan.ts";
import { checkTopics, createTopics, demandTopics } from "../../../src/adapters/kafka/topics.ts";
import { channelId } from "../../../src/domain/ids.ts";

/** A broker that has topics and nothing else. */
class TopicsInMemory implements TopicAdmin {
  readonly has = new Map<string, FoundTopic>();
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

const { plans } = topicPlans({ channels: [channelId("email")], replication: 1 });

describe("the topics of a service", () => {
  it("are made where they are missing, and nothing is done twice", async () => {
    const admin = new TopicsInMemory();
    expect((await Effect.runPromise(checkTopics(admin, plans))).map(({ kind }) => kind)).toEqual([
      "missing",
      "missing",
      "missing",
    ]);
    expect(await Effect.runPromise(createTopics(admin, plans))).toEqual([]);
    const made = new Map(admin.has);
    expect(await Effect.runPromise(createTopics(admin, plans))).toEqual([]);
    expect(admin.has).toEqual(made);
  });

  it("get the partitions that are missing, and keep what else they are", async () => {
    const admin = new TopicsInMemory();
    for (const plan of plans)
      admin.has.set(plan.name, { ...plan, partitions: 2, retentionMs: 1_000, inSync: 2 });
    const left = await Effect.runPromise(createTopics(admin, plans));
    expect(left.map(({ kind }) => kind)).toEqual([
      "shorter-retention",
      "shorter-retention",
      "shorter-retention",
    ]);
    expect(admin.has.get("millrace.request.email")).toMatchObject({ partitions: 8, retentionMs: 1_000 });
  });

  it("are demanded at the start, with every word of what is fatal", async () => {
    const admin = new TopicsInMemory();
    await Effect.runPromise(admin.create(plans.slice(0, 1)));
    const demanded = await Effect.runPromise(Effect.result(demandTopics(admin, plans)));
    expect(Result.isFailure(demanded) && demanded.failure).toMatchObject({
      _tag: "Permanent",
      code: "kafka:topic-missing",
      message:
        'there is no topic millrace.result: make it with "millrace topics create"; there is no topic millrace.dead-letter: make it with "millrace topics create"',
    });
    await Effect.runPromise(createTopics(admin, plans));
    expect(await Effect.runPromise(demandTopics(admin, plans))).toEqual([]);
  });
});
