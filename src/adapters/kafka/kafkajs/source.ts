/**
 * A topic as an offset source, consumed by kafkajs as a member of a group; how it stands on its client is in docs/decisions/0012.
 */
import type { OffsetSource } from "../../../streams/runtime/source.ts";
import type { ClusterOptions } from "../cluster-options.ts";
import { logSource } from "../log-source.ts";
import { type KafkaSourceOptions, settingsOf } from "../source-settings.ts";
import { openSession } from "./session.ts";

/** `nextEpoch` counts for all sources of a process that may follow one another in a group. */
export const kafkajsSource = <Body>(
  cluster: ClusterOptions,
  options: KafkaSourceOptions<Body>,
  nextEpoch: () => number,
): OffsetSource<Body> => {
  const settings = settingsOf(options, nextEpoch);
  return logSource(options, {
    awaitedRevocation: false,
    openSession: (listener) => openSession(cluster, settings, listener),
  });
};
