/**
 * The log between the roles: Postgres, or brokers that answer and have the topics as they should be.
 */
import { Result } from "effect";
import type { Config } from "../config/config.ts";
import { atTopics, isToMend, lookAtTopics, orFailure, type TopicView } from "../kafka/topic-desk.ts";
import { whatToMend } from "../kafka/what-to-mend.ts";
import { Refusal } from "../refusal.ts";
import { broken, fine, type Finding, worthKnowing } from "./finding.ts";

export const checkKafka = async (config: Config): Promise<readonly Finding[]> => {
  const { brokers } = config.kafka;
  if (brokers === null) return [fine("log", "Postgres, as kafka.brokers is not set")];
  try {
    return await atTopics(config, async (admin, plans) => {
      const looked = await orFailure(lookAtTopics(admin, plans));
      if (Result.isFailure(looked))
        return [broken("log", looked.failure.message, whatToMend(looked.failure, config.kafka))];
      return [fine("log", `Kafka, which answers at ${brokers.join(", ")}`), ...ofTopics(looked.success)];
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [broken("log", error.message, "look at the settings under kafka")];
  }
};

const ofTopics = (views: readonly TopicView[]): readonly Finding[] => {
  const troubles = views.flatMap((view) => view.troubles);
  if (troubles.length === 0) return [fine("topics", `${views.length}, each as planned`)];
  return troubles.map((trouble) => {
    const [words = trouble.words, fix = ""] = trouble.words.split(/: (.*)/s);
    const say = trouble.isFatal ? broken : worthKnowing;
    return say(
      "topics",
      words,
      isToMend(trouble) ? fix : `${fix}; or configure what it has (millrace topics plan)`,
    );
  });
};
