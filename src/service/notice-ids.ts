/**
 * The id of the notice about a bill, as a function of its business key: whoever brings the same bill, month and purpose
 * again, after a crash or on purpose, brings the same notice, and the ledger recognises it.
 *
 * It begins with the month, so that somebody who has only the id knows where to look. 128 bits of a digest stand behind it:
 * among 10¹² notices a chance of 10⁻¹⁵ that two share an id, and then the ledger refuses the second one by name.
 */
import { createHash } from "node:crypto";
import { noticeId, period, type NoticeId, type Period } from "../domain/ids.ts";

export interface BusinessKey {
  readonly period: Period;
  readonly billId: string;
  readonly purpose: string;
}

const DIGEST_DIGITS = 32;

export const noticeIdFor = (key: BusinessKey): NoticeId => {
  const digest = createHash("sha256").update(JSON.stringify([key.period, key.billId, key.purpose]), "utf8");
  return noticeId(`${key.period}-${digest.digest("hex").slice(0, DIGEST_DIGITS)}`);
};

/** The month of an id that `noticeIdFor` has made; nothing for the ids of other systems. */
export const periodOfNoticeId = (id: string): Period | null => {
  const [, year = "", month = ""] = /^(\d{4})(\d{2})-[0-9a-f]{32}$/.exec(id) ?? [];
  return Number(year) >= 1900 && Number(month) >= 1 && Number(month) <= 12
    ? period(Number(year + month))
    : null;
};
