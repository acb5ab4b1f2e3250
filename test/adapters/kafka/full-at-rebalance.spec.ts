/**
 * A partition of which enough lies here is fetched no further. If it is given back then, and comes again, it is fetched again: a
 * client that remembers the pause beyond the assignment would keep it from everybody, and nobody would see why.
 */
import { Effect } from "effect";
import { expect, it } from "vitest";
import { describeOnKafka, freshName } from "../../support/kafka.ts";
import { clusterWorld, describeByClient, Waiters } from "../../support/kafka-clients.ts";

const PARTITIONS = 2;
/** Many times what a source holds. */
const RECORDS = 1_500;
const KIB = 1_024;
/** So often it is given back full, and comes again. */
const VISITS = 2;

describeByClient(describeOnKafka, "a member that holds all it may", (client) => {
  const world = clusterWorld(client);

  it("reads on when its partitions were given to another, and come back", { timeout: 120_000 }, async () => {
    const topic = await world.makeTopic(PARTITIONS);
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const texts = Array.from({ length: RECORDS }, (_, at) => `${at} `.padEnd(KIB, "."));
      await world.append(topic, partition, texts);
    }
    const groupId = freshName("group");
    const limits = { bufferBytes: 64 * KIB, partitionFetchBytes: 16 * KIB, maxWaitMs: 50, heartbeatMs: 100 };
    const source = world.log().source({ topic, groupId, ...limits, body: () => "" });
    const ear = new Waiters();
    const held = new Set<string>();
    let assignments = 0;
    await Effect.runPromise(
      source.open({
        assigned: (partition) => {
          assignments += 1;
          held.add(partition);
          ear.look();
        },
        revoked: () => Effect.void,
        lost: (partition) => {
          held.delete(partition);
          ear.look();
        },
      }),
    );
    try {
      for (let visit = 0; visit < VISITS; visit += 1) {
        // one that is handed over: the rest of it, and more, is on its way
        await Effect.runPromise(source.pull({ records: 1, bytes: Infinity }));
        const before = assignments;
        const other = world.log().source({ topic, groupId, ...limits, body: () => "" });
        await Effect.runPromise(
          other.open({ assigned: () => undefined, revoked: () => Effect.void, lost: () => undefined }),
        );
        await Effect.runPromise(other.close);
        await ear.until(() => held.size === PARTITIONS && assignments >= before + PARTITIONS);
      }
      const seen = new Set<string>();
      while (seen.size < PARTITIONS * RECORDS) {
        const { records } = await Effect.runPromise(source.pull({ records: 500, bytes: Infinity }));
        for (const { partition, offset } of records) seen.add(`${partition}@${offset}`);
      }
      expect(seen.size).toBe(PARTITIONS * RECORDS);
    } finally {
      await Effect.runPromise(source.close);
    }
  });
});
