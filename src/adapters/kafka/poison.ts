/**
 * What becomes of a record that cannot be read: its bytes are sealed, because they may be anybody's, and go to the ledger (T15);
 * the ledger's entry is the truth, and the dead-letter topic gets its copy. Bytes that would not fit into a record there are named
 * by their digest; the ledger's entry of the same coordinates has them.
 */
import { createHash } from "node:crypto";
import { conceal } from "../../domain/masking-sensitive.ts";
import type { ContentCipher } from "../../domain/ports/content-cipher.ts";
import type { PoisonRecord } from "../../domain/ports/notice-ledger.ts";
import type { UntoldPoison } from "../../domain/ports/poison-letters.ts";
import {
  type PoisonLetter,
  type RecordCoordinates,
  sealedAboutPoison,
} from "../../domain/records/dead-letter-record.ts";
import { sealedText, type SealedText, sealFor } from "../../domain/records/sealed-text.ts";
import type { DeadRecord } from "../../streams/runtime/publisher.ts";
import type { LogMessage } from "./log-message.ts";

type Sealing = Pick<ContentCipher, "seal">;

/** As it came from the log: whoever makes a pipeline over this adapter's sources gets its dead records with such bodies. */
export type DeadMessage = Omit<DeadRecord, "body"> & { readonly body: LogMessage };

const placeOf = ({ topic, partition, offset }: LogMessage): RecordCoordinates => ({
  ...{ topic, partition },
  offset: String(offset),
});

/** In Base64 first: bytes are no text. */
const sealedBytes = (cipher: Sealing, bytes: Uint8Array, place: RecordCoordinates): SealedText =>
  sealFor(cipher, conceal(Buffer.from(bytes).toString("base64")), sealedAboutPoison(place));

const bytesOf = ({ value }: LogMessage): Uint8Array => value ?? new Uint8Array();

/** For the ledger's table, which keeps them whole. */
export const poisonRecord = (
  cipher: Sealing,
  { body, reason, stage, attempts }: DeadMessage,
): PoisonRecord => {
  const place = placeOf(body);
  const bytes = bytesOf(body);
  return {
    ...place,
    ...{ reason, stage, attempts },
    payload: Buffer.from(sealedBytes(cipher, bytes, place)),
    digest: { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length },
  };
};

/** What a letter has around its payload: its other fields, key and headers, at their longest, and rounded up. */
const FRAME_BYTES = 20_000;

/** The largest payload, as it is kept, that fits into a letter of at most so many bytes. */
export const payloadRoom = (recordBytes: number): number => Math.max(0, recordBytes - FRAME_BYTES);

/** What is not sealed goes into no log, whoever kept it. */
const sealedPayload = (payload: Uint8Array | null): SealedText | null =>
  payload === null ? null : sealedText(Buffer.from(payload).toString("latin1"));

/** For the topic, from the ledger's entry: its payload where there is room for it, else what stands for it. */
export const poisonLetter = (entry: UntoldPoison, recordBytes: number): PoisonLetter => {
  const { topic, partition, offset, reason, stage, attempts, payload, digest, firstSeenAt } = entry;
  const fits = payload !== null && payload.length <= payloadRoom(recordBytes);
  const text = fits ? sealedPayload(payload) : null;
  return {
    kind: "poison",
    ...{ topic, partition, offset },
    payload: text === null ? { kind: "elsewhere", ...digest } : { kind: "sealed", text },
    ...{ reason, stage, attempts },
    firstTriedAt: null,
    lastTriedAt: null,
    openedAt: firstSeenAt,
  };
};
