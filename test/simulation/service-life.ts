/**
 * A process of the service in the simulated world: the service's own roles, started as `millrace serve` starts them, on a wiring whose
 * every way out passes the membrane of its life.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect, Result } from "effect";
import { contentCipher } from "../../src/adapters/crypto/content-cipher.ts";
import { decodeKeyRing } from "../../src/adapters/crypto/key-ring.ts";
import { policiesAtHand, type PoliciesAtHand } from "../../src/adapters/memory/policies-at-hand.ts";
import type { Log } from "../../src/adapters/telemetry/log.ts";
import type { TemplateStore } from "../../src/domain/ports/template-store.ts";
import { channelId, workerId } from "../../src/domain/ids.ts";
import type { NoticeLedger } from "../../src/domain/ports/notice-ledger.ts";
import type { QueuedNotices } from "../../src/domain/ports/queued-notices.ts";
import type { Failure } from "../../src/failure.ts";
import { billStoreOf } from "../../src/service/bill-store-of.ts";
import type { Config } from "../../src/service/config/config.ts";
import { loadConfig } from "../../src/service/config/load.ts";
import type { Role } from "../../src/service/config/sections.ts";
import { gatesOf } from "../../src/service/gates-of.ts";
import { kafkaService } from "../../src/service/kafka/open-kafka-service.ts";
import { aboutTheNotice } from "../../src/service/new-notice.ts";
import { type RolesAtWork, startRoles } from "../../src/service/roles-at-work.ts";
import type { Wiring } from "../../src/service/wiring.ts";
import { effectContext } from "../../src/streams/runtime/system-ports.ts";
import { brokerClient } from "./broker-client.ts";
import type { Broker } from "./broker.ts";
import type { Life } from "./life.ts";
import type { Habit, Network } from "./network.ts";
import type { Provider } from "./provider.ts";
import type { Store } from "./store.ts";

export const EMAIL = channelId("email");
export const SMS = channelId("sms");
export const CHANNELS = [EMAIL, SMS];

export const DELTA_MS = 1_500;
export const LEASE_MS = 5_000;
export const SEND_WINDOW_MS = 1_000;
export const ANSWER_WINDOW_MS = 2_000;

/** Short times, so that a world is over soon; the proportions are those of production. */
const ENVIRONMENT = {
  MILLRACE_DISPATCH_CRON: "*/5 * * * * *",
  MILLRACE_DISPATCH_CAP_PER_RUN: "12",
  MILLRACE_DISPATCH_PAGE_SIZE: "5",
  MILLRACE_DELIVERY_WINDOW_CREDITS: "6",
  MILLRACE_DELIVERY_LEASE_MS: String(LEASE_MS),
  MILLRACE_DELIVERY_SEND_WINDOW_MS: String(SEND_WINDOW_MS),
  MILLRACE_DELIVERY_ANSWER_WINDOW_MS: String(ANSWER_WINDOW_MS),
  MILLRACE_DELIVERY_CLAIM_BATCH_SIZE: "4",
  MILLRACE_DELIVERY_BATCH_SIZE: "4",
  MILLRACE_DELIVERY_MAX_WAIT_MS: "5000",
  MILLRACE_UPKEEP_SWEEP_EVERY_MS: "2000",
  MILLRACE_UPKEEP_ANSWER_WINDOW_MS: String(ANSWER_WINDOW_MS),
  MILLRACE_UPKEEP_BATCH_SIZE: "10",
};

const configWith = (environment: Readonly<Record<string, string>>): Config => {
  const loaded = loadConfig({ folder: join(tmpdir(), "no-such-folder"), environment });
  if (Result.isFailure(loaded)) throw new Error(JSON.stringify(loaded.failure));
  return loaded.success.config;
};

/** By what carries the work. */
export const CONFIGS = {
  ledger: configWith(ENVIRONMENT),
  broker: configWith({
    ...ENVIRONMENT,
    MILLRACE_KAFKA_BROKERS: "simulated:9092",
    MILLRACE_KAFKA_REPUBLISH_MS: "2000",
  }),
} as const;

const KEYS = JSON.stringify({ present: "k1", keys: { k1: Buffer.alloc(32, 7).toString("base64") } });
export const CIPHER = contentCipher({ ring: Result.getOrThrow(decodeKeyRing(KEYS, "the simulation")) });

/** What a life is given of the world. */
export interface Surroundings {
  readonly life: Life;
  readonly store: Store;
  readonly network: Network;
  readonly broker: Broker;
  readonly provider: Provider;
  readonly log: Log;
  readonly carriedBy: "broker" | "ledger";
  /** Those of the release that it runs. */
  readonly templates: TemplateStore;
}

/** Each of its calls crosses the network; what is no call of the ledger's stays as it is. */
const remote = <Port extends object>(
  { life, network }: Surroundings,
  port: Port,
  habits: Partial<Record<keyof Port, Habit>>,
): Port =>
  Object.fromEntries(
    Object.entries(port).map(([name, part]: [string, unknown]) => {
      const habit = habits[name as keyof Port] ?? "read"; // an entry's name is one of its keys
      const carried = (statement: unknown) =>
        network.carry(life, habit, name, statement as Effect.Effect<unknown, Failure>); // all that such a port gives
      if (typeof part === "function")
        return [
          name,
          (...given: readonly unknown[]) =>
            carried((part as (...all: readonly unknown[]) => unknown)(...given)),
        ]; // as above
      return [name, Effect.isEffect(part) ? carried(part) : part];
    }),
  ) as Port; // the same names, each as it was

const LEDGER_HABITS: Partial<Record<keyof NoticeLedger, Habit>> = { apply: "again", poison: "again" };

/** A hint of a new row comes to who waits for it in time, or not at all; a wait ends by the life's own clock. */
const remoteQueued = (at: Surroundings, queued: QueuedNotices): QueuedNotices => ({
  claimPage: (page) => at.network.carry(at.life, "again", "claimPage", queued.claimPage(page)),
  changed: (withinMs) => waiting(at.life, queued, withinMs),
});

const waiting = ({ system }: Life, queued: QueuedNotices, withinMs: number): Effect.Effect<void> =>
  Effect.provide(Effect.ignore(queued.changed(withinMs)), effectContext(system));

const openPolicies = async ({ life }: Surroundings, ledger: NoticeLedger): Promise<PoliciesAtHand> => {
  for (;;) {
    const opened = await Effect.runPromise(Effect.result(policiesAtHand(ledger, life.system.clock)));
    if (Result.isSuccess(opened)) return opened.success;
    await new Promise<void>((resolve) => void life.system.clock.after(AGAIN_MS, resolve));
  }
};

const AGAIN_MS = 500;

const NOT_HERE = new Proxy(
  {},
  {
    get: (_, name) => {
      throw new Error(`no role asks for ${String(name)}`);
    },
  },
);

const wiringOf = async (at: Surroundings): Promise<Wiring> => {
  const { life, store, broker, provider, log, carriedBy, templates } = at;
  const { system } = life;
  const config = CONFIGS[carriedBy];
  const ledger = remote(at, store.ledger, LEDGER_HABITS);
  const senders = new Map(CHANNELS.map((channel) => [channel, provider.senderOf(life, channel)]));
  return {
    ...{ config, log, system, ledger, senders, worker: workerId(life.name) },
    ...{ cipher: CIPHER, templates, sealedAbout: aboutTheNotice as Wiring["sealedAbout"] }, // by the same ids
    runs: remote(at, store.runs, { open: "again", routePage: "once", count: "once" }),
    queued: () => remoteQueued(at, store.queued()),
    doubts: remote(at, store.doubts, {}),
    letters: remote(at, store.letters, {}),
    results: remote(at, store.results, {}),
    poison: remote(at, store.poison, {}),
    policies: await openPolicies(at, ledger),
    bills: billStoreOf(config),
    gates: gatesOf(config, senders, system),
    journal: null,
    kafka:
      carriedBy === "ledger"
        ? null
        : kafkaService(brokerClient(broker, life), config.kafka, {
            ...{ channels: CHANNELS, cipher: CIPHER, log, clock: system.clock },
            sealedAbout: aboutTheNotice as Wiring["sealedAbout"], // as above
            details: remote(at, store.details, {}),
            unheard: remote(at, store.unheard, {}),
            say: () => undefined,
            waits: () => undefined,
          }),
    // no role looks at them
    database: NOT_HERE as Wiring["database"],
    members: NOT_HERE as Wiring["members"],
    close: () => Promise.resolve(),
  };
};

export const startService = async (at: Surroundings, roles: readonly Role[]): Promise<RolesAtWork> =>
  startRoles(await wiringOf(at), roles, CHANNELS, () => undefined);
