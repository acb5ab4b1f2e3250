/**
 * What a database could not store, the memory ledger does not take either: whoever was tested against it must not meet a
 * refusal for the first time in production.
 */
import { Permanent } from "../../failure.ts";
import type { NoticeId } from "../../domain/ids.ts";

/** Limits that may be infinite, or half a millisecond: the only numbers that are not whole. */
const ANY_NUMBER = new Set(["openFrom", "openUntil", "deltaMs", "windowMs", "findableMs"]);

const trouble = (value: unknown, name: string): string | undefined => {
  if (typeof value === "string") return value.includes("\0") ? "a text holds a NUL" : undefined;
  if (typeof value === "number") {
    if (Number.isNaN(value)) return `${name} is NaN`;
    return Number.isSafeInteger(value) || ANY_NUMBER.has(name) ? undefined : `${name} is not a whole number`;
  }
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, each] of Object.entries(value)) {
    const found = trouble(each, key);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Such an item is refused, alone. */
export const indigestible = (item: object): Permanent | undefined => {
  const found = trouble(item, "");
  return found === undefined
    ? undefined
    : new Permanent({ message: `an item cannot be stored: ${found}`, code: "indigestible" });
};

/** Which came first could not be said, so such a batch is refused whole. */
export const twice = (batch: readonly { readonly noticeId: NoticeId }[]): Permanent | undefined =>
  new Set(batch.map(({ noticeId }) => noticeId)).size === batch.length
    ? undefined
    : new Permanent({ message: "two items of one batch name the same notice", code: "same-notice-twice" });
