import { Effect, Result } from "effect";
import { afterAll, beforeAll, expect, it } from "vitest";
import { LazyAdmin } from "../../../src/adapters/kafka/kafkajs/topic-admin.ts";
import { openKafka } from "../../../src/adapters/kafka/open-kafka.ts";
import { type TopicAdmin, topicPlans } from "../../../src/adapters/kafka/topic-plan.ts";
import { checkTopics, createTopics } from "../../../src/adapters/kafka/topics.ts";
import { channelId } from "../../../src/domain/ids.ts";
import { cluster, describeOnKafka, freshName, freshTopics } from "../../support/kafka.ts";
import { describeByClient } from "../../support/kafka-clients.ts";

describeByClient(describeOnKafka, "topics on a real broker", (client) => {
  const topics = freshTopics();
  const run = Effect.runPromise;
  let own: TopicAdmin;
  beforeAll(async () => {
    own = (await run(openKafka(client, cluster))).topics();
  });
  afterAll(async () => {
    await run(own.close);
    await topics.close();
  });
  const make = async (partitions: number, name = freshName("topic")): Promise<string> => {
    const limits = { replication: 1, retentionMs: 3_600_000, recordBytes: 1_048_588 };
    await run(own.create([{ name, partitions, ...limits }]));
    return name;
  };
  const plansOf = (prefix: string, requestPartitions: number) =>
    topicPlans({
      channels: [channelId("email")],
      requestTopic: (channel) => `${prefix}.request.${channel}`,
      resultTopic: `${prefix}.result`,
      deadLetterTopic: `${prefix}.dead-letter`,
      requestPartitions,
      replication: 1,
    }).plans;

  it("are found missing, made as planned, and found as they are", async () => {
    const plans = plansOf(freshName("made"), 3);
    expect((await run(checkTopics(own, plans))).map(({ kind }) => kind)).toEqual(Array(3).fill("missing"));
    expect(await run(createTopics(own, plans))).toEqual([]);
    const [found] = await run(own.describe(plans.map(({ name }) => name)));
    expect(found).toEqual({
      name: plans[0]?.name,
      partitions: 3,
      replication: 1,
      // the binding of librdkafka cannot read a topic's settings
      retentionMs: client === "kafkajs" ? 7 * 24 * 3_600_000 : null,
      recordBytes: client === "kafkajs" ? 1_048_588 : null,
      inSync: client === "kafkajs" ? 1 : null,
    });
    const [set] = await run(topics.admin.describe([plans[0]?.name ?? ""]));
    expect(set).toMatchObject({ retentionMs: 7 * 24 * 3_600_000, recordBytes: 1_048_588, inSync: 1 });
  });

  it("get partitions added", async () => {
    const prefix = freshName("grown");
    await run(createTopics(own, plansOf(prefix, 2)));
    expect(await run(createTopics(own, plansOf(prefix, 5)))).toEqual([]);
  });

  it("that were deleted are made anew by the admin that has known them", async () => {
    const name = await make(2);
    const other = new LazyAdmin(cluster);
    await other.use((admin) => admin.deleteTopics({ topics: [name] }));
    await other.close();
    while ((await run(own.describe([name])))[0] !== null);
    await make(3, name);
    expect((await run(own.describe([name])))[0]?.partitions).toBe(3);
  });

  it("that somebody else has made meanwhile are left as they are", async () => {
    const name = await make(2);
    expect(await make(4, name)).toBe(name);
    const [found] = await run(own.describe([name]));
    expect(found?.partitions).toBe(2);
  });

  it("say what they cannot be: more replicas than there are brokers", async () => {
    const plan = {
      name: freshName("many"),
      partitions: 1,
      replication: 99,
      retentionMs: 1_000,
      recordBytes: 1,
    };
    const made = await run(Effect.result(own.create([plan])));
    expect(Result.isFailure(made) && made.failure).toMatchObject({
      _tag: "Permanent",
      code: "kafka:INVALID_REPLICATION_FACTOR",
    });
    expect(await run(own.describe([plan.name]))).toEqual([null]);
  });

  it("of a broker that is not there are a failure that passes", async () => {
    const nowhere = (await run(openKafka(client, { ...cluster, brokers: ["127.0.0.1:1"] }))).topics();
    const found = await run(Effect.result(nowhere.describe(["t"])));
    await run(nowhere.close);
    expect(Result.isFailure(found) && found.failure).toMatchObject({ _tag: "Transient" });
  });
});
