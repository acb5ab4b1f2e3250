import { afterAll, expect, it } from "vitest";
import { type Fetched, Member, type MemberListener } from "../../../../src/adapters/kafka/kafkajs/member.ts";
import { LazyAdmin } from "../../../../src/adapters/kafka/kafkajs/topic-admin.ts";
import { settingsOf } from "../../../../src/adapters/kafka/source-settings.ts";
import { cluster, describeOnKafka, freshName, freshTopics } from "../../../support/kafka.ts";
import { clusterWorld, Waiters } from "../../../support/kafka-clients.ts";

/** What a member tells, for as long as it lives. */
class Ear extends Waiters implements MemberListener {
  readonly joins: (readonly number[])[] = [];
  readonly fetches: Fetched[] = [];
  rebalances = 0;
  takes = true;

  readonly joined = (partitions: readonly number[]): void => {
    this.joins.push(partitions);
    this.look();
  };
  readonly rebalancing = (): void => {
    this.rebalances += 1;
    this.look();
  };
  readonly fetched = (fetched: Fetched): boolean => {
    this.fetches.push(fetched);
    this.look();
    return this.takes;
  };
}

describeOnKafka("a member of a group, by kafkajs", () => {
  const topics = freshTopics();
  const world = clusterWorld("kafkajs");
  const offsets = new LazyAdmin(cluster);
  afterAll(async () => {
    await offsets.close();
    await topics.close();
  });
  const born = (topic: string, groupId: string) => {
    const ear = new Ear();
    const limits = settingsOf({ topic, groupId, body: () => "", maxWaitMs: 50, heartbeatMs: 100 }, () => 1);
    const member = new Member(cluster, groupId, topic, limits, ear);
    return { ear, member, dead: member.live() };
  };

  it("tells of its partitions and of each fetch, and ends with nothing to say when it is stopped", async () => {
    const topic = await topics.make(2);
    await world.append(topic, 1, ["a", "b"]);
    const { ear, member, dead } = born(topic, freshName("group"));
    await ear.until(() => ear.fetches.length > 0);
    expect(ear.joins).toEqual([[0, 1]]);
    const [first] = ear.fetches;
    expect(first).toMatchObject({ partition: 1, from: 0, next: 2, high: 2 });
    expect(first?.messages.map(({ value }) => value?.toString())).toEqual(["a", "b"]);
    await member.stop();
    expect(await dead).toBeNull();
  });

  it("stays where it was when nobody takes what it fetched", async () => {
    const topic = await topics.make(1);
    await world.append(topic, 0, ["a"]);
    const { ear, member } = born(topic, freshName("group"));
    ear.takes = false;
    await ear.until(() => ear.fetches.length > 2);
    expect(new Set(ear.fetches.map(({ from }) => from))).toEqual(new Set([0]));
    await member.stop();
  });

  it("commits what it is told, and says when it is too late for that", async () => {
    const topic = await topics.make(1);
    await world.append(topic, 0, ["a", "b"]);
    const groupId = freshName("group");
    const { ear, member } = born(topic, groupId);
    await ear.until(() => ear.fetches.length > 0);
    expect(await member.commit(new Map([[0, 2]]))).toBe(true);
    expect(await offsets.committed(groupId, topic)).toEqual(new Map([[0, 2]]));
    await member.stop();
    const late = await member.commit(new Map([[0, 1]])).catch(() => false);
    expect(late).toBe(false);
    expect(await offsets.committed(groupId, topic)).toEqual(new Map([[0, 2]]));
  });

  it("tells of a rebalance when another comes, and of what is left to it", async () => {
    const topic = await topics.make(2);
    const groupId = freshName("group");
    const one = born(topic, groupId);
    await one.ear.until(() => one.ear.joins.length === 1);
    const other = born(topic, groupId);
    await Promise.all([
      one.ear.until(() => one.ear.joins.at(-1)?.length === 1),
      other.ear.until(() => other.ear.joins.at(-1)?.length === 1),
    ]);
    expect(one.ear.rebalances).toBeGreaterThan(0);
    await Promise.all([one.member.stop(), other.member.stop()]);
  });

  it("dies of a topic that is not there", async () => {
    const { dead } = born(freshName("nowhere"), freshName("group"));
    expect(await dead).toBeInstanceOf(Error);
  });
});
