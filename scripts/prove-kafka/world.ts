/**
 * A service on Kafka under proof: dispatchers, workers and upkeep as processes, a gateway in a process of its own, bills, and runs
 * that are opened one after the other, so that there is work whenever it is disturbed.
 */
import { LazyAdmin } from "../../src/adapters/kafka/kafkajs/topic-admin.ts";
import type { Started } from "../../test/support/compile-program.ts";
import type { OwnBroker } from "../../test/support/broker-by-script.ts";
import {
  BRIEF,
  type GatewayClass,
  gatewayFlags,
  type GatewayThere,
  startGateway,
  writeBills,
} from "../../test/service/end-to-end/november.ts";
import { type OnKafka, onKafka } from "../../test/service/end-to-end/on-kafka.ts";
import { openPlace, type Place } from "../../test/service/end-to-end/place.ts";
import { SendsAtKills } from "../../test/service/end-to-end/sends-at-kills.ts";
import { Crew } from "../prove-kills/crew.ts";
import { Draw } from "../../test/support/draw.ts";
import { type KeptRunning, keepRunning } from "../prove-kills/keep-running.ts";
import { lastWords, type Telling } from "../prove-kills/proof.ts";
import { isSettled } from "../prove-kills/settled.ts";
import { Supply } from "./supply.ts";

/** Where the brokers are, and how they are killed where they are ours. */
export interface Brokers {
  readonly address: string;
  readonly replication: 1 | 3;
  readonly own: OwnBroker | null;
}

export interface WorldOptions extends Telling, Pick<OnKafka, "client" | "republishMs"> {
  readonly brokers: Brokers;
  readonly seed: number;
  readonly count: number;
  readonly dispatchers: number;
  readonly workers: number;
  readonly itsClass: GatewayClass;
  /** Of the e-mails, how many the gateway refuses for good: those go by SMS. */
  readonly refusedShare: number;
  readonly latencyMs: number;
  /** About how long the work is to last; empty: as fast as it goes. */
  readonly lastsMs: number | null;
  /** As many notices as are on their way to the gateway wait in each worker, claimed. */
  readonly claimsWait?: boolean;
  readonly deltaMs: number;
  /** Default 6 s; whoever cannot choose a quiet machine takes more. */
  readonly answerWindowMs?: number;
  /** For everything to be settled. */
  readonly patienceMs: number;
  /** How a program is called. Default: from its source. */
  readonly started?: Started;
}

export interface World {
  readonly options: WorldOptions;
  readonly place: Place;
  readonly gateway: GatewayThere;
  readonly flags: readonly string[];
  readonly crew: Crew;
  readonly sends: SendsAtKills;
  readonly runs: KeptRunning;
  readonly supply: Supply;
  readonly draw: Draw;
  /** Notices of one channel in flight in one worker at most. */
  readonly credits: number;
  readonly admin: LazyAdmin;
  /** The topics of the requests. */
  readonly topics: { readonly email: string; readonly sms: string };
  readonly beganMs: number;
  readonly close: () => Promise<void>;
}

const CHANNELS = 2;
/** Runs over which the bills are spread: more than there are steps in any proof. */
const RUNS = 40;
/** A page at least, so that a dispatcher has something to be killed in. */
const FEWEST_OF_RUN = 20;
/** Small, so that a dispatcher has one in hand whenever it is killed. */
const PAGE_COUNT = 20;
const AS_FAST_AS_IT_GOES = 2_000;

/** A doubt has to come from a kill, so an answer is waited for longer than a machine of some load lets it wait. */
const ANSWER_WINDOW_MS = 6_000;

/** How many may be on their way for the work to last that long: each is there for about a latency. */
const sendsFor = ({ lastsMs, count, latencyMs, workers }: WorldOptions): number =>
  lastsMs === null
    ? AS_FAST_AS_IT_GOES
    : Math.max(2, Math.ceil(((count / lastsMs) * Math.max(latencyMs, 50)) / workers));

export const openWorld = async (options: WorldOptions): Promise<World> => {
  const { brokers, itsClass, count, seed, lastsMs, client = "kafkajs", republishMs = 2_000 } = options;
  const sends = sendsFor(options);
  const answerWindowMs = String(options.answerWindowMs ?? ANSWER_WINDOW_MS);
  const credits = options.claimsWait === true ? 2 * sends : sends;
  const cap = lastsMs === null ? count : Math.max(FEWEST_OF_RUN, Math.ceil(count / RUNS));
  const kafka = onKafka(brokers.address, { client, replication: brokers.replication, republishMs });
  const place = options.opened(
    await openPlace(
      {
        ...{ ...BRIEF, ...kafka },
        MILLRACE_DELIVERY_ANSWER_WINDOW_MS: answerWindowMs,
        MILLRACE_UPKEEP_ANSWER_WINDOW_MS: answerWindowMs,
        MILLRACE_DELIVERY_WINDOW_CREDITS: String(credits),
        MILLRACE_DISPATCH_PAGE_SIZE: String(lastsMs === null ? 500 : PAGE_COUNT),
        MILLRACE_DISPATCH_CAP_PER_RUN: String(cap),
      },
      options.started,
    ),
  );
  const admin = new LazyAdmin({ brokers: brokers.address.split(","), clientId: "millrace-proof" });
  const close = async (): Promise<void> => {
    await admin.close();
    await place.close();
  };
  try {
    await demand(place, "topics", "create");
    const faults = JSON.stringify({ refuses: options.refusedShare });
    const gateway = await startGateway(
      place,
      ...["--class", itsClass, "--latency", String(options.latencyMs), "--seed", String(seed)],
      ...["--faults", faults, "--faulty-channel", "email"],
    );
    const most = options.claimsWait === true ? [`maxInFlight=${sends}`] : [];
    const flags = [
      ...gatewayFlags(gateway.url, itsClass, options.deltaMs),
      ...["email", "sms"].flatMap((channel) =>
        most.flatMap((each) => ["--set", `providers.${channel}.${each}`]),
      ),
    ];
    await demand(place, "ingest", await writeBills(place, count), "--json");
    const crew = new Crew(place, flags);
    crew.add("upkeep");
    for (let nth = 0; nth < options.workers; nth += 1) crew.add("deliver");
    for (let nth = 0; nth < options.dispatchers; nth += 1) crew.add("dispatch");
    await crew.ready();
    const name = kafka.MILLRACE_KAFKA_REQUEST_TOPIC;
    const enough = 2 * sends * options.workers;
    const supply = new Supply(
      async () =>
        (await countOf({ place }, "millrace.notice WHERE status IN ('queued', 'claimed', 'sending')")) <
        enough,
    );
    return {
      ...{ options, place, gateway, flags, crew, credits, admin, close },
      sends: new SendsAtKills(place),
      runs: keepRunning(place, crew, supply.wanted),
      supply,
      draw: new Draw(seed),
      topics: { email: `${name}.email`, sms: `${name}.sms` },
      beganMs: performance.now(),
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** In all workers together at most. */
export const mostInFlight = ({ credits, options: { workers } }: World): number =>
  credits * workers * CHANNELS;

/** Runs a command that has to go well. */
export const demand = async (place: Place, ...line: readonly string[]): Promise<void> => {
  const ended = await place.call(...line);
  if (ended.code !== 0) throw new Error(`millrace ${line[0] ?? ""}: ${lastWords(ended)}`);
};

/** How many rows of the ledger; behind its back. */
export const countOf = async ({ place }: Pick<World, "place">, where: string): Promise<number> =>
  (await place.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${where}`))[0]?.n ?? 0;

export const sentOf = (world: Pick<World, "place">): Promise<number> =>
  countOf(world, "millrace.notice WHERE status = 'sent'");

/** Until so many more were sent than now: the work goes on. Where nothing was left to send, nothing would be shown. */
export const goesOn = async (world: World, when: string, more = 1): Promise<void> => {
  const before = await sentOf(world);
  if (!(await hasWork(world, `more is sent ${when}`, async () => (await sentOf(world)) >= before + more)))
    throw new Error(`everything was settled when more was to be sent ${when}: give more with --count`);
};

/** Until it is so, with work to be had all the time. False where nothing was left to send. */
export const hasWork = async (
  { place, options, supply }: Pick<World, "place" | "options" | "supply">,
  what: string,
  look: () => Promise<boolean>,
): Promise<boolean> => {
  let isOver = false;
  await supply.whileWaiting(() =>
    place.until(`${what}, or nothing is left to send`, async () => {
      isOver = await isSettled(place, options.itsClass);
      return isOver || (await look());
    }),
  );
  return !isOver;
};
