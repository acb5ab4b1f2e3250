/**
 * A record as librdkafka has fetched it, and as everybody else knows it. The binding has copied its bytes already.
 */
import type { LogMessage } from "../log-message.ts";
import type { VendorMessage } from "./binding.ts";

export const messageOf = (message: VendorMessage): LogMessage => {
  const { topic, partition, offset, key, value, timestamp, headers = [] } = message;
  const read = new Map<string, string>();
  for (const header of headers) {
    for (const [name, bytes] of Object.entries(header)) {
      if (!read.has(name)) read.set(name, bytes.toString("utf8"));
    }
  }
  return {
    ...{ topic, partition, offset, key, value, timestampMs: timestamp },
    headers: Object.fromEntries(read),
  };
};
