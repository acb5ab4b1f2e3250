/**
 * What happens to brokers and topics: killed, their leader killed, a topic deleted and made again. What an operator sees of it is held
 * against what was promised, too.
 */
import type { OwnBroker } from "../../test/support/broker-by-script.ts";
import type { Seat } from "../prove-kills/crew.ts";
import { isReading } from "./by-processes.ts";
import type { Disturbance } from "./proof-on-kafka.ts";
import { demand, goesOn, type World } from "./world.ts";

/** What a process that waits may take to end. */
const ENDS_WITHIN_MS = 10_000;

const reasonOf = async (world: World, seat: Seat): Promise<string | null> => {
  const { checks } = await world.crew.readinessOf(seat);
  const log = checks.find(({ name }) => name === "log");
  return log === undefined || log.ok ? null : log.reason;
};

/** Until `/readyz` of one of them says what is wrong with the log; answers in which words. */
const untilSaid = async (world: World, seats: readonly Seat[]): Promise<string> => {
  let said: readonly string[] = [];
  // whoever has nothing to do need not notice
  await world.supply.whileWaiting(() =>
    world.place.until(`/readyz of ${seats[0]?.role ?? "nobody"} names the log`, async () => {
      const reasons = await Promise.all(seats.map((seat) => reasonOf(world, seat)));
      said = reasons.filter((reason) => reason !== null);
      return said.length > 0;
    }),
  );
  return said[0] ?? "";
};

const untilAllRead = async (world: World): Promise<void> => {
  for (const seat of world.crew.of("deliver")) {
    await world.place.until("every worker reads its topics again", () => isReading(world, seat));
  }
};

const ownOf = ({ options }: World): OwnBroker => {
  const { own } = options.brokers;
  if (own === null) throw new Error("this needs brokers of its own");
  return own;
};

const first = (seats: readonly Seat[]): Seat => {
  const [seat] = seats;
  if (seat === undefined) throw new Error("nobody has this role");
  return seat;
};

/** The only broker is killed, with work under way, and comes back on its own disk. @param saysTwice waits for half a minute more */
export const brokerAway = ({ saysTwice }: { readonly saysTwice: boolean }): Disturbance => ({
  name: "broker",
  disturb: async (world) => {
    const { crew, place, flags, options } = world;
    const wrong: string[] = [];
    const own = ownOf(world);
    await goesOn(world, "before the broker is killed");
    await own.kill();
    const fromMs = performance.now();
    const worker = first(crew.of("deliver"));
    const reason = await untilSaid(world, [worker]);
    options.print(`broker killed; /readyz of a worker: ${reason}`);
    await worker.running.says(/cannot be read \(.*nothing is lost/);
    // whoever has something to tell the log just now: a page of a run, or what nobody has claimed
    const publisherSays = await untilSaid(world, [...crew.of("dispatch"), ...crew.of("upkeep")]);
    options.print(`/readyz of a publisher: ${publisherSays}`);

    const late = place.start(...flags, "serve", "--role", "deliver");
    await late.says(/waiting for the brokers, for \d+ s now[^]*waiting for the brokers, for \d+ s now/);
    const askedMs = performance.now();
    late.kill("SIGTERM");
    const { code, error } = await late.ended;
    const endedMs = performance.now() - askedMs;
    if (code !== 0)
      wrong.push(`who waits for the brokers ended with ${code} at SIGTERM: ${error.slice(-300)}`);
    if (endedMs > ENDS_WITHIN_MS)
      wrong.push(`who waits for the brokers needed ${Math.round(endedMs)} ms to end`);
    if (saysTwice) await worker.running.says(/Still waiting for the brokers: .*cannot be read for \d+ s/);

    await own.restart();
    const awayMs = performance.now() - fromMs;
    const againMs = performance.now();
    await untilAllRead(world);
    await worker.running.says(/is read again, after \d+ s/);
    await goesOn(world, "after the broker is there again");
    const goesOnMs = performance.now() - againMs;
    return {
      wrong,
      figures: {
        ...{ awayMs: Math.round(awayMs), goesOnAfterMs: Math.round(goesOnMs) },
        ...{ reason, publisherSays, endedMs: Math.round(endedMs) },
      },
    };
  },
});

/** Of three nodes the one is killed that leads a partition of the requests. */
export const leaderKilled: Disturbance = {
  name: "leader",
  disturb: async (world) => {
    const { place, admin, topics, options } = world;
    const own = ownOf(world);
    const leader = (): Promise<number> =>
      admin.use(async (client) => {
        const { topics: found } = await client.fetchTopicMetadata({ topics: [topics.email] });
        return found[0]?.partitions.find(({ partitionId }) => partitionId === 0)?.leader ?? -1;
      });
    await goesOn(world, "before the leader is killed");
    const node = await leader();
    await own.kill(node);
    const fromMs = performance.now();
    let next = node;
    await place.until("another node leads the partition", async () => {
      next = await leader().catch(() => node);
      return next !== node && next !== -1;
    });
    const ledMs = performance.now() - fromMs;
    options.print(`node ${node} led partition 0 of ${topics.email} and was killed; node ${next} leads it`);
    await goesOn(world, "while one of three nodes is gone", Math.ceil(options.count / 20));
    const goesOnMs = performance.now() - fromMs;
    await own.restart(node);
    return {
      wrong: [],
      figures: { node, ledBy: next, ledAfterMs: Math.round(ledMs), goesOnAfterMs: Math.round(goesOnMs) },
    };
  },
};

/** The topics of the requests are deleted, with records in them, and made again by the command. */
export const topicMadeAgain: Disturbance = {
  name: "topic",
  disturb: async (world) => {
    const { place, admin, topics, crew, options } = world;
    const names = [topics.email, topics.sms];
    await goesOn(world, "before the topics are deleted");
    await admin.use((client) => client.deleteTopics({ topics: names }));
    await place.until("the topics are gone", () =>
      admin.use(async (client) => {
        const there = await client.listTopics();
        return names.every((name) => !there.includes(name));
      }),
    );
    const fromMs = performance.now();
    const reason = await untilSaid(world, crew.of("deliver"));
    options.print(`the topics of the requests are gone; /readyz of a worker: ${reason}`);
    await demand(place, "topics", "create");
    const againMs = performance.now();
    await untilAllRead(world);
    await goesOn(world, "after the topics were made again");
    return {
      wrong: [],
      figures: {
        ...{ goneMs: Math.round(againMs - fromMs), goesOnAfterMs: Math.round(performance.now() - againMs) },
        reason,
      },
    };
  },
};
