/**
 * Partitions that are added to a topic while it is published to and read: nobody is told, both sides find them by themselves, and
 * every record is written once and worked on.
 */
import { Effect } from "effect";
import { expect, it } from "vitest";
import type { LogMessage } from "../../../src/adapters/kafka/log-message.ts";
import { deadLetter, pipeline, stage } from "../../../src/index.ts";
import { cluster, describeOnKafka, freshName } from "../../support/kafka.ts";
import { describeByClient, clusterWorld, Waiters } from "../../support/kafka-clients.ts";

const BEFORE = 2;
const AFTER = 6;
const PAGE_RECORDS = 100;

class Readings extends Waiters {
  /** By text, the places where it was read. */
  readonly places = new Map<string, Set<string>>();
  readonly partitions = new Set<number>();

  note({ value, partition, offset }: LogMessage): void {
    const text = Buffer.from(value ?? []).toString("utf8");
    this.places.set(text, (this.places.get(text) ?? new Set()).add(`${partition}@${offset}`));
    this.partitions.add(partition);
    this.look();
  }
}

describeByClient(describeOnKafka, "partitions that are added", (client) => {
  const world = clusterWorld(client, { ...cluster, metadataMaxAgeMs: 200 });

  it("are found by whoever publishes and by whoever reads: each record is written once, and worked on", async () => {
    const [topic, groupId] = [await world.makeTopic(BEFORE), freshName("group")];
    const readings = new Readings();
    const running = pipeline({
      name: "reader",
      source: world.log().source<LogMessage>({
        ...{ topic, groupId, commitEveryMs: 20, maxWaitMs: 50, heartbeatMs: 100 },
        body: (message) => message,
      }),
      flow: (messages) =>
        messages.pipe(
          stage({
            name: "note",
            work: async (message: LogMessage) => {
              await new Promise((resolve) => setImmediate(resolve));
              readings.note(message);
            },
          }),
        ),
      diversions: { note: deadLetter },
      deadLetters: { write: () => Effect.die("nothing here is to die") },
    }).start();

    let published = 0;
    const publishPage = async (): Promise<void> => {
      const page = Array.from({ length: PAGE_RECORDS }, (_, at) => ({ key: `number ${published + at}` }));
      published += PAGE_RECORDS;
      await world.publish(topic, page);
    };
    await publishPage();
    await readings.until(() => readings.places.size === published);
    expect(readings.partitions.size).toBe(BEFORE);

    let isAdded = false;
    const adding = world.addPartitions(topic, AFTER).then(() => {
      isAdded = true;
    });
    while (!isAdded) await publishPage();
    await adding;
    while (readings.partitions.size < AFTER) await publishPage();
    await readings.until(() => readings.places.size === published);
    await running.drain();

    expect([...readings.places.values()].filter(({ size }) => size !== 1)).toEqual([]);
    expect(await world.isCommitted(groupId, topic)).toBe(true);
  });
});
