/**
 * The lines of a bill as somebody hands them over: `[{"label": "Basic charge", "amount": 33000}, …]`, and their sum.
 *
 * An amount is a whole number, or decimal digits as text where it has places behind the point; it is added up exactly. More
 * fields in a line are taken as they are, for whatever a template wants to show.
 */
import { Result } from "effect";

export interface BillItems {
  readonly items: readonly BillItem[];
  /** The sum of all amounts; text where it has places behind the point. */
  readonly total: number | string;
}

export interface BillItem {
  readonly label: string;
  readonly amount: number | string;
  readonly [more: string]: unknown;
}

/** More lines than any bill has that is sent by e-mail. */
export const MAX_ITEMS = 500;
const MAX_LABEL = 200;
const DECIMAL = /^(-?)(\d{1,15})(?:\.(\d{1,4}))?$/;
const PLACES = 4;
const ONE = 10n ** BigInt(PLACES);

/** The failure says which line is wrong and how, and holds nothing of what was written. */
export const readItems = (written: unknown): Result.Result<BillItems, string> => {
  const listed = typeof written === "string" ? parsed(written) : written;
  if (!Array.isArray(listed))
    return Result.fail('is no list in JSON: write [{"label": "…", "amount": 1000}]');
  if (listed.length === 0) return Result.fail("is an empty list");
  if (listed.length > MAX_ITEMS) return Result.fail(`has more than ${MAX_ITEMS} lines`);
  const items: BillItem[] = [];
  let sum = 0n;
  for (const [place, entry] of listed.entries()) {
    const { label, amount, ...more } = isRecord(entry) ? entry : {};
    if (typeof label !== "string" || label.trim() === "" || label.length > MAX_LABEL)
      return Result.fail(`has no label of 1 to ${MAX_LABEL} characters in line ${place + 1}`);
    const units = unitsOf(amount);
    if (units === undefined || (typeof amount !== "number" && typeof amount !== "string"))
      return Result.fail(
        `has no amount in line ${place + 1}: a number, or digits with at most ${PLACES} places as text`,
      );
    items.push({ ...more, label, amount });
    sum += units;
  }
  return Result.succeed({ items, total: inWords(sum) });
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown; // looked at field by field from here on
  } catch {
    return undefined; // the parser's own words would quote the bill
  }
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const unitsOf = (amount: unknown): bigint | undefined => {
  const match = DECIMAL.exec(
    typeof amount === "number" ? String(amount) : typeof amount === "string" ? amount : "",
  );
  if (match === null) return undefined;
  const [, sign, whole = "", places = ""] = match;
  const units = BigInt(whole) * ONE + BigInt(places.padEnd(PLACES, "0"));
  return sign === "-" ? -units : units;
};

const inWords = (units: bigint): number | string => {
  if (
    units % ONE === 0n &&
    units / ONE <= BigInt(Number.MAX_SAFE_INTEGER) &&
    units / ONE >= -BigInt(Number.MAX_SAFE_INTEGER)
  )
    return Number(units / ONE);
  const size = units < 0n ? -units : units;
  const places = String(size % ONE)
    .padStart(PLACES, "0")
    .replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${size / ONE}${places === "" ? "" : `.${places}`}`;
};
