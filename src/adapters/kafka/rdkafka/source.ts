/**
 * A topic as an offset source, consumed by librdkafka as a member of a group; how it stands on its client is in docs/decisions/0014.
 */
import type { OffsetSource } from "../../../streams/runtime/source.ts";
import type { ClusterOptions } from "../cluster-options.ts";
import { logSource } from "../log-source.ts";
import { type KafkaSourceOptions, settingsOf } from "../source-settings.ts";
import type { Binding } from "./binding.ts";
import { openSession } from "./session.ts";

/** `nextEpoch` counts for all sources of a process that may follow one another in a group. */
export const rdkafkaSource = <Body>(
  binding: Binding,
  cluster: ClusterOptions,
  options: KafkaSourceOptions<Body>,
  nextEpoch: () => number,
): OffsetSource<Body> => {
  const settings = settingsOf(options, nextEpoch);
  return logSource(options, {
    awaitedRevocation: true,
    openSession: (listener) => openSession(binding, cluster, settings, listener),
  });
};
