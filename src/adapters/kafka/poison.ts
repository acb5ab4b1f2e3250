/**
 * What becomes of a record that cannot be read: its bytes are sealed, because they may be anybody's, and go to the ledger (T15) and
 * as a copy to the dead-letter topic. Bytes that would not fit into a record there are named by their digest; the ledger's entry
 * of the same coordinates has them.
 */
import { createHash } from "node:crypto";
import { instant } from "../../domain/ids.ts";
import { conceal } from "../../domain/masking-sensitive.ts";
import type { ContentCipher } from "../../domain/ports/content-cipher.ts";
import type { PoisonRecord } from "../../domain/ports/notice-ledger.ts";
import {
  type PoisonLetter,
  type RecordCoordinates,
  sealedAboutPoison,
} from "../../domain/records/dead-letter-record.ts";
import { type SealedText, sealFor } from "../../domain/records/sealed-text.ts";
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
export const poisonRecord = (cipher: Sealing, { body, reason }: DeadMessage): PoisonRecord => {
  const place = placeOf(body);
  return { ...place, reason, payload: Buffer.from(sealedBytes(cipher, bytesOf(body), place)) };
};

/** Sealing Base64 and writing that in Base64 again makes 9 bytes of 5, and the letter has a frame around it. */
const LARGEST_SHARE = 0.5;

/** For the topic, whose records may have at most so many bytes. Default 1,000,000. */
export const poisonLetter = (
  cipher: Sealing,
  { body, reason, stage, attempts, atMs }: DeadMessage,
  recordBytes = 1_000_000,
): PoisonLetter => {
  const place = placeOf(body);
  const bytes = bytesOf(body);
  const fits = bytes.length <= recordBytes * LARGEST_SHARE;
  return {
    kind: "poison",
    ...place,
    payload: fits
      ? { kind: "sealed", text: sealedBytes(cipher, bytes, place) }
      : { kind: "elsewhere", sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length },
    ...{ reason, stage, attempts },
    firstTriedAt: null,
    lastTriedAt: instant(atMs),
    openedAt: instant(atMs),
  };
};
