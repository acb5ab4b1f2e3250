import { Effect } from "effect";
import type { Producer } from "kafkajs";
import { afterAll, beforeAll } from "vitest";
import { CALL_RETRY, kafkaClient } from "../../../src/adapters/kafka/kafkajs/client.ts";
import type { AssignmentListener, OffsetSource } from "../../../src/streams/runtime/source.ts";
import { logSourceContract, type LogWorld } from "../../contracts/source-contract.ts";
import { openKafka } from "../../../src/adapters/kafka/open-kafka.ts";
import { cluster, describeOnKafka, freshName, freshTopics } from "../../support/kafka.ts";
import { describeByClient, Waiters } from "../../support/kafka-clients.ts";

const PARTITIONS = ["0", "1", "2"];

/** Hears what its reader is told of its partitions, so that a test can wait for it. */
class Ear extends Waiters {
  readonly held = new Map<string, number>();

  listening(to: AssignmentListener): AssignmentListener {
    return {
      assigned: (partition, epoch, position) => {
        to.assigned(partition, epoch, position);
        this.held.set(partition, epoch);
        this.look();
      },
      revoked: to.revoked,
      lost: (partition) => {
        to.lost(partition);
        this.held.delete(partition);
        this.look();
      },
    };
  }
}

describeByClient(describeOnKafka, "a topic of a real broker", (client) => {
  const topics = freshTopics();
  let producer: Producer | undefined;
  beforeAll(async () => {
    producer = kafkaClient(cluster).producer({ allowAutoTopicCreation: false, retry: CALL_RETRY });
    await producer.connect();
  });
  afterAll(async () => {
    await producer?.disconnect();
    await topics.close();
  });

  const world = async (): Promise<LogWorld> => {
    const topic = await topics.make(PARTITIONS.length);
    const groupId = freshName("group");
    const log = await Effect.runPromise(openKafka(client, cluster));
    const ear = new Ear();
    let open: OffsetSource<string> | null = null;

    /** Another member comes and goes: everything is taken in order, and comes back. */
    const disturb = async (): Promise<void> => {
      const before = new Map(ear.held);
      const other = log.source({ topic, groupId, body: () => "" });
      await Effect.runPromise(
        other.open({ assigned: () => undefined, revoked: () => Effect.void, lost: () => undefined }),
      );
      await Effect.runPromise(other.close);
      await ear.until(() =>
        PARTITIONS.every((partition) => (ear.held.get(partition) ?? 0) > (before.get(partition) ?? 0)),
      );
    };

    return {
      partitions: PARTITIONS,
      append: async (partition, body) => {
        await producer?.send({
          topic,
          acks: -1,
          messages: [{ partition: Number(partition), key: "k", value: body }],
        });
      },
      reader: () => {
        const source = log.source({
          ...{ topic, groupId, commitEveryMs: 0, maxWaitMs: 50, heartbeatMs: 100 },
          body: ({ value }) => Buffer.from(value ?? []).toString("utf8"),
        });
        open = source;
        return {
          ...source,
          open: (listener) => Effect.suspend(() => source.open(ear.listening(listener))),
        };
      },
      reassign: disturb,
      revoke: disturb,
      end: () => Promise.resolve(),
      close: async () => {
        if (open !== null) await Effect.runPromise(Effect.ignore(open.close));
      },
    };
  };

  logSourceContract(
    client,
    {
      ...{ runs: 5, ends: false, knowsLag: true, weighs: true },
      // kafkajs tells of a rebalance and goes on; librdkafka waits until its partitions are given back
      revocation: client === "kafkajs" ? "announced" : "awaited",
    },
    world,
  );
});
