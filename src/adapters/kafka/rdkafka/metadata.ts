/**
 * What a cluster says of its topics. All of them are asked for each time: a topic that is asked for by its name may be made by that.
 */
import { NAMES_OF_TOPICS } from "../topic-plan.ts";
import type { VendorClient, VendorTopic } from "./binding.ts";
import type { Link } from "./link.ts";
import { NamedError } from "./vendor-errors.ts";

export const topicsOf = async (
  link: Link<VendorClient>,
  timeoutMs: number,
): Promise<ReadonlyMap<string, VendorTopic>> => {
  const { topics } = await link.asking<{ readonly topics: readonly VendorTopic[] }>((answer) => {
    link.client.getMetadata({ allTopics: true, timeout: timeoutMs }, answer);
  });
  // one that was just deleted may still be named, without partitions
  return new Map(
    topics.filter(({ partitions }) => partitions.length > 0).map((topic) => [topic.name, topic]),
  );
};

/** Rejects as a broker would for a topic that is not there. */
export const partitionsOf = async (
  link: Link<VendorClient>,
  topic: string,
  timeoutMs: number,
): Promise<number> => {
  if (!NAMES_OF_TOPICS.test(topic)) throw new NamedError("INVALID_TOPIC_EXCEPTION");
  const found = (await topicsOf(link, timeoutMs)).get(topic);
  if (found === undefined) throw new NamedError("UNKNOWN_TOPIC_OR_PARTITION");
  return found.partitions.length;
};
