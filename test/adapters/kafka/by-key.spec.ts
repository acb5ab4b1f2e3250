/**
 * Order by key over a real broker: a pipeline that knows nothing of notices, fifty customers on eight partitions. Whatever comes
 * between (tries again at once and later, members that join and leave or are cut off, a restart), of each customer the first
 * effects come in the order in which the records lie in the log.
 */
import { Effect } from "effect";
import { expect, it } from "vitest";
import type { KafkaLog } from "../../../src/adapters/kafka/kafka-log.ts";
import type { LogEvent } from "../../../src/adapters/kafka/log-events.ts";
import type { LogMessage } from "../../../src/adapters/kafka/log-message.ts";
import { Transient } from "../../../src/failure.ts";
import { deadLetter, pipeline, retryLater, type Running, stage } from "../../../src/index.ts";
import { describeOnKafka, freshName } from "../../support/kafka.ts";
import { describeByClient, clusterWorld, type KeyedText, Waiters } from "../../support/kafka-clients.ts";
import { dice } from "../../support/seeded.ts";

const CUSTOMERS = 50;
const PARTITIONS = 8;
const SEEDS = [1, 2, 3];
/** Of records that are published while each guest comes and goes, and after it. */
const ROUND_RECORDS = 500;
const GUESTS = ["drains", "aborts", "drains"] as const;
/** A record that fails more often than it is tried in place is put off, and keeps those behind it waiting. */
const TRIES_IN_PLACE = 3;
const OFTEN = 6;
/** No record fails as often as this in all. */
const MOST_TRIES = 20;
const LONGEST_WORK_MS = 8;
const WITHIN_MS = 120_000;

/** One effect, at the moment when it takes place. */
interface EffectSeen {
  readonly customer: string;
  readonly partition: number;
  readonly offset: number;
  readonly member: string;
}

const placeOf = ({ partition, offset }: EffectSeen): string => `${partition}@${offset}`;

/** What has taken place, by all members in one line; tells when there is enough of it. */
class Book extends Waiters {
  readonly effects: EffectSeen[] = [];
  readonly #places = new Set<string>();

  get distinct(): number {
    return this.#places.size;
  }

  note(effect: EffectSeen): void {
    this.effects.push(effect);
    this.#places.add(placeOf(effect));
    this.look();
  }

  /** Of each customer the offsets in the order of their first effects. */
  firstEffects(): ReadonlyMap<string, readonly number[]> {
    const lines = new Map<string, Set<number>>();
    for (const { customer, offset } of this.effects) {
      const line = lines.get(customer) ?? new Set<number>();
      lines.set(customer, line.add(offset));
    }
    return new Map([...lines].map(([customer, line]) => [customer, [...line]]));
  }
}

/** One member of the group: how often it tries what, and how long that takes, is the seed's to say. */
const memberOf = (log: KafkaLog, topic: string, groupId: string, book: Book, seed: number) => {
  const draw = dice(seed);
  const name = String(seed);
  const failures = new Map<string, number>();
  const held = { count: 0, joins: 0 };
  const told = (event: LogEvent): void => {
    if (event.type !== "group:join:done") return;
    held.count = event.partitions.length;
    held.joins += 1;
    book.look();
  };
  /** A seventh of the records fails once or a few times; some of those so often that they are put off. */
  const failuresLeft = (place: string): number => {
    const left = failures.get(place) ?? (draw(7) === 0 ? draw(OFTEN) : 0);
    failures.set(place, left - 1);
    return left;
  };
  const running: Running = pipeline({
    name: "movements",
    source: log.source<LogMessage>({
      ...{ topic, groupId, told, commitEveryMs: 20, maxWaitMs: 50, heartbeatMs: 100, revokeDeadlineMs: 500 },
      body: (message) => message,
    }),
    order: "byKey",
    window: { credits: 200 },
    flow: (messages) =>
      messages.pipe(
        stage({
          ...{ name: "book", concurrency: 200, retry: { times: TRIES_IN_PLACE - 1, firstMs: 2 } },
          work: async ({ key, partition, offset }: LogMessage) => {
            await new Promise((resolve) => setTimeout(resolve, draw(LONGEST_WORK_MS)));
            const place = `${partition}@${offset}`;
            if (failuresLeft(place) > 0) throw new Transient({ message: `${place} is busy` });
            const customer = Buffer.from(key ?? []).toString("utf8");
            book.note({ customer, partition, offset, member: name });
          },
        }),
      ),
    diversions: {
      book: (diversion) =>
        diversion.failure._tag === "Transient" ? retryLater(20, MOST_TRIES) : deadLetter(),
    },
    deadLetters: { write: () => Effect.die("nothing here is to die") },
  }).start();
  const repeats = new Set<string>();
  running.on((event) => {
    if (event.type === "record:repeat:seen") repeats.add(event.record);
    if (event.type === "offset:commit:done") book.look();
  });
  const isCaughtUp = (): boolean =>
    running.health().partitions.every(({ lag, committed, position }) => lag === 0 && committed === position);
  return { running, held, name, repeats, isCaughtUp };
};

describeByClient(describeOnKafka, "by key over a real broker", (client) => {
  const world = clusterWorld(client);

  it.concurrent.each(SEEDS)(
    "first effects follow arrival, over tries again, members that come and go, and a clean restart (seed %i)",
    async (seed) => {
      const [topic, groupId] = [await world.makeTopic(PARTITIONS), freshName("group")];
      const draw = dice(seed);
      const book = new Book();
      const anyCustomers = (): readonly KeyedText[] =>
        Array.from({ length: ROUND_RECORDS }, () => ({ key: `customer-${draw(CUSTOMERS)}` }));
      const member = (number: number) => memberOf(world.log(), topic, groupId, book, seed * 100 + number);

      const host = member(0);
      let published = 0;
      for (const [number, leaves] of GUESTS.entries()) {
        await world.publish(topic, anyCustomers());
        published += ROUND_RECORDS;
        const guest = member(number + 1);
        await book.until(() => guest.held.count > 0 && host.held.count < PARTITIONS);
        await world.publish(topic, anyCustomers());
        published += ROUND_RECORDS;
        const enough = book.effects.length + draw(ROUND_RECORDS / 2);
        await book.until(() => book.effects.length >= enough || book.distinct === published);
        const { joins } = host.held;
        if (leaves === "drains") await guest.running.drain(1_000);
        else await guest.running.abort();
        await book.until(() => host.held.joins > joins && host.held.count === PARTITIONS);
      }
      await book.until(() => book.distinct === published && host.isCaughtUp());

      const half = book.distinct + draw(ROUND_RECORDS);
      await world.publish(topic, anyCustomers());
      await book.until(() => book.distinct >= half);
      await host.running.drain();
      const doneBefore = new Set(book.effects.map(placeOf));
      const next = member(GUESTS.length + 1);
      await book.until(() => book.distinct === published + ROUND_RECORDS && next.isCaughtUp());
      await next.running.drain();

      for (const [customer, line] of book.firstEffects()) {
        expect(line, customer).toEqual([...line].sort((one, other) => one - other));
      }
      // what had been done comes again only where something before it in its partition was left undone
      const restarted = book.effects.filter(({ member: by }) => by === next.name);
      const left = restarted.filter((own) => !doneBefore.has(placeOf(own)));
      for (const { partition, offset } of restarted.filter((own) => doneBefore.has(placeOf(own)))) {
        expect(left.some((one) => one.partition === partition && one.offset < offset)).toBe(true);
      }
      // whatever one member has worked on twice, it has told of
      const own = book.effects.filter(({ member: by }) => by === host.name).map(placeOf);
      const twice = own.filter((place, at) => own.indexOf(place) < at);
      expect(twice.filter((place) => !host.repeats.has(place))).toEqual([]);
      expect(await world.isCommitted(groupId, topic)).toBe(true);
    },
    WITHIN_MS,
  );
});
