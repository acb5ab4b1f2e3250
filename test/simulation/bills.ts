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

/** When every world begins. */
export const START = Date.UTC(2026, 10, 21, 3);

const MOST_NOTICES = 40;
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
export const NOTICES: readonly NewNotice[] = ROWS.map((row) => {
  const bill = Result.getOrThrow(readBillLine(row, { zone: SEOUL }));
  return newNotice(bill, null, { cipher: CIPHER, sealedAbout: aboutTheNotice }, STAMP);
});

/** Addresses and names, as they were brought. */
export const SECRETS: readonly string[] = ROWS.flatMap(({ email, phone, name }) =>
  [email, phone, name].map(String),
);
