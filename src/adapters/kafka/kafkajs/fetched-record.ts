/**
 * A record as kafkajs has fetched it, and as everybody else knows it.
 */
import type { IHeaders, KafkaMessage } from "kafkajs";
import { type LogMessage, RECORD_FRAME_BYTES } from "../log-message.ts";

/** A fetched record and where it lies. */
export interface FetchedRecord {
  readonly partition: number;
  readonly message: KafkaMessage;
}

export const weightOf = ({ key, value, headers }: KafkaMessage): number => {
  let bytes = RECORD_FRAME_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0);
  return bytes;
};

/** A copy: what was fetched lies in the buffer of a whole response, which one unfinished record would keep alive. */
const copyOf = (bytes: Buffer | null): Uint8Array | null => (bytes === null ? null : Uint8Array.from(bytes));

export const messageOf = (topic: string, { partition, message }: FetchedRecord): LogMessage => ({
  topic,
  partition,
  offset: Number(message.offset),
  key: copyOf(message.key),
  value: copyOf(message.value),
  headers: message.headers === undefined ? {} : headersOf(message.headers),
  timestampMs: Number(message.timestamp),
});

/** Others' headers may have no value at all, which the client's types do not say. */
const textOf = (value: Buffer | string | null): string => value?.toString() ?? "";

const headersOf = (headers: IHeaders): Readonly<Record<string, string>> => {
  const read: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) read.push([name, textOf(first)]);
  }
  return Object.fromEntries(read);
};
