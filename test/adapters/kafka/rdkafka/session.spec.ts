import { Effect } from "effect";
import { afterEach, describe, expect, it } from "vitest";
import type { LogEvent } from "../../../../src/adapters/kafka/log-events.ts";
import { openSession } from "../../../../src/adapters/kafka/rdkafka/session.ts";
import type { LogSession } from "../../../../src/adapters/kafka/log-source.ts";
import { type KafkaSourceOptions, settingsOf } from "../../../../src/adapters/kafka/source-settings.ts";
import { scriptedBinding } from "../../../support/scripted-rdkafka.ts";

const sessions: LogSession[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
});

/** A session over a scripted client, what its reader hears, and the work that a revocation waits for. */
const opened = (options: Partial<KafkaSourceOptions<string>> = {}) => {
  const { binding, consumer } = scriptedBinding();
  const heard: string[] = [];
  const told: LogEvent[] = [];
  let finish = (): void => undefined;
  const work = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let epoch = 0;
  const settings = settingsOf<string>(
    {
      ...{ topic: "t", groupId: "g", body: () => "", commitEveryMs: 0, told: (event) => told.push(event) },
      ...options,
    },
    () => (epoch += 1),
  );
  const session = openSession(binding, { brokers: ["a.example:9092"] }, settings, {
    assigned: (partition, ofAssignment, position) =>
      heard.push(`assigned ${partition} #${ofAssignment} at ${position}`),
    revoked: (partition) =>
      Effect.promise(async () => {
        heard.push(`revoked ${partition}`);
        await work;
      }),
    lost: (partition) => heard.push(`lost ${partition}`),
  });
  sessions.push(session);
  return { session, consumer, heard, told, finish };
};
const offsets = (session: LogSession, records = 100): readonly string[] =>
  session.take({ records, bytes: Infinity }).map(({ partition, offset }) => `${partition}@${offset}`);
const fed = (session: LogSession): Promise<void> =>
  new Promise((resolve) => {
    const forget = session.whenFed(() => {
      forget();
      resolve();
    });
  });

describe("a session over librdkafka", () => {
  it("is open when its partitions are assigned at exact positions: what was committed, as long as that exists", async () => {
    const { session, consumer, heard } = opened();
    const client = await consumer(0);
    client.committedOffsets.set(0, 7);
    client.committedOffsets.set(1, 500);
    client.assign(0, 1, 2);
    expect(await session.opened).toBeNull();
    expect(client.calls).toContain("assign 0@7,1@0,2@0");
    expect(heard).toEqual(["assigned 0 #1 at 7", "assigned 1 #2 at 0", "assigned 2 #3 at 0"]);
  });

  it("gives its partitions back when their work has ended, and what is committed until then counts", async () => {
    const { session, consumer, heard, finish } = opened();
    const client = await consumer(0);
    client.assign(0);
    await session.opened;
    client.bring(0, 0, 1);
    await fed(session);
    client.revoke(0);
    expect(heard.at(-1)).toBe("revoked 0");
    expect(offsets(session)).toEqual([]);
    expect(await session.commit([{ partition: "0", epoch: 1, next: 2 }])).toEqual(["committed"]);
    expect(client.calls).not.toContain("unassign");
    finish();
    await client.called("unassign");
    expect(await session.commit([{ partition: "0", epoch: 1, next: 2 }])).toEqual(["stale"]);
    expect(heard).not.toContain("lost 0");
  });

  it("gives them back at the deadline, whatever its work does", async () => {
    const { session, consumer } = opened({ revokeDeadlineMs: 10 });
    const client = await consumer(0);
    client.assign(0);
    await session.opened;
    client.revoke(0);
    await client.called("unassign");
  });

  it("has lost them at once where the group has given it up", async () => {
    const { session, consumer, heard } = opened();
    const client = await consumer(0);
    client.assign(0);
    await session.opened;
    client.say({ severity: 4, fac: "SESSTMOUT", message: "timed out" });
    client.revoke(0);
    await client.called("unassign");
    expect(heard).toEqual(["assigned 0 #1 at 0", "lost 0"]);
  });

  it("never takes a late record of an earlier assignment for one of the new", async () => {
    const { session, consumer, finish } = opened();
    const client = await consumer(0);
    client.assign(0);
    await session.opened;
    finish();
    client.revoke(0);
    await client.called("unassign");
    client.bring(0, 5);
    client.bring(1, 0);
    const again = fed(session);
    client.assign(1);
    await client.called("assign", 2);
    await again;
    expect(offsets(session)).not.toContain("0@5");
  });

  it("holds a partition up that has its share, and asks for it again at half of it", async () => {
    const { session, consumer } = opened({ bufferBytes: 400 });
    const client = await consumer(0);
    client.assign(0);
    await session.opened;
    client.bring(0, 0, 1, 2, 3, 4, 5);
    await client.called("pause 0");
    expect(offsets(session, 1)).toEqual(["0@0"]);
    expect(client.calls).not.toContain("resume 0");
    expect(offsets(session, 5)).toHaveLength(5);
    expect(client.calls).toContain("resume 0");
  });

  it("gives back what it held up as it got it: going", async () => {
    const { session, consumer, finish } = opened({ bufferBytes: 400 });
    const client = await consumer(0);
    client.assign(0, 1);
    await session.opened;
    client.bring(0, 0, 1, 2, 3, 4, 5);
    await client.called("pause 0");
    finish();
    client.revoke(0, 1);
    await client.called("unassign");
    expect(client.calls.slice(-2)).toEqual(["resume 0", "unassign"]);
  });

  it("goes to the beginning of a log that was made anew, as a new assignment, and back where a record was only late", async () => {
    const { session, consumer, heard, told } = opened();
    const client = await consumer(0);
    client.committedOffsets.set(0, 50);
    client.assign(0);
    await session.opened;
    client.bring(0, 40);
    await client.called("seek 0@50");
    await client.called("resume 0");
    client.bounds.set(0, { lowOffset: 0, highOffset: 3 });
    client.bring(0, 0);
    await client.called("seek 0@0");
    await client.called("resume 0", 2);
    expect(heard).toEqual(["assigned 0 #1 at 50", "lost 0", "assigned 0 #2 at 0"]);
    expect(told.map(({ type }) => type)).toContain("log:begin-anew:seen");
  });

  it("lives on where a seek fails of a partition that was given back meanwhile", async () => {
    const { session, consumer, heard, told, finish } = opened();
    const client = await consumer(0);
    client.committedOffsets.set(0, 5);
    client.holdsSeeks = true;
    client.assign(0);
    await session.opened;
    client.bring(0, 3);
    await client.called("seek 0@5");
    finish();
    client.revoke(0);
    await client.called("unassign");
    client.assign(0);
    await client.called("assign", 2);
    client.heldSeeks[0]?.({ code: -172, message: "Local: Erroneous state" });
    client.bring(0, 5);
    await fed(session);
    expect(offsets(session)).toEqual(["0@5"]);
    expect(heard.at(-1)).toBe("assigned 0 #2 at 5");
    expect(told.map(({ type }) => type)).not.toContain("broker:away:seen");
  });

  it("says that brokers are away, and that they are back with its partitions still its own", async () => {
    const { session, consumer, told } = opened();
    const client = await consumer(0);
    client.assign(0);
    await session.opened;
    client.told.tell("event.error", { code: -1, message: "all broker connections are down" });
    while (told.filter(({ type }) => type === "group:join:done").length < 2)
      await new Promise((resolve) => setImmediate(resolve));
    expect(told.map(({ type }) => type)).toEqual([
      ...["group:join:done", "broker:away:seen", "group:join:done"],
    ]);
  });

  it("is replaced where waiting may mend it, and fails where none does", async () => {
    const { session, consumer, heard } = opened();
    const client = await consumer(0);
    client.assign(0);
    await session.opened;
    client.fail({ code: 3, message: "" });
    const next = await consumer(1);
    expect(heard.at(-1)).toBe("lost 0");
    expect(client.calls).toContain("disconnect");
    next.fail({ code: 30, message: "" });
    await fed(session);
    expect(session.failure).toMatchObject({ _tag: "Permanent", code: "kafka:GROUP_AUTHORIZATION_FAILED" });
  });

  it("fails with what to do where a line says that the broker refuses us", async () => {
    const { session, consumer } = opened();
    const client = await consumer(0);
    const message = "x: SASL authentication error: Authentication failed";
    client.say({ severity: 3, fac: "FAIL", message });
    expect(await session.opened).toMatchObject({ code: "kafka:SASL_AUTHENTICATION_FAILED" });
  });

  it("answers a commit that nobody answers as stale when it is closed", async () => {
    const { session, consumer } = opened();
    const client = await consumer(0);
    client.assign(0);
    await session.opened;
    client.refusals.push("no answer");
    const answer = session.commit([{ partition: "0", epoch: 1, next: 1 }]);
    await client.called("commit");
    await session.close();
    expect(await answer).toEqual(["stale"]);
  });
});
