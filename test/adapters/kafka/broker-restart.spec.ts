/**
 * What becomes of work when its only broker is killed and started again, and when its topic is deleted and made anew: nothing that
 * was published is missing at the end, and what is seen again can be named.
 */
import { Effect, Result } from "effect";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { KafkaLog, KafkaPublisher } from "../../../src/adapters/kafka/kafka-log.ts";
import { kafkajsTopicAdmin, LazyAdmin } from "../../../src/adapters/kafka/kafkajs/topic-admin.ts";
import { openKafka } from "../../../src/adapters/kafka/open-kafka.ts";
import type { LogEvent } from "../../../src/adapters/kafka/log-events.ts";
import type { LogMessage } from "../../../src/adapters/kafka/log-message.ts";
import type { TopicAdmin } from "../../../src/adapters/kafka/topic-plan.ts";
import { deadLetter, pipeline, stage } from "../../../src/index.ts";
import { describeOnOwnBroker, type OwnBroker, ownBroker } from "../../support/own-broker.ts";
import { describeByClient, Waiters } from "../../support/kafka-clients.ts";

/** Where a text was read. */
interface Reading {
  readonly partition: number;
  readonly offset: number;
}

const CREDITS = 20;
const WORK_MS = 10;
/** A broker's own restart takes four seconds on an idle machine, and twenty on a busy one. */
const RESTART_WITHIN_MS = 60_000;
/** A topic that was deleted is told to be unknown for a moment; whoever publishes asks again so often at most. */
const MOST_TRIES = 200;

const numbered = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, at) => `number ${from + at}`);

/** Every text that was read, and where; tells when all of some are there. */
class Readings extends Waiters {
  readonly of = new Map<string, Reading[]>();

  note(text: string, reading: Reading): void {
    this.of.set(text, [...(this.of.get(text) ?? []), reading]);
    this.look();
  }

  all(texts: readonly string[]): Promise<void> {
    return this.until(() => texts.every((text) => this.of.has(text)));
  }
}

describeByClient(describeOnOwnBroker, "the only broker", (client) => {
  let broker: OwnBroker;
  let log: KafkaLog;
  let offsets: LazyAdmin;
  let admin: TopicAdmin;
  let publisher: KafkaPublisher<string>;
  beforeAll(async () => {
    // a group whose members are gone is to be free again sooner than ten seconds
    broker = await ownBroker(() => "group.min.session.timeout.ms=1000");
    const cluster = { brokers: [broker.address] };
    log = await Effect.runPromise(openKafka(client, cluster));
    offsets = new LazyAdmin(cluster);
    admin = kafkajsTopicAdmin(cluster);
    publisher = log.publisher<string>({
      wire: ({ key, body, headers }) =>
        Result.succeed({ topic: body, key, value: Buffer.from(key), headers }),
    });
  });
  afterAll(async () => {
    await Effect.runPromise(Effect.all([publisher.close, admin.close]));
    await offsets.close();
    await broker.close();
  });

  const make = (name: string, partitions: number): Promise<void> =>
    Effect.runPromise(
      admin.create([{ name, partitions, replication: 1, retentionMs: 3_600_000, recordBytes: 10_000 }]),
    );

  /** As whoever knows what has to be there: what is not said to be taken goes again. Gives what may be there twice. */
  const publishAll = async (topic: string, texts: readonly string[]): Promise<Set<string>> => {
    const doubtful = new Set<string>();
    let left = texts;
    for (let tries = 1; left.length > 0; tries += 1) {
      if (tries > MOST_TRIES) throw new Error(`${left.length} records are not taken`);
      const outcomes = await Effect.runPromise(
        publisher.publish(left.map((key) => ({ key, body: topic, headers: {} }))),
      );
      const again: string[] = [];
      for (const [at, text] of left.entries()) {
        const outcome = outcomes[at];
        if (outcome === undefined || Result.isSuccess(outcome)) continue;
        again.push(text);
        if (outcome.failure._tag === "Unconfirmed") doubtful.add(text);
      }
      left = again;
    }
    return doubtful;
  };

  const worker = (topic: string, groupId: string) => {
    const readings = new Readings();
    const told: LogEvent[] = [];
    const running = pipeline({
      name: "worker",
      source: log.source({
        ...{ topic, groupId, maxWaitMs: 50, heartbeatMs: 100, sessionTimeoutMs: 2_000, commitEveryMs: 20 },
        body: (message) => message,
        told: (event) => told.push(event),
      }),
      window: { credits: CREDITS },
      flow: (messages) =>
        messages.pipe(
          stage({
            ...{ name: "work", concurrency: CREDITS, retry: false },
            work: async ({ value, partition, offset }: LogMessage) => {
              await new Promise((resolve) => setTimeout(resolve, WORK_MS));
              readings.note(Buffer.from(value ?? []).toString("utf8"), { partition, offset });
            },
          }),
        ),
      diversions: { work: deadLetter },
      deadLetters: { write: () => Effect.die("nothing here is to die") },
    }).start();
    running.on(({ type }) => {
      if (type === "offset:commit:done") readings.look();
    });
    /** What came again, or was published twice, has been worked on as well. */
    const caughtUp = (): Promise<void> =>
      readings.until(() =>
        running
          .health()
          .partitions.every(({ lag, committed, position }) => lag === 0 && committed === position),
      );
    return { readings, running, told, caughtUp };
  };

  const isCommitted = async (groupId: string, topic: string): Promise<boolean> => {
    const committed = await offsets.committed(groupId, topic);
    const bounds = await offsets.bounds(topic);
    return [...bounds].every(([partition, { high }]) => high === 0 || committed.get(partition) === high);
  };

  it(
    "is killed and started again with work in hand: everything is worked on, and only what was not committed comes again",
    async () => {
      const [topic, groupId] = ["restarted", "workers-of-restarted"];
      await make(topic, 4);
      const [before, after] = [numbered(0, 1_500), numbered(1_500, 3_000)];
      expect((await publishAll(topic, before)).size).toBe(0);
      const { readings, running, told, caughtUp } = worker(topic, groupId);
      await readings.until(() => readings.of.size >= 300);
      const committed = await offsets.committed(groupId, topic);

      const publishing = publishAll(topic, after);
      await broker.kill();
      await broker.restart();
      const doubtful = await publishing;
      await readings.all([...before, ...after]);
      await caughtUp();
      await running.drain();

      expect(new Set(readings.of.keys())).toEqual(new Set([...before, ...after]));
      expect(await isCommitted(groupId, topic)).toBe(true);
      expect(told.map(({ type }) => type)).toContain("broker:away:seen");
      // one text at two places was published again, because nobody knew; one place read twice was not committed
      const twice = [...readings.of].filter(([, places]) => places.length > 1);
      for (const [text, places] of twice) {
        const distinct = new Set(places.map(({ partition, offset }) => `${partition}@${offset}`));
        if (distinct.size > 1) expect(doubtful).toContain(text);
        if (distinct.size === places.length) continue;
        for (const { partition, offset } of places) {
          expect(offset).toBeGreaterThanOrEqual(committed.get(partition) ?? 0);
        }
      }
    },
    RESTART_WITHIN_MS,
  );

  it("has a topic deleted and made anew while it is read: what is in the new one is worked on, from its beginning", async () => {
    const [topic, groupId] = ["made-anew", "workers-of-made-anew"];
    await make(topic, 2);
    const [before, after, later] = [numbered(0, 500), numbered(500, 600), numbered(600, 1_200)];
    await publishAll(topic, before);
    const { readings, running, caughtUp } = worker(topic, groupId);
    await readings.all(before);

    await offsets.use((own) => own.deleteTopics({ topics: [topic] }));
    while ((await Effect.runPromise(admin.describe([topic])))[0] !== null);
    await make(topic, 2);
    // fewer than the old one had: by that the group sees that its positions are of another log
    const doubtful = await publishAll(topic, after);
    await readings.all(after);
    for (const text of await publishAll(topic, later)) doubtful.add(text);
    await readings.all(later);
    await caughtUp();
    await running.drain();

    expect(readings.of.size).toBe(before.length + after.length + later.length);
    expect(await isCommitted(groupId, topic)).toBe(true);
    for (const [text, places] of readings.of) {
      const distinct = new Set(places.map(({ partition, offset }) => `${partition}@${offset}`));
      if (distinct.size > 1) expect(doubtful).toContain(text);
    }
  });
});
