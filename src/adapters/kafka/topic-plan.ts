/**
 * Which topics there should be, and what of that is missing. Pure: whoever asks a broker stands behind `TopicAdmin`.
 *
 * Nothing that exists is made smaller or changed, but partitions may be added: then the key's partition changes from that
 * moment on, which unordered notices do not mind and pipelines by key should know.
 */
import type { Effect } from "effect";
import type { ChannelId } from "../../domain/ids.ts";
import type { Failure } from "../../failure.ts";

/** How one topic should be. */
export interface TopicPlan {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
  /** How long a record is kept; longer than the longest outage of all consumers, or upkeep has to publish again. */
  readonly retentionMs: number;
  /** The largest record that has to fit. */
  readonly recordBytes: number;
}

/** How one topic is. */
export interface FoundTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
  /** Empty where the broker does not say, or keeps records for ever. */
  readonly retentionMs: number | null;
  readonly recordBytes: number | null;
  /** Copies that must have a record before it is acknowledged; empty where the broker does not say. */
  readonly inSync: number | null;
}

/** Asks a broker about topics, and makes them. */
export interface TopicAdmin {
  /** In order; empty where there is no such topic. */
  readonly describe: (names: readonly string[]) => Effect.Effect<readonly (FoundTopic | null)[], Failure>;
  /** One that exists already, by whomever it was made meanwhile, is left as it is. */
  readonly create: (topics: readonly TopicPlan[]) => Effect.Effect<void, Failure>;
  readonly addPartitions: (name: string, upTo: number) => Effect.Effect<void, Failure>;
  readonly close: Effect.Effect<void>;
}

/** Names and sizes; what is left out has its default. */
export interface TopicOptions {
  readonly channels: readonly ChannelId[];
  readonly requestTopic?: (channel: ChannelId) => string;
  readonly resultTopic?: string;
  readonly deadLetterTopic?: string;
  /** Default 8. Two workers of a channel share its partitions, so no more workers than this have work. */
  readonly requestPartitions?: number;
  /** Of results and dead letters. Default 4. */
  readonly otherPartitions?: number;
  /** Default 3; one broker alone can do 1. */
  readonly replication?: number;
  /** Default 7 days. */
  readonly retentionMs?: number;
}

/** The topics of a set of channels. */
export interface Topics {
  readonly request: (channel: ChannelId) => string;
  readonly result: string;
  readonly deadLetter: string;
  readonly plans: readonly TopicPlan[];
}

const WEEK_MS = 7 * 24 * 3_600_000;
/** As brokers take them. */
export const NAMES_OF_TOPICS = /^[A-Za-z0-9._-]{1,249}$/;
/** A broker's own default: what is planned says what must fit, and nothing is made smaller than usual. */
export const LEAST_RECORD_BYTES = 1_048_588;
/** What the records of each schema need, and a frame of keys and headers around them. */
const SMALL_RECORD_BYTES = 65_536;
const LETTER_RECORD_BYTES = 1_048_576;

const DEFAULT_REQUEST_TOPIC = (channel: ChannelId): string => `millrace.request.${channel}`;

const demandName = (name: string): string => {
  if (!NAMES_OF_TOPICS.test(name) || name === "." || name === "..") {
    throw new RangeError(
      `a topic is named by letters, digits, ".", "_" and "-", at most 249 long, not ${JSON.stringify(name.slice(0, 40))}`,
    );
  }
  return name;
};

const demandCount = (what: string, value: number): number => {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${what} is a whole number from 1, not ${value}`);
  return value;
};

/**
 * The topics of the service as they should be.
 *
 * @throws RangeError for a name or number that no broker takes, or one name for two topics
 */
export const topicPlans = (options: TopicOptions): Topics => {
  const { channels, requestTopic = DEFAULT_REQUEST_TOPIC } = options;
  const replication = demandCount("replication", options.replication ?? 3);
  const retentionMs = demandCount("retentionMs", options.retentionMs ?? WEEK_MS);
  const requestPartitions = demandCount("requestPartitions", options.requestPartitions ?? 8);
  const otherPartitions = demandCount("otherPartitions", options.otherPartitions ?? 4);
  const result = demandName(options.resultTopic ?? "millrace.result");
  const deadLetter = demandName(options.deadLetterTopic ?? "millrace.dead-letter");
  const same = { replication, retentionMs };
  const plans: readonly TopicPlan[] = [
    ...channels.map((channel) => ({
      ...{ name: demandName(requestTopic(channel)), partitions: requestPartitions, ...same },
      recordBytes: SMALL_RECORD_BYTES,
    })),
    { name: result, partitions: otherPartitions, ...same, recordBytes: SMALL_RECORD_BYTES },
    { name: deadLetter, partitions: otherPartitions, ...same, recordBytes: LETTER_RECORD_BYTES },
  ];
  const seen = new Set<string>();
  for (const { name } of plans) {
    if (seen.has(name)) throw new RangeError(`two topics have the name ${name}: give each its own`);
    seen.add(name);
  }
  return { request: requestTopic, result, deadLetter, plans };
};

/** How many copies must have a record before it is acknowledged: of three one may be away, and none that was acknowledged is lost. */
export const inSyncOf = ({ replication }: Pick<TopicPlan, "replication">): number =>
  replication >= 3 ? 2 : 1;

/** What stands between a plan and what was found. */
export interface TopicTrouble {
  readonly topic: string;
  readonly kind:
    | "missing"
    | "fewer-partitions"
    | "lower-replication"
    | "fewer-in-sync"
    | "shorter-retention"
    | "smaller-records";
  /** Nothing can be published or consumed until it is mended. The others are told, and lived with. */
  readonly isFatal: boolean;
  /** `create` mends it. */
  readonly isMended: boolean;
  readonly words: string;
}

/** All that is wrong with one topic. */
export const troublesOf = (plan: TopicPlan, found: FoundTopic | null): readonly TopicTrouble[] => {
  const topic = plan.name;
  if (found === null) {
    const words = `there is no topic ${topic}: make it with "millrace topics create"`;
    return [{ topic, kind: "missing", isFatal: true, isMended: true, words }];
  }
  const troubles: TopicTrouble[] = [];
  const note = (kind: TopicTrouble["kind"], isFatal: boolean, isMended: boolean, words: string): void => {
    troubles.push({ topic, kind, isFatal, isMended, words: `topic ${topic} ${words}` });
  };
  if (found.partitions < plan.partitions) {
    const add = `add the others with "millrace topics create", or configure what it has`;
    note(
      "fewer-partitions",
      false,
      true,
      `has ${found.partitions} partitions, not ${plan.partitions}: ${add}`,
    );
  }
  if (found.replication < plan.replication) {
    const loses = "the loss of a broker may lose its records, which upkeep then publishes again";
    note(
      "lower-replication",
      false,
      false,
      `has ${found.replication} replicas, not ${plan.replication}: ${loses}`,
    );
  }
  if (found.inSync !== null && found.inSync < Math.min(inSyncOf(plan), inSyncOf(found))) {
    const loses =
      "the loss of one broker may take acknowledged results along: set its min.insync.replicas to 2";
    note("fewer-in-sync", false, false, `acknowledges what ${found.inSync} copy has: ${loses}`);
  }
  if (found.retentionMs !== null && found.retentionMs < plan.retentionMs) {
    const loses = "what nobody has consumed by then has to be published again";
    note(
      "shorter-retention",
      false,
      false,
      `keeps records ${found.retentionMs} ms, not ${plan.retentionMs}: ${loses}`,
    );
  }
  if (found.recordBytes !== null && found.recordBytes < plan.recordBytes) {
    const raise = "raise its max.message.bytes";
    note(
      "smaller-records",
      true,
      false,
      `takes ${found.recordBytes} bytes, and ${plan.recordBytes} are needed: ${raise}`,
    );
  }
  return troubles;
};
