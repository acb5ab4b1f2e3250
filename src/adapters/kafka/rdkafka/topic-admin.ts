/**
 * Topics, asked of a broker by librdkafka. The binding cannot read a topic's settings: how long a record is kept and how large it
 * may be stay unknown, so what is planned of them is not compared.
 */
import { Effect } from "effect";
import type { Failure } from "../../../failure.ts";
import type { ClusterOptions } from "../cluster-options.ts";
import { failureFor, knownError } from "../error-table.ts";
import { inSyncOf, LEAST_RECORD_BYTES, type TopicAdmin, type TopicPlan } from "../topic-plan.ts";
import type { Binding, VendorAdmin, VendorError, VendorProducer } from "./binding.ts";
import { clientSettings, requestTimeout } from "./client-settings.ts";
import { Link } from "./link.ts";
import { topicsOf } from "./metadata.ts";
import { NamedError, namedError } from "./vendor-errors.ts";

/** What the brokers may take for making one. */
const WITHIN_MS = 10_000;
/** Ten seconds, and the time of the looks. */
const MOST_LOOKS = 100;
const BETWEEN_LOOKS_MS = 100;

/** A connection that is made when it is first needed, and anew after trouble on the way. */
class LazyLink {
  readonly #make: () => Link<VendorProducer>;
  #link: Link<VendorProducer> | null = null;
  #ready: Promise<void> = Promise.resolve();
  readonly #gone: Promise<void>[] = [];
  #isClosed = false;

  constructor(make: () => Link<VendorProducer>) {
    this.#make = make;
  }

  async use<T>(call: (link: Link<VendorProducer>) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new NamedError("_STATE");
    if (this.#link === null) {
      this.#link = this.#make();
      this.#ready = this.#link.open();
    }
    const own = this.#link;
    try {
      await this.#ready;
      return await call(own);
    } catch (error) {
      if (knownError(error).passes && this.#link === own) {
        this.#link = null;
        this.#gone.push(own.close());
      }
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#gone, this.#link?.close()]);
  }
}

const settingsOf = ({
  replication,
  retentionMs,
  recordBytes,
}: TopicPlan): Readonly<Record<string, string>> => ({
  "retention.ms": String(retentionMs),
  "max.message.bytes": String(Math.max(recordBytes, LEAST_RECORD_BYTES)),
  "min.insync.replicas": String(inSyncOf({ replication })),
});

const answered = (ask: (answer: (error?: VendorError) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    ask((error) => {
      if (error) reject(namedError(error));
      else resolve();
    });
  });

/** Topics as a broker knows them. */
export const rdkafkaTopicAdmin = (binding: Binding, cluster: ClusterOptions): TopicAdmin => {
  const lazy = new LazyLink(() => new Link(new binding.Producer(clientSettings(cluster)), cluster));
  const describing = () => lazy.use((link) => topicsOf(link, requestTimeout(cluster)));

  /** The binding's own admin tells nothing of the way to the brokers, so that is looked at first; its lines would go to the console. */
  const changing = async (change: (admin: VendorAdmin) => Promise<void>): Promise<void> => {
    await describing();
    const admin = binding.AdminClient.create({ ...clientSettings(cluster), log_level: 0 });
    try {
      await change(admin);
    } finally {
      admin.disconnect();
    }
  };

  const create = async (admin: VendorAdmin, plan: TopicPlan): Promise<void> => {
    const { name: topic, partitions, replication } = plan;
    const made = { topic, num_partitions: partitions, replication_factor: replication };
    try {
      await answered((answer) => {
        admin.createTopic({ ...made, config: settingsOf(plan) }, WITHIN_MS, answer);
      });
    } catch (error) {
      if (knownError(error).code !== "kafka:TOPIC_ALREADY_EXISTS") throw error;
    }
    await untilLed(topic, 1);
  };

  /** A broker answers before it knows itself what it has made; whoever was told "made" may use it. */
  const untilLed = async (topic: string, partitions: number): Promise<void> => {
    for (let look = 1; ; look += 1) {
      const found = (await describing()).get(topic)?.partitions ?? [];
      if (found.length >= partitions && found.every(({ leader }) => leader >= 0)) return;
      if (look >= MOST_LOOKS)
        throw new Error(`${topic} was made, and is not known after ${MOST_LOOKS} looks`);
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS_MS));
    }
  };

  const asking = <T>(doing: string, call: () => Promise<T>): Effect.Effect<T, Failure> =>
    Effect.tryPromise({ try: call, catch: (error) => failureFor(error, doing) });

  return {
    describe: (names) =>
      asking(`looking at ${names.join(", ")}`, async () => {
        const known = await describing();
        return names.map((name) => {
          const found = known.get(name);
          if (found === undefined) return null;
          const replication = Math.min(...found.partitions.map(({ replicas }) => replicas.length));
          const partitions = found.partitions.length;
          return { name, partitions, replication, retentionMs: null, recordBytes: null, inSync: null };
        });
      }),
    create: (topics) =>
      asking(`making ${topics.map(({ name }) => name).join(", ")}`, () =>
        changing(async (admin) => {
          for (const plan of topics) await create(admin, plan);
        }),
      ),
    addPartitions: (topic, count) =>
      asking(`adding partitions to ${topic}`, () =>
        changing(async (admin) => {
          await answered((answer) => {
            admin.createPartitions(topic, count, WITHIN_MS, answer);
          });
          await untilLed(topic, count);
        }),
      ),
    close: Effect.promise(() => lazy.close()),
  };
};
