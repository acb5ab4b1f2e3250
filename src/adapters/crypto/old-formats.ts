/**
 * Readers of what was encrypted before: Base64 of AES-256 without authentication. Nothing is ever written this way.
 *
 * Nothing in these formats says whether the key, the format or the text is the right one, so a reading counts only where
 * the plaintext is a contact by the domain's rules. Nor are they bound to a notice: that is why each has to be configured,
 * and why what was read should be sealed anew.
 *
 * One reading fools the check: CBC of a fixed IV, read as if its first block were the IV, gives the rest of the text
 * unharmed, and the end of an address may be somebody else's address. Read the other way round, the first 16 characters
 * are noise, which is no contact but once in about 10⁸. So the fixed IV is tried first, whatever the order in which the
 * formats were configured; and whoever has both kinds of data must configure both.
 */
import { createDecipheriv, type KeyObject } from "node:crypto";
import { Result } from "effect";
import { readEmail } from "../../domain/email-address-syntax.ts";
import { readPhone } from "../../domain/phone-plan.ts";

/** In the order in which they are tried. */
export const OLD_FORMATS = ["cbc-fixed-iv", "cbc-iv-in-front", "ecb"] as const;
/** One of `OLD_FORMATS`. */
export type OldFormat = (typeof OLD_FORMATS)[number];

/** A format of the time before, with its key. */
export interface OldKey {
  readonly format: OldFormat;
  readonly key: KeyObject;
  /** 16 bytes for `cbc-fixed-iv`; the other formats have none of their own. */
  readonly iv: Uint8Array | null;
}

/** Says whether a plaintext is what it should be. */
export type PlaintextCheck = (text: string) => boolean;

/** A telephone number or an e-mail address. */
export const isContact: PlaintextCheck = (text) =>
  Result.isSuccess(readPhone(text)) || Result.isSuccess(readEmail(text));

const BLOCK_BYTES = 16;
/** More than any contact needs. */
const MAX_OLD_BYTES = 1_024;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The plaintext, or nothing where no configured format gives one that passes the check. */
export const openOld = (
  sealed: string,
  keys: readonly OldKey[],
  accepts: PlaintextCheck,
): string | undefined => {
  const bytes = oldBytes(sealed);
  if (bytes === undefined) return undefined;
  for (const format of OLD_FORMATS) {
    for (const old of keys) {
      const text = old.format === format ? decipher(bytes, old) : undefined;
      if (text !== undefined && accepts(text)) return text;
    }
  }
  return undefined;
};

const oldBytes = (sealed: string): Buffer | undefined => {
  if (sealed.length > MAX_OLD_BYTES * 2) return undefined;
  const written = sealed.replaceAll(/[\r\n]/g, ""); // encoders of that time broke long lines
  if (!BASE64.test(written)) return undefined;
  const bytes = Buffer.from(written, "base64");
  return bytes.length % BLOCK_BYTES === 0 && bytes.length <= MAX_OLD_BYTES ? bytes : undefined;
};

const decipher = (bytes: Buffer, { format, key, iv }: OldKey): string | undefined => {
  const inFront = format === "cbc-iv-in-front" ? BLOCK_BYTES : 0;
  if (bytes.length < inFront + BLOCK_BYTES) return undefined;
  const ivUsed = format === "ecb" ? null : inFront > 0 ? bytes.subarray(0, inFront) : iv;
  try {
    const opened = createDecipheriv(format === "ecb" ? "aes-256-ecb" : "aes-256-cbc", key, ivUsed);
    const text = Buffer.concat([opened.update(bytes.subarray(inFront)), opened.final()]);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text);
  } catch {
    return undefined; // a padding or an encoding that is none: another key, another format
  }
};
