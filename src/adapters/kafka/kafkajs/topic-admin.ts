/**
 * Topics, and where a group stands in them, asked of a broker by kafkajs.
 */
import { Effect } from "effect";
import type { Admin, ConfigResourceTypes } from "kafkajs";
import type { Failure } from "../../../failure.ts";
import type { ClusterOptions } from "../cluster-options.ts";
import { failureFor, knownError } from "../error-table.ts";
import type { Bounds, LogOffsets } from "../log-offsets.ts";
import {
  type FoundTopic,
  inSyncOf,
  LEAST_RECORD_BYTES,
  type TopicAdmin,
  type TopicPlan,
} from "../topic-plan.ts";
import { CALL_RETRY, kafkaClient } from "./client.ts";

/** One admin of kafkajs and the calls that are under way on it. */
interface Shared {
  readonly admin: Promise<Admin>;
  /** Never rejects. */
  readonly end: () => Promise<void>;
  calls: number;
  isDropped: boolean;
}

/** The admin of kafkajs, connected when it is first needed, and anew after trouble on the way. */
export class LazyAdmin implements LogOffsets {
  readonly #options: ClusterOptions;
  #shared: Shared | null = null;
  #isClosed = false;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  async use<T>(call: (admin: Admin) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Error("the log was closed");
    const shared = (this.#shared ??= this.#connecting());
    shared.calls += 1;
    try {
      // one that could not connect never will, whatever has stood in its way
      const admin = await shared.admin.catch((error: unknown) => {
        this.#drop(shared);
        throw error;
      });
      return await call(admin);
    } catch (error) {
      // where no broker has refused it, what this admin has kept of the cluster may be what was wrong
      if (knownError(error).passes) this.#drop(shared);
      throw error;
    } finally {
      shared.calls -= 1;
      if (shared.isDropped) endIfIdle(shared);
    }
  }

  async committed(groupId: string, topic: string): Promise<ReadonlyMap<number, number>> {
    const found = await this.use((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    const own = found.find((one) => one.topic === topic)?.partitions ?? [];
    return new Map(
      own.map(({ partition, offset }) => [partition, Number(offset)] as const).filter(([, at]) => at >= 0),
    );
  }

  async bounds(topic: string): Promise<ReadonlyMap<number, Bounds>> {
    const found = await this.use((admin) => admin.fetchTopicOffsets(topic));
    return new Map(
      found.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const shared = this.#shared;
    this.#shared = null;
    await shared?.end();
  }

  #drop(shared: Shared): void {
    if (this.#shared === shared) this.#shared = null;
    shared.isDropped = true;
  }

  #connecting(): Shared {
    const client = kafkaClient(this.#options);
    const own = client.admin({ retry: CALL_RETRY });
    return {
      admin: own.connect().then(() => own),
      end: () => client.end(() => own.disconnect()),
      ...{ calls: 0, isDropped: false },
    };
  }
}

/** Others may still wait for their answers on it. */
const endIfIdle = ({ end, calls }: Shared): void => {
  if (calls === 0) end().catch(() => undefined);
};

/** Topics as a broker knows them. */
export const kafkajsTopicAdmin = (options: ClusterOptions): TopicAdmin => {
  const lazy = new LazyAdmin(options);
  const asking = <T>(doing: string, call: (admin: Admin) => Promise<T>): Effect.Effect<T, Failure> =>
    Effect.tryPromise({ try: () => lazy.use(call), catch: (error) => failureFor(error, doing) });
  return {
    describe: (names) => asking(`looking at ${names.join(", ")}`, (admin) => describe(admin, names)),
    // the client's admin asks again and again for every topic that it was ever asked for, and refuses everything while one of
    // them is gone: so one that was deleted could not be made anew by an admin that has known it
    create: (topics) =>
      Effect.tryPromise({
        try: () => onceOn(options, (admin) => create(admin, topics)),
        catch: (error) => failureFor(error, `making ${topics.map(({ name }) => name).join(", ")}`),
      }),
    addPartitions: (topic, count) =>
      asking(`adding partitions to ${topic}`, async (admin) => {
        await admin.createPartitions({ topicPartitions: [{ topic, count }], timeout: TIMEOUT_MS });
        await untilLed(admin, topic, count);
      }),
    close: Effect.promise(() => lazy.close()),
  };
};

const onceOn = async <T>(options: ClusterOptions, call: (admin: Admin) => Promise<T>): Promise<T> => {
  const own = new LazyAdmin(options);
  try {
    return await own.use(call);
  } finally {
    await own.close();
  }
};

const create = async (admin: Admin, topics: readonly TopicPlan[]): Promise<void> => {
  await admin.createTopics({ topics: topics.map(configOf), waitForLeaders: false, timeout: TIMEOUT_MS });
  for (const { name } of topics) await untilLed(admin, name, 1);
};

const TIMEOUT_MS = 10_000;
/** Written out: the client's own name for it cannot be imported by a module of Node. */
const TOPIC_RESOURCE: ConfigResourceTypes = 2;
const RETENTION = "retention.ms";
const RECORD_BYTES = "max.message.bytes";
const IN_SYNC = "min.insync.replicas";

const configOf = ({ name, partitions, replication, retentionMs, recordBytes }: TopicPlan) => ({
  topic: name,
  numPartitions: partitions,
  replicationFactor: replication,
  configEntries: [
    { name: RETENTION, value: String(retentionMs) },
    { name: RECORD_BYTES, value: String(Math.max(recordBytes, LEAST_RECORD_BYTES)) },
    { name: IN_SYNC, value: String(inSyncOf({ replication })) },
  ],
});

/**
 * A broker answers before it knows itself what it has made: until then it would say that there is no such topic, or that nobody
 * leads it. Whoever was told "made" may use it.
 */
const untilLed = async (admin: Admin, topic: string, partitions: number): Promise<void> => {
  for (let look = 1; ; look += 1) {
    try {
      const found = await admin.fetchTopicMetadata({ topics: [topic] });
      if ((found.topics[0]?.partitions.length ?? 0) >= partitions) {
        await admin.fetchTopicOffsets(topic);
        return;
      }
    } catch (error) {
      if (look >= MOST_LOOKS) throw error;
    }
    if (look >= MOST_LOOKS) throw new Error(`${topic} was made, and is not known after ${MOST_LOOKS} looks`);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS_MS));
  }
};

/** Ten seconds, and the time of the looks. */
const MOST_LOOKS = 100;
const BETWEEN_LOOKS_MS = 100;

const describe = async (admin: Admin, names: readonly string[]): Promise<readonly (FoundTopic | null)[]> => {
  const known = new Set(await admin.listTopics());
  const topics = names.filter((name) => known.has(name));
  if (topics.length === 0) return names.map(() => null);
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({
      type: TOPIC_RESOURCE,
      name,
      configNames: [RETENTION, RECORD_BYTES, IN_SYNC],
    })),
  });
  return names.map((name) => {
    const found = metadata.find((one) => one.name === name);
    if (found === undefined) return null;
    const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
    const setting = (key: string): number | null => {
      const value = Number(entries.find(({ configName }) => configName === key)?.configValue ?? NaN);
      return Number.isFinite(value) && value >= 0 ? value : null;
    };
    return {
      name,
      partitions: found.partitions.length,
      replication: Math.min(...found.partitions.map(({ replicas }) => replicas.length)),
      retentionMs: setting(RETENTION),
      recordBytes: setting(RECORD_BYTES),
      inSync: setting(IN_SYNC),
    };
  });
};
