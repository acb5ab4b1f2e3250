/**
 * The way to the cluster that is configured, by the client that is chosen. Nothing connects yet.
 */
import { Effect, Result } from "effect";
import type { KafkaLog } from "../../adapters/kafka/kafka-log.ts";
import { openKafka } from "../../adapters/kafka/open-kafka.ts";
import type { Config } from "../config/config.ts";
import { Refusal } from "../refusal.ts";
import { clusterOf } from "./cluster-of.ts";

/** Empty where Postgres is the log. Refuses what can be seen to be wrong before anybody is asked. */
export const openCluster = async (kafka: Config["kafka"]): Promise<KafkaLog | null> => {
  const cluster = clusterOf(kafka);
  if (cluster === null) return null;
  const asked = await Effect.runPromise(Effect.result(openKafka(kafka.client, cluster)));
  if (Result.isFailure(asked)) throw new Refusal("refused", asked.failure.message, asked.failure);
  return asked.success;
};
