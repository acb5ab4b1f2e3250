/**
 * A new contact for a notice: read and checked as at ingest, sealed at once, and shown to nobody. It comes from a file or from
 * standard input, because what stands on a command line is read by every user of the machine and kept by the shell.
 */
import { readFileSync } from "node:fs";
import { Effect, Result } from "effect";
import { postgresContacts } from "../adapters/postgres/contacts.ts";
import type { ChannelId, NoticeId } from "../domain/ids.ts";
import { conceal, reveal } from "../domain/masking-sensitive.ts";
import type { ContactAnswer } from "../domain/ports/contacts.ts";
import type { NoticeReport } from "../domain/ports/ledger-reports.ts";
import { contactRule } from "../domain/contact-rules.ts";
import { Refusal } from "./refusal.ts";
import type { Wiring } from "./wiring.ts";

export interface ContactOrder {
  readonly noticeId: NoticeId;
  readonly channel: ChannelId;
  /** As somebody wrote it. */
  readonly written: string;
  readonly reason: string;
  readonly actor: string;
}

/** Longer is no contact. */
const MAX_BYTES = 1_000;

/** @param path `-` is standard input */
export const readContactFrom = (path: string): string => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path === "-" ? 0 : path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unreadable";
    throw new Refusal(
      "failed",
      `the contact cannot be read from ${path === "-" ? "standard input" : path}: ${code}`,
      cause,
    );
  }
  if (bytes.length > MAX_BYTES) throw new Refusal("usage", `a contact has at most ${MAX_BYTES} bytes`);
  return bytes.toString("utf8").trim();
};

export const updateContact = async (
  { cipher, sealedAbout, database }: Pick<Wiring, "cipher" | "sealedAbout" | "database">,
  { userId }: Pick<NoticeReport, "userId">,
  { noticeId, channel, written, reason, actor }: ContactOrder,
): Promise<ContactAnswer> => {
  const read = contactRule(channel)(conceal(written));
  if (Result.isFailure(read))
    throw new Refusal("usage", `this is no contact for ${channel}: ${read.failure}`);
  const sealed = cipher.seal(conceal(reveal(read.success)), sealedAbout({ noticeId, userId }));
  const contacts = postgresContacts({ pool: database.pool });
  return Effect.runPromise(contacts.update({ noticeId, channel, sealed, reason, actor }));
};
