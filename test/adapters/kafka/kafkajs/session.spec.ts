import { Effect } from "effect";
import { afterAll, afterEach, expect, it } from "vitest";
import { openSession } from "../../../../src/adapters/kafka/kafkajs/session.ts";
import type { LogSession } from "../../../../src/adapters/kafka/log-source.ts";
import type { LogEvent } from "../../../../src/adapters/kafka/log-events.ts";
import { type KafkaSourceOptions, settingsOf } from "../../../../src/adapters/kafka/source-settings.ts";
import { cluster, describeOnKafka, freshName, freshTopics } from "../../../support/kafka.ts";
import { clusterWorld, Waiters } from "../../../support/kafka-clients.ts";

describeOnKafka("a session over kafkajs", () => {
  const topics = freshTopics();
  const world = clusterWorld("kafkajs");
  const sessions: LogSession[] = [];
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.close();
  });
  afterAll(() => topics.close());

  const opened = (topic: string, groupId: string, options: Partial<KafkaSourceOptions<string>> = {}) => {
    const heard: string[] = [];
    const told: LogEvent[] = [];
    const waiters = new Waiters();
    let epoch = 0;
    const note = (line: string): void => {
      heard.push(line);
      waiters.look();
    };
    const settings = settingsOf<string>(
      {
        ...{ topic, groupId, body: () => "", maxWaitMs: 50, heartbeatMs: 100, commitEveryMs: 0 },
        told: (event) => told.push(event),
        ...options,
      },
      () => (epoch += 1),
    );
    const session = openSession(cluster, settings, {
      assigned: (partition, ofAssignment, position) =>
        note(`assigned ${partition} #${ofAssignment} at ${position}`),
      revoked: (partition) => Effect.sync(() => note(`revoked ${partition}`)),
      lost: (partition) => note(`lost ${partition}`),
    });
    sessions.push(session);
    return { session, heard, told, waiters };
  };
  const taken = async (session: LogSession, count: number): Promise<readonly number[]> => {
    const offsets: number[] = [];
    while (offsets.length < count) {
      const some = session.take({ records: count - offsets.length, bytes: Infinity });
      offsets.push(...some.map(({ offset }) => offset));
      if (some.length > 0) continue;
      await new Promise<void>((resolve) => {
        const forget = session.whenFed(() => {
          forget();
          resolve();
        });
      });
    }
    return offsets;
  };

  it("is open when its first positions are known, and hands over what is asked for", async () => {
    const topic = await topics.make(1);
    await world.append(topic, 0, ["a", "b", "c"]);
    const { session, heard, told } = opened(topic, freshName("group"));
    expect(await session.opened).toBeNull();
    expect(heard).toEqual(["assigned 0 #1 at 0"]);
    expect(await taken(session, 2)).toEqual([0, 1]);
    expect(await taken(session, 1)).toEqual([2]);
    expect(session.lag("0", 1)).toBe(2);
    expect(told.map(({ type }) => type)).toEqual(["group:join:done"]);
  });

  it("brings everything through a read-ahead that holds a few records only", async () => {
    const topic = await topics.make(1);
    const texts = Array.from({ length: 200 }, (_, at) => `text ${at}`);
    await world.append(topic, 0, texts);
    const small = { bufferBytes: 1_000, partitionFetchBytes: 1_000 };
    const { session } = opened(topic, freshName("group"), small);
    expect(await taken(session, 200)).toEqual(texts.map((_, at) => at));
  });

  it("commits for the assignment that holds, and for none before", async () => {
    const topic = await topics.make(1);
    await world.append(topic, 0, ["a", "b"]);
    const groupId = freshName("group");
    const { session } = opened(topic, groupId);
    await session.opened;
    expect(
      await session.commit([
        { partition: "0", epoch: 1, next: 1 },
        { partition: "0", epoch: 0, next: 2 },
      ]),
    ).toEqual(["committed", "stale"]);
    await session.close();
    expect(await world.committed(groupId, topic)).toEqual(new Map([[0, 1]]));
    expect(await session.commit([{ partition: "0", epoch: 1, next: 2 }])).toEqual(["stale"]);
  });

  it("tells of a rebalance before it loses what another gets, and goes on with the rest", async () => {
    const topic = await topics.make(2);
    const groupId = freshName("group");
    const one = opened(topic, groupId);
    await one.session.opened;
    const other = opened(topic, groupId);
    await other.session.opened;
    await one.waiters.until(() => one.heard.filter((line) => line.startsWith("assigned")).length === 3);
    const lost = one.heard.filter((line) => line.startsWith("lost"));
    expect(one.heard).toContain("revoked 0");
    expect(one.heard).toContain("revoked 1");
    expect(lost).toHaveLength(1);
    expect(other.heard).toHaveLength(1);
  });

  it("that was closed fails with that, and has nobody left to tell", async () => {
    const topic = await topics.make(1);
    const { session, heard } = opened(topic, freshName("group"));
    await session.opened;
    const before = heard.length;
    await session.close();
    expect(session.failure).toMatchObject({ code: "kafka:closed" });
    expect(heard).toHaveLength(before);
  });
});
