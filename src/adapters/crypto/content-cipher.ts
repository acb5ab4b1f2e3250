/**
 * The cipher of the port, by Node's own AES-256-GCM. A sealed text is
 *
 *     v1.<key id>.<Base64url of 12 bytes IV, ciphertext, 16 bytes tag>
 *
 * with `about` as associated data. The length of the tag is forced: left open, Node takes one of four bytes, which can be
 * guessed. The IV is random, which is sound for about 2³² texts a key: at a million texts a day that is eleven years, so
 * a key that is rotated every year never comes near it. What was sealed has one spelling: a text that decodes to the same
 * bytes but is written otherwise has been changed by somebody, and is refused like any other change.
 */
import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from "node:crypto";
import { Result } from "effect";
import { conceal, reveal, type Concealed } from "../../domain/masking-sensitive.ts";
import type { ContentCipher } from "../../domain/ports/content-cipher.ts";
import { Permanent, type Failure } from "../../failure.ts";
import { KEY_ID, type KeyRing } from "./key-ring.ts";
import { isContact, openOld, type PlaintextCheck } from "./old-formats.ts";

/** With which keys, and what is believed of old data. */
export interface ContentCipherOptions {
  readonly ring: KeyRing;
  /** What a plaintext of an old format must be to be believed. Default: a telephone number or an e-mail address. */
  readonly acceptsOld?: PlaintextCheck;
}

const ALGORITHM = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = "v1";

/**
 * The cipher of the port. The ring's keys have been imported, so neither call waits for anything.
 *
 * @throws RangeError where the present key is not in the ring
 */
export const contentCipher = ({ ring, acceptsOld = isContact }: ContentCipherOptions): ContentCipher => {
  const present = ring.keys.get(ring.present);
  if (present === undefined) throw new RangeError(`the present key ${ring.present} is not in the ring`);
  const head = `${FORMAT}.${ring.present}.`;

  return {
    seal: (text, about) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, present, iv, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(about, "utf8"));
      const sealed = [iv, cipher.update(reveal(text), "utf8"), cipher.final(), cipher.getAuthTag()];
      return head + Buffer.concat(sealed).toString("base64url");
    },
    open: (sealed, about) => {
      const [format, id, body, ...more] = sealed.split(".", 4);
      if (
        format !== FORMAT ||
        id === undefined ||
        body === undefined ||
        more.length > 0 ||
        !KEY_ID.test(id)
      ) {
        const text = openOld(sealed, ring.old, acceptsOld);
        return text === undefined ? unreadable(about) : Result.succeed(conceal(text));
      }
      const key = ring.keys.get(id);
      return key === undefined ? unknownKey(about, id) : openPresent(body, key, about);
    },
  };
};

const openPresent = (body: string, key: KeyObject, about: string): Result.Result<Concealed, Failure> => {
  const bytes = Buffer.from(body, "base64url");
  if (bytes.length < IV_BYTES + TAG_BYTES || bytes.toString("base64url") !== body) return tampered(about);
  const tagAt = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(about, "utf8"));
  decipher.setAuthTag(bytes.subarray(tagAt));
  // What `update` gives is not to be trusted, nor looked at, before `final` has compared the tag.
  const opened = decipher.update(bytes.subarray(IV_BYTES, tagAt));
  try {
    decipher.final();
  } catch {
    return tampered(about);
  }
  return Result.succeed(conceal(opened.toString("utf8")));
};

const refusal =
  (code: string, why: (id: string) => string) =>
  (about: string, id = ""): Result.Result<never, Failure> =>
    Result.fail(new Permanent({ message: `decrypting what belongs to ${about}: ${why(id)}`, code }));

const unknownKey = refusal(
  "unknown-key",
  (id) => `it was sealed with the key ${id}, which is not among the keys: add it, then replay`,
);
const tampered = refusal("tampered", () => "it was changed, or sealed for something else");
const unreadable = refusal("unreadable", () => "it is in none of the formats that are configured");
