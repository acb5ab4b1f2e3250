import { describe, expect, it } from "vitest";
import {
  consumerSettings,
  libraryBytes,
  Member,
  type MemberListener,
} from "../../../../src/adapters/kafka/rdkafka/member.ts";
import { settingsOf } from "../../../../src/adapters/kafka/source-settings.ts";
import { scriptedBinding } from "../../../support/scripted-rdkafka.ts";

const settings = settingsOf<string>({ topic: "t", groupId: "g", body: () => "" }, () => 1);

const born = (throwing?: () => never) => {
  const { binding, consumer } = scriptedBinding();
  const heard: string[] = [];
  let changed = (): void => undefined;
  const hear = (line: string): void => {
    heard.push(line);
    changed();
  };
  const listener: MemberListener = {
    assigned: (partitions) => hear(`assigned ${partitions.join()}`),
    revoked: (isLost) => hear(isLost ? "lost" : "revoked"),
    fetched: (messages) => {
      throwing?.();
      hear(`fetched ${messages.map(({ offset }) => offset).join()}`);
    },
    troubled: ({ type }) => hear(type),
  };
  const member = new Member(binding, { brokers: ["a.example:9092"] }, settings, listener);
  const until = async (line: string): Promise<void> => {
    while (!heard.includes(line)) await new Promise<void>((resolve) => (changed = resolve));
  };
  return { member, consumer, heard, until, dead: member.live() };
};

describe("a member of a group, by librdkafka", () => {
  it("tells of what it is given, what it fetches, and what goes wrong, and goes on", async () => {
    const { member, consumer, until, dead } = born();
    const client = await consumer(0);
    client.assign(0, 1);
    await until("assigned 0,1");
    client.bring(1, 3, 4);
    await until("fetched 3,4");
    client.fail({ code: 7, message: "" });
    await until("REQUEST_TIMED_OUT");
    client.bring(1, 5);
    await until("fetched 5");
    await member.stop();
    expect(await dead).toBeNull();
  });

  it("gives its partitions back by itself while it goes, so that going does not wait for anybody", async () => {
    const { member, consumer, heard } = born();
    const client = await consumer(0);
    client.assign(0);
    const stopping = member.stop();
    client.revoke(0);
    expect(client.calls).toContain("unassign");
    expect(heard).not.toContain("revoked");
    await stopping;
    expect(client.calls.at(-1)).toBe("disconnect");
  });

  it("dies of what its listener throws, and goes all the same", async () => {
    const { member, consumer, dead } = born(() => {
      throw new RangeError("a mistake");
    });
    const client = await consumer(0);
    client.bring(0, 0);
    expect(await dead).toMatchObject({ message: "a mistake" });
    await member.stop();
    expect(client.calls.at(-1)).toBe("disconnect");
  });

  it("commits one after the other, and each is answered by its own answer", async () => {
    const { member, consumer } = born();
    const client = await consumer(0);
    client.refusals.push({ code: 22, message: "" });
    const [first, second] = await Promise.allSettled([
      member.commit(new Map([[0, 5]])),
      member.commit(new Map([[0, 6]])),
    ]);
    expect(first).toMatchObject({ status: "rejected", reason: { type: "ILLEGAL_GENERATION" } });
    expect(second).toEqual({ status: "fulfilled", value: true });
    expect(client.calls.filter((call) => call.startsWith("commit"))).toEqual(["commit 0@5", "commit 0@6"]);
    await member.stop();
    expect(await member.commit(new Map([[0, 7]]))).toBe(false);
  });

  it("knows what was committed, and no more of the log than it has seen", async () => {
    const { member, consumer } = born();
    const client = await consumer(0);
    client.committedOffsets.set(1, 9);
    expect(await member.committed([0, 1])).toEqual(new Map([[1, 9]]));
    expect(member.seen(0)).toBeNull();
    client.bounds.set(0, { lowOffset: 2, highOffset: 8 });
    expect(member.seen(0)).toEqual({ low: 2, high: 8 });
    expect(await member.bounds(0)).toEqual({ low: 2, high: 8 });
    await member.stop();
  });

  it("leaves the library half of what may wait, and a rebalance no less time than a session", () => {
    expect(libraryBytes({ bufferBytes: 16_384 })).toBe(8_192);
    const set = consumerSettings({
      ...settings,
      bufferBytes: 16_384,
      rebalanceTimeoutMs: 1,
      sessionTimeoutMs: 10,
    });
    expect(set["queued.max.messages.kbytes"]).toBe(8);
    expect(set["max.poll.interval.ms"]).toBe(10);
    expect(set["enable.auto.commit"]).toBe(false);
    expect(consumerSettings({ ...settings, bufferBytes: 10 })["queued.max.messages.kbytes"]).toBe(1);
  });
});
