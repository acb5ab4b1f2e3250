/**
 * An operator's way to the topics: opened for one look or one change, closed after it. It needs the brokers' addresses and neither
 * database nor keys.
 */
import { Effect, type Result } from "effect";
import {
  type FoundTopic,
  type TopicAdmin,
  type TopicPlan,
  type TopicTrouble,
  troublesOf,
} from "../../adapters/kafka/topic-plan.ts";
import { createTopics } from "../../adapters/kafka/topics.ts";
import type { Failure } from "../../failure.ts";
import type { Config } from "../config/config.ts";
import { Refusal } from "../refusal.ts";
import { openCluster } from "./open-cluster.ts";
import { topicsOf } from "./topics-of.ts";

/** One topic as it should be and as it is. */
export interface TopicView {
  readonly plan: TopicPlan;
  /** Empty where there is no such topic, or where we may not see it. */
  readonly found: FoundTopic | null;
  readonly troubles: readonly TopicTrouble[];
}

/** What was done to the topics, and how they stand after it. */
export interface TopicsMade {
  readonly made: readonly string[];
  readonly grown: readonly { readonly topic: string; readonly from: number; readonly to: number }[];
  readonly left: readonly TopicTrouble[];
}

/** The service does not work with it as it should, and somebody can mend it. The rest is told, and lived with. */
export const isToMend = ({ isFatal, isMended }: TopicTrouble): boolean => isFatal || isMended;

/** The topics of every channel that has a provider. */
export const plannedTopics = ({ kafka, providers }: Config): readonly TopicPlan[] => {
  try {
    return topicsOf(kafka, [...providers.keys()]).plans;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new Refusal(
      "usage",
      `${cause.message} (kafka.requestTopic, kafka.resultTopic and kafka.deadLetterTopic)`,
      cause,
    );
  }
};

/** Refuses where there is no cluster to ask. */
export const atTopics = async <A>(
  config: Config,
  work: (admin: TopicAdmin, plans: readonly TopicPlan[]) => Promise<A>,
): Promise<A> => {
  const plans = plannedTopics(config);
  const cluster = await openCluster(config.kafka);
  if (cluster === null)
    throw new Refusal(
      "refused",
      'no brokers are configured, so Postgres is the log and needs no topics: set kafka.brokers, or MILLRACE_KAFKA_BROKERS, to addresses such as "kafka-1:9092,kafka-2:9092"',
    );
  const admin = cluster.topics();
  try {
    return await work(admin, plans);
  } finally {
    await Effect.runPromise(admin.close);
  }
};

/** All of them, in the order of the plan. */
export const lookAtTopics = (
  admin: Pick<TopicAdmin, "describe">,
  plans: readonly TopicPlan[],
): Effect.Effect<readonly TopicView[], Failure> =>
  Effect.map(admin.describe(plans.map(({ name }) => name)), (all) =>
    plans.map((plan, at) => {
      const found = all[at] ?? null;
      return { plan, found, troubles: troublesOf(plan, found) };
    }),
  );

/** Makes what is missing, adds partitions, and tells what was done. Safe to repeat. */
export const makeTopics = (
  admin: TopicAdmin,
  plans: readonly TopicPlan[],
): Effect.Effect<TopicsMade, Failure> =>
  Effect.gen(function* () {
    const before = yield* lookAtTopics(admin, plans);
    const left = yield* createTopics(admin, plans);
    const isStill = (topic: string, kind: TopicTrouble["kind"]): boolean =>
      left.some((trouble) => trouble.topic === topic && trouble.kind === kind);
    const missed = before.filter(({ found, plan }) => found === null && !isStill(plan.name, "missing"));
    return {
      made: missed.map(({ plan }) => plan.name),
      grown: before.flatMap(({ found, plan: { name, partitions } }) =>
        found !== null && found.partitions < partitions && !isStill(name, "fewer-partitions")
          ? [{ topic: name, from: found.partitions, to: partitions }]
          : [],
      ),
      left,
    };
  });

/** Runs it, and says a failure by its code. */
export const orFailure = <A>(effect: Effect.Effect<A, Failure>): Promise<Result.Result<A, Failure>> =>
  Effect.runPromise(Effect.result(effect));
