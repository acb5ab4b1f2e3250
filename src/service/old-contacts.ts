/**
 * Contacts that an earlier system has encrypted, on their way in: opened by the old formats that are configured, and by no other. What
 * they say is then checked and sealed anew like everything that comes in, so no old text gets into the ledger.
 *
 * What is no sealed text, or does not open, is left as it is: it is read as a contact, and refused as what it is.
 */
import { Result } from "effect";
import type { BillRow } from "../domain/bill-line.ts";
import { reveal } from "../domain/masking-sensitive.ts";
import type { ContentCipher } from "../domain/ports/content-cipher.ts";

/** The text of a cell, where it opens. */
export type OpenContact = (sealed: string) => string | null;

const COLUMNS = ["email", "phone"] as const;

/** Old formats are bound to nothing; a text of the present one is, and does not open as nobody's. */
const NOBODY = "a line of ingest";

export const oldContacts =
  (cipher: Pick<ContentCipher, "open">): OpenContact =>
  (sealed) => {
    const opened = cipher.open(sealed, NOBODY);
    return Result.isSuccess(opened) ? reveal(opened.success) : null;
  };

export const contactsOpened = (row: BillRow, open: OpenContact): BillRow => {
  const opened = COLUMNS.flatMap((column) => {
    const cell = row[column];
    const text = typeof cell === "string" ? open(cell.trim()) : null;
    return text === null ? [] : [[column, text] as const];
  });
  return opened.length === 0 ? row : { ...row, ...Object.fromEntries(opened) };
};
