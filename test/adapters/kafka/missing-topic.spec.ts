/**
 * A topic that is not there: whoever opens it for the first time is told so soon, for it may be a mistake; whoever has read it before
 * waits, also when it has closed and opens anew meanwhile, because what was deleted may be made again.
 */
import { Effect, Exit } from "effect";
import { expect, it } from "vitest";
import type { LogEvent } from "../../../src/adapters/kafka/log-events.ts";
import type { AssignmentListener } from "../../../src/streams/runtime/source.ts";
import { cluster, describeOnKafka, freshName } from "../../support/kafka.ts";
import { clusterWorld, describeByClient, Waiters } from "../../support/kafka-clients.ts";
import { LazyAdmin } from "../../../src/adapters/kafka/kafkajs/topic-admin.ts";

/** More tries than a topic has that is only new. */
const TRIES = 4;

const NOBODY: AssignmentListener = {
  assigned: () => undefined,
  revoked: () => Effect.void,
  lost: () => undefined,
};

class Told extends Waiters {
  aways = 0;

  readonly hear = (event: LogEvent): void => {
    if (event.type === "broker:away:seen") this.aways += 1;
    this.look();
  };
}

describeByClient(describeOnKafka, "a topic that is not there", (client) => {
  const world = clusterWorld(client);
  const source = (topic: string, told: Told) =>
    world.log().source({ topic, groupId: freshName("group"), body: () => "", told: told.hear });

  it("fails the first opening", async () => {
    const own = source(freshName("nowhere"), new Told());
    const failure = await Effect.runPromise(Effect.flip(own.open(NOBODY)));
    expect(failure).toMatchObject({ _tag: "Permanent", code: "kafka:UNKNOWN_TOPIC_OR_PARTITION" });
    await Effect.runPromise(own.close);
  });

  it("is waited for by a source that has read it before, in whichever of its openings", async () => {
    const topic = await world.makeTopic(1);
    const told = new Told();
    const own = source(topic, told);
    await Effect.runPromise(own.open(NOBODY));
    await Effect.runPromise(own.close);
    const admin = new LazyAdmin(cluster);
    await admin.use((client) => client.deleteTopics({ topics: [topic] }));
    await admin.close();

    const before = told.aways;
    let ended: Exit.Exit<void, unknown> | null = null;
    const opening = Effect.runPromiseExit(own.open(NOBODY)).then((exit) => {
      ended = exit;
      told.look();
    });
    await told.until(() => ended !== null || told.aways >= before + TRIES);
    expect(ended).toBeNull();
    await world.makeTopic(1, topic);
    await opening;
    expect(ended).toEqual(Exit.void);
    await Effect.runPromise(own.close);
  });
});
