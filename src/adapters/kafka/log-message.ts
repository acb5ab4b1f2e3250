/**
 * A record as it lies in a log, and as it goes into one: bytes, whatever they mean.
 */

/** One record of a topic, as its consumer gets it. */
export interface LogMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** The first of each name; what is no text is read as well as it can be. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

/** One record for a topic. */
export interface WireRecord {
  readonly topic: string;
  /** Its partition follows from it. */
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a record costs in a request besides its key, value and headers: lengths, offsets and times, rounded up. */
export const RECORD_FRAME_BYTES = 32;

export const wireBytes = ({ key, value, headers }: WireRecord): number => {
  let bytes = RECORD_FRAME_BYTES + Buffer.byteLength(key) + value.length;
  for (const [name, text] of Object.entries(headers))
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text) + 4;
  return bytes;
};

/** The same of a record that was read. */
export const messageBytes = ({ key, value, headers }: LogMessage): number => {
  let bytes = RECORD_FRAME_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, text] of Object.entries(headers))
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
  return bytes;
};
