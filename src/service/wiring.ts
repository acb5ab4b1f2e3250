/**
 * The composition root: from a configuration to the parts, each behind its port. Nothing is started here.
 */
import { hostname } from "node:os";
import { Effect, Result } from "effect";
import { contentCipher } from "../adapters/crypto/content-cipher.ts";
import { developmentKeys } from "../adapters/crypto/development-keys.ts";
import { isContact } from "../adapters/crypto/old-formats.ts";
import { decodeKeyRing, type KeyRing } from "../adapters/crypto/key-ring.ts";
import { keysFromFile } from "../adapters/crypto/key-sources.ts";
import type { KafkaLog } from "../adapters/kafka/kafka-log.ts";
import { postgresDoubts } from "../adapters/postgres/doubts.ts";
import { postgresLetters } from "../adapters/postgres/letters.ts";
import { postgresPoisonLetters } from "../adapters/postgres/poison-letters.ts";
import { postgresResults } from "../adapters/postgres/results.ts";
import { postgresMembers } from "../adapters/postgres/members.ts";
import { postgresLedger } from "../adapters/postgres/notice-ledger.ts";
import { postgresProviderJournal } from "../adapters/postgres/provider-journal.ts";
import { openQueueHints, type QueueHints } from "../adapters/postgres/queue-hints.ts";
import { postgresQueuedDetails, postgresUnheardNotices } from "../adapters/postgres/queued-details.ts";
import { postgresQueuedNotices } from "../adapters/postgres/queued-notices.ts";
import { postgresRuns } from "../adapters/postgres/runs.ts";
import { type Log, type LogOptions, openLog } from "../adapters/telemetry/log.ts";
import { templateStore } from "../adapters/templates/template-store.ts";
import { type ChannelId, type WorkerId, workerId } from "../domain/ids.ts";
import { reveal } from "../domain/masking-sensitive.ts";
import type { BillStore } from "../domain/ports/bill-store.ts";
import type { ContentCipher } from "../domain/ports/content-cipher.ts";
import type { Doubts } from "../domain/ports/doubts.ts";
import type { Letters } from "../domain/ports/letters.ts";
import type { PoisonLetters } from "../domain/ports/poison-letters.ts";
import type { Results } from "../domain/ports/results.ts";
import type { Members } from "../domain/ports/members.ts";
import type { NoticeLedger } from "../domain/ports/notice-ledger.ts";
import type { ProviderJournal } from "../domain/ports/provider-journal.ts";
import type { QueuedNotices } from "../domain/ports/queued-notices.ts";
import type { Runs } from "../domain/ports/runs.ts";
import type { Sender } from "../domain/ports/sender.ts";
import type { TemplateStore } from "../domain/ports/template-store.ts";
import type { ProviderGate } from "../streams/delivery/provider-gate.ts";
import { systemPorts, type SystemPorts } from "../streams/runtime/system-ports.ts";
import { billStoreOf } from "./bill-store-of.ts";
import type { Config } from "./config/config.ts";
import { type Database, openDatabase, type OpenOptions } from "./database.ts";
import { gatesOf } from "./gates-of.ts";
import { policiesAtHand, type PoliciesAtHand } from "../adapters/memory/policies-at-hand.ts";
import { openCluster } from "./kafka/open-cluster.ts";
import { type KafkaService, kafkaService } from "./kafka/open-kafka-service.ts";
import { plannedTopics } from "./kafka/topic-desk.ts";
import { Refusal } from "./refusal.ts";
import { sendersOf } from "./senders-of.ts";
import { SHIPPED_TEMPLATES } from "./shipped.ts";

export interface Wiring {
  readonly config: Config;
  readonly worker: WorkerId;
  readonly log: Log;
  readonly system: SystemPorts;
  readonly database: Database;
  readonly ledger: NoticeLedger;
  readonly runs: Runs;
  /** One for each loop that claims: each remembers what it has heard of. */
  readonly queued: () => QueuedNotices;
  readonly members: Members;
  readonly doubts: Doubts;
  readonly letters: Letters;
  readonly results: Results;
  readonly poison: PoisonLetters;
  readonly policies: PoliciesAtHand;
  readonly cipher: ContentCipher;
  readonly sealedAbout: (notice: { readonly noticeId: string; readonly userId: string }) => string;
  readonly templates: TemplateStore;
  readonly bills: BillStore;
  readonly senders: ReadonlyMap<ChannelId, Sender>;
  /** Of the same channels: permits and breakers, shared by everything in this process that sends. */
  readonly gates: ReadonlyMap<ChannelId, ProviderGate>;
  /** What the simulated providers know by themselves; empty where there are none. */
  readonly journal: ProviderJournal | null;
  /** Empty where Postgres is the log. */
  readonly kafka: KafkaService | null;
  readonly close: () => Promise<void>;
}

/** What a failure says to whoever typed the command. */
export const orRefuse = <A>(result: Result.Result<A, { readonly message: string }>): A => {
  if (Result.isFailure(result)) throw new Refusal("refused", result.failure.message, result.failure);
  return result.success;
};

export const keysOf = ({ keys, database }: Config): KeyRing => {
  if (keys.inline !== null) return orRefuse(decodeKeyRing(reveal(keys.inline), "keys.inline"));
  if (keys.file !== null) return orRefuse(keysFromFile(keys.file));
  return orRefuse(developmentKeys(database.folder));
};

export interface WiringOptions extends OpenOptions {
  /** Where the lines of the log go. Default: standard error. */
  readonly sink?: LogOptions["sink"];
  /** Told of the log: what is to be known of its topics, that it is away, and that it is back. Default: `waiting`. */
  readonly say?: (words: string) => void;
}

export const openWiring = async (config: Config, options: WiringOptions): Promise<Wiring> => {
  const cipher = contentCipher({ ring: keysOf(config), acceptsOld: isContact });
  const templates = orRefuse(templateStore({ folder: config.templates.folder ?? SHIPPED_TEMPLATES }));
  plannedTopics(config); // before anything is open: names that no broker takes are refused
  const cluster = await openCluster(config.kafka);
  const database = await openDatabase(config, { ...options, sends: true });
  const leave: (() => unknown)[] = [database.close];
  const close = async (): Promise<void> => {
    for (const each of leave.splice(0).reverse()) await each();
  };
  try {
    return { ...(await partsOn(config, options, { cipher, templates, cluster, database, leave })), close };
  } catch (error) {
    await close();
    throw error;
  }
};

interface Opened extends Pick<Wiring, "cipher" | "templates" | "database"> {
  readonly cluster: KafkaLog | null;
  /** What closes again what is opened here, in that order; called from its end. */
  readonly leave: (() => unknown)[];
}

const partsOn = async (
  config: Config,
  { sink, waiting, say }: WiringOptions,
  { cipher, templates, cluster, database, leave }: Opened,
): Promise<Omit<Wiring, "close">> => {
  const system = systemPorts;
  const { pool, connection } = database;
  const { boundTo } = config.keys;
  const sealedAbout: Wiring["sealedAbout"] = ({ noticeId, userId }) =>
    boundTo === "notice" ? noticeId : userId;
  const log = openLog({ level: config.log.level, ...(sink === undefined ? {} : { sink }) });
  const hints: QueueHints = openQueueHints({ connection });
  leave.push(hints.close);
  const kafka =
    cluster === null
      ? null
      : kafkaService(cluster, config.kafka, {
          channels: [...config.providers.keys()],
          ...{ cipher, sealedAbout, log },
          details: postgresQueuedDetails({ pool }),
          unheard: postgresUnheardNotices({ pool }),
          say: (words) => (say ?? waiting)?.(words),
          waits: (words) => waiting?.(words),
          clock: system.clock,
        });
  // what is on its way to the log is answered while the ledger is still there
  if (kafka !== null) leave.push(kafka.close);
  const usesJournal = [...config.providers.values()].some(({ kind }) => kind === "simulated");
  const journal = usesJournal ? postgresProviderJournal(pool) : null;
  const senders = sendersOf(config, journal);
  leave.push(() => Promise.all([...senders.values()].map((sender) => sender.close())));
  const gates = gatesOf(config, senders, system);
  const ledger = postgresLedger({ pool });
  const policies = await Effect.runPromise(policiesAtHand(ledger, system.clock));
  leave.push(policies.stop);
  return {
    ...{ config, log, system, database, ledger, policies, cipher, templates, senders, gates },
    ...{ journal, kafka, sealedAbout },
    worker: workerId(
      `${hostname()
        .replace(/[^\x21-\x7e]/g, "-")
        .slice(0, 60)}:${process.pid}:${system.newId().slice(0, 8)}`,
    ),
    runs: postgresRuns({ pool }),
    queued: () => postgresQueuedNotices({ pool, hints }),
    members: postgresMembers({ pool }),
    doubts: postgresDoubts({ pool }),
    letters: postgresLetters({ pool }),
    results: postgresResults({ pool }),
    poison: postgresPoisonLetters({ pool }),
    bills: billStoreOf(config),
  };
};
