/**
 * What is ingested in every world: made-up bills, and of whom they must not tell anybody.
 */
import { Result } from "effect";
import { readBillLine } from "../../src/domain/bill-line.ts";
import { instant } from "../../src/domain/ids.ts";
import type { NewNotice } from "../../src/domain/ports/notice-ledger.ts";
import { SEOUL } from "../../src/domain/zone-time.ts";
import { demoBills } from "../../src/service/demo-bills.ts";
import { aboutTheNotice, newNotice } from "../../src/service/new-notice.ts";
import { CIPHER } from "./service-life.ts";

/** When every world begins: 15 seconds before noon in Seoul. */
export const START = Date.UTC(2026, 10, 21, 2, 59, 45);
/** In every world's time. */
export const NOON_MS = 15_000;

const MOST_NOTICES = 40;
/** Of one in so many its time is up in the middle of the faults. */
const SHORT_LIVED_EVERY = 8;
const SHORT_LIFE_MS = 12_000;
const STAMP = {
  ...{ now: instant(START), expiresAfterMs: 86_400_000, priority: 0 },
  ...{ kind: "bill", actor: "intake" },
};

const ROWS = [
  ...demoBills({ count: MOST_NOTICES, name: "bill", now: instant(START), failing: 0, quiet: 0 }),
].map((line) => {
  if ("row" in line) return line.row;
  throw new Error("a made-up bill has a row");
});

/** Made once: what was ingested never changes. */
export const NOTICES: readonly NewNotice[] = ROWS.map((row, nth) => {
  const bill = Result.getOrThrow(readBillLine(row, { zone: SEOUL }));
  const expiresAfterMs = nth % SHORT_LIVED_EVERY === 0 ? SHORT_LIFE_MS : STAMP.expiresAfterMs;
  return newNotice(bill, null, { cipher: CIPHER, sealedAbout: aboutTheNotice }, { ...STAMP, expiresAfterMs });
});

/** Addresses and names, as they were brought. */
export const SECRETS: readonly string[] = ROWS.flatMap(({ email, phone, name }) =>
  [email, phone, name].map(String),
);
