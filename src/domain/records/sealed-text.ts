/**
 * Text that is safe in a log: what the content cipher made, which names its key and shows nothing else. Only such text fits a
 * record's personal fields, so nothing can be written there in the clear by accident.
 */
import type { Brand } from "effect";
import type { Concealed } from "../masking-sensitive.ts";
import type { ContentCipher } from "../ports/content-cipher.ts";

/** `v1.<key id>.<Base64url>`, as `ContentCipher.seal` writes it. */
export type SealedText = string & Brand.Brand<"SealedText">;

const SEALED = /^v1\.[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]+$/;

/** The text as a sealed one, such as a contact as the ledger keeps it; `null` where it is of another form. */
export const sealedText = (text: string): SealedText | null =>
  SEALED.test(text) ? (text as SealedText) : null; // of the form that the brand stands for

/** Seals a text for the log; a reader that has the keys opens it by the same `about` alone. */
export const sealFor = (cipher: Pick<ContentCipher, "seal">, text: Concealed, about: string): SealedText => {
  const sealed = sealedText(cipher.seal(text, about));
  if (sealed === null)
    throw new Error(`the cipher seals what belongs to ${about} in a form that no log may carry`);
  return sealed;
};
