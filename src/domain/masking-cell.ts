/**
 * What of a cell of somebody's file may be shown beside the words that say why it was refused.
 *
 * Columns are mixed up sooner or later, and then a telephone number stands where a date should be. So a value is shown only
 * where its own form makes it harmless, whatever its column is called: a month, a date, a time of day, a small number, a
 * zone. Everything else is masked as the contact or the name that it may be.
 */
import { maskEmail, maskName, maskPhone, maskWhole } from "./masking.ts";

const HARMLESS = [
  /^-?\d{1,6}$/,
  /^\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2}(?:[T ]\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?)?$/,
  /^\d{1,2}:\d{1,2}(?::\d{1,2})?$/,
  /^(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)\/[A-Za-z_]{1,20}$/,
];

/** @param column where it stood: of a name the ends may be shown, as everywhere */
export const shownCell = (column: string, written: string): string => {
  if (HARMLESS.some((form) => form.test(written))) return written;
  if (column === "name") return maskName(written);
  if (column === "phone") return maskPhone(written);
  return written.includes("@") ? maskEmail(written) : maskWhole(written);
};
