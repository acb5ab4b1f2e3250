/**
 * One row of somebody's file or table, read into a bill and the duty to inform about it; or everything that is wrong with it
 * at once, field by field. Comes after the file's format was undone, before anything is sealed.
 *
 * A line is taken whole or not at all: a bill whose e-mail address is wrong should be mended, not sent by SMS in silence.
 * What a problem shows of the value has passed `shownCell`: no address, no name, no number of a person.
 */
import { Result } from "effect";
import type { Bill } from "./bill.ts";
import type { BillColumn } from "./bill-columns.ts";
import { readItems } from "./bill-items.ts";
import { EMAIL_REFUSALS } from "./email-address-syntax.ts";
import { emailAddress, type EmailAddress } from "./email-address.ts";
import { period, type Instant, type Period } from "./ids.ts";
import { onDayOfMonth, readTime, TIME_REFUSALS } from "./local-time.ts";
import { shownCell } from "./masking-cell.ts";
import { conceal, Sensitive } from "./masking-sensitive.ts";
import { maskWhole } from "./masking.ts";
import { PHONE_REFUSALS, readPhone } from "./phone-plan.ts";
import { phoneNumber, type PhoneNumber } from "./phone.ts";
import { readOwnQuietHours } from "./quiet-hours-own.ts";
import { zoneId, type ZoneId } from "./zone-time.ts";

/** As decoded: texts, and in JSON also numbers and lists. A column that is empty, `null` or not there is the same. */
export type BillRow = Readonly<Partial<Record<BillColumn, unknown>>>;

export interface LineProblem {
  /** `line` for what is wrong with the line as a whole. */
  readonly field: BillColumn | "line";
  readonly problem: string;
  /** The value, as far as it may be shown; empty where there is none. */
  readonly shown: string;
}

/** A line of a source: a row, or why it could not be decoded. Lines count from 1, a file's header included. */
export type SourceLine = { readonly line: number } & (
  | { readonly row: BillRow }
  | { readonly problems: readonly LineProblem[] }
);

export interface BillLine {
  readonly userId: string;
  readonly billId: string;
  readonly period: Period;
  readonly purpose: string;
  /** From when on it may be sent: `available_at`, or the send day after it. */
  readonly dueAt: Instant;
  readonly expiresAt: Instant | null;
  /** In the form that `readOwnQuietHours` reads. */
  readonly quietHours: Readonly<Record<string, unknown>> | null;
  readonly email: EmailAddress | null;
  readonly phone: PhoneNumber | null;
  readonly bill: Bill;
  /** Where more of the bill lies, such as `file:2026/11/4711.json`. */
  readonly contentRef: string | null;
}

export interface BillLineSettings {
  /** Of lines that name none: in which dates, and the recipient's quiet hours, are read. */
  readonly zone: ZoneId;
}

export const readBillLine = (
  row: BillRow,
  settings: BillLineSettings,
): Result.Result<BillLine, readonly LineProblem[]> => {
  const cells = new Cells(row);
  const zone = readZone(cells, settings.zone);
  const line = {
    userId: readId(cells, "user_id", MAX_ID),
    billId: readId(cells, "bill_id", MAX_ID),
    period: readMonth(cells),
    purpose: readId(cells, "purpose", MAX_PURPOSE),
    dueAt: readDue(cells, zone),
    expiresAt: readOptionalTime(cells, "expires_at", zone),
    quietHours: readQuietHours(cells, zone),
    ...readContacts(cells),
    contentRef: readPlace(cells),
    bill: readFields(cells),
  };
  if (line.dueAt !== undefined && line.expiresAt != null && line.expiresAt <= line.dueAt)
    cells.refuse("expires_at", "is not after the time from which on it may be sent");
  return cells.problems.length > 0 || !isWhole(line) ? Result.fail(cells.problems) : Result.succeed(line);
};

const isWhole = <Line extends object>(
  line: Line,
): line is Line & { readonly [Field in keyof Line]: Exclude<Line[Field], undefined> } =>
  Object.values(line).every((value) => value !== undefined);

/** The row, and what was found wrong with it so far. What could not be read is `undefined`, and always has a problem. */
class Cells {
  readonly problems: LineProblem[] = [];
  readonly #row: BillRow;

  constructor(row: BillRow) {
    this.#row = row;
  }

  raw(column: BillColumn): unknown {
    return this.#row[column];
  }

  /** Empty where nothing is written. */
  text(column: BillColumn): string {
    const value = this.#row[column];
    if (value === undefined || value === null) return "";
    if (typeof value === "string") return value.trim();
    return typeof value === "number" || typeof value === "boolean" ? String(value) : JSON.stringify(value);
  }

  refuse(field: BillColumn, problem: string): undefined {
    this.problems.push({ field, problem, shown: shownCell(field, this.text(field)) });
    return undefined;
  }
}

const MAX_ID = 200;
const MAX_PURPOSE = 64;
const UNSEEN = /[\p{Z}\p{C}]/u;

const readId = (cells: Cells, column: BillColumn, most: number): string | undefined => {
  const text = cells.text(column);
  if (text === "") return cells.refuse(column, "is missing");
  if (text.length > most) return cells.refuse(column, `is longer than ${most} characters`);
  if (UNSEEN.test(text)) return cells.refuse(column, "holds a space or a character that cannot be seen");
  return isSomebodysContact(text)
    ? cells.refuse(column, "is an address or a telephone number, while ids are kept in the clear")
    : text;
};

const isSomebodysContact = (text: string): boolean => {
  const phone = /^[+0]/.test(text) ? readPhone(text) : undefined;
  return (
    text.includes("@") || (phone !== undefined && Result.isSuccess(phone) && phone.success.kind === "mobile")
  );
};

const MONTH = /^(\d{4})-?(\d{2})(?:-01)?$/;

const readMonth = (cells: Cells): Period | undefined => {
  const text = cells.text("billing_month");
  if (text === "") return cells.refuse("billing_month", "is missing");
  const [, year = "", month = ""] = MONTH.exec(text) ?? [];
  const known = Number(year) >= 1900 && Number(month) >= 1 && Number(month) <= 12;
  return known
    ? period(Number(year + month))
    : cells.refuse("billing_month", "is no month: write 202611 or 2026-11");
};

const readZone = (cells: Cells, otherwise: ZoneId): ZoneId => {
  const name = cells.text("zone");
  if (name === "") return otherwise;
  const zone = zoneId(name);
  if (Result.isSuccess(zone)) return zone.success;
  cells.refuse("zone", "is no zone of the IANA database, such as Asia/Seoul");
  return otherwise;
};

const readDue = (cells: Cells, zone: ZoneId): Instant | undefined => {
  const availableAt = readOptionalTime(cells, "available_at", zone);
  const sendDay = cells.text("send_day");
  if (availableAt === null) return cells.refuse("available_at", "is missing");
  if (sendDay === "") return availableAt;
  if (!/^(?:0?[1-9]|[12]\d|3[01])$/.test(sendDay))
    return cells.refuse("send_day", "is no day of a month, 1 to 31");
  return availableAt === undefined ? undefined : onDayOfMonth(availableAt, Number(sendDay), zone);
};

/** Nothing where nothing is written. */
const readOptionalTime = (cells: Cells, column: BillColumn, zone: ZoneId): Instant | null | undefined => {
  const text = cells.text(column);
  if (text === "") return null;
  const time = readTime(text, zone);
  return Result.isSuccess(time) ? time.success : cells.refuse(column, TIME_REFUSALS[time.failure]);
};

const readQuietHours = (cells: Cells, zone: ZoneId): BillLine["quietHours"] | undefined => {
  // A database's time of day has seconds.
  const [from, until] = [cells.text("quiet_from"), cells.text("quiet_to")].map((text) =>
    text.replace(/^(\d{2}:\d{2}):00$/, "$1"),
  );
  if (from === "" && until === "") return null;
  if (from === "") return cells.refuse("quiet_from", "is missing, while quiet_to is there");
  if (until === "") return cells.refuse("quiet_to", "is missing, while quiet_from is there");
  const written = { zone, intervals: [{ from, until }] };
  if (Result.isSuccess(readOwnQuietHours(written))) return written;
  cells.refuse(
    "quiet_from",
    "and quiet_to are no two different times of day from 00:00 to 24:00, such as 22:00 and 07:00",
  );
  return cells.refuse("quiet_to", "belongs to quiet_from");
};

const readContacts = (
  cells: Cells,
): { email: EmailAddress | null | undefined; phone: PhoneNumber | null | undefined } => {
  const [mail, number] = [cells.text("email"), cells.text("phone")];
  if (mail === "" && number === "")
    cells.refuse("email", "is missing, and so is phone: one of them is needed");
  const email = mail === "" ? null : emailAddress(conceal(mail));
  const phone = number === "" ? null : phoneNumber(conceal(number));
  return {
    email:
      email === null || Result.isSuccess(email)
        ? (email?.success ?? null)
        : cells.refuse("email", `is no address: ${EMAIL_REFUSALS[email.failure]}`),
    phone:
      phone === null || Result.isSuccess(phone)
        ? (phone?.success ?? null)
        : cells.refuse("phone", `is no telephone number: ${PHONE_REFUSALS[phone.failure]}`),
  };
};

const MAX_PLACE = 500;

/** Whether anything lies there is the store's to say. */
const readPlace = (cells: Cells): string | null | undefined => {
  const text = cells.text("content_ref");
  if (text === "") return null;
  return text.length <= MAX_PLACE && /^[a-z][a-z0-9]{0,15}:[^\p{C}]+$/u.test(text)
    ? text
    : cells.refuse("content_ref", "is no place such as file:2026/11/4711.json");
};

const MAX_NAME = 100;
const MAX_GRADE = 50;

const readFields = (cells: Cells): Bill | undefined => {
  const name = readWords(cells, "name", MAX_NAME);
  if (name === "") cells.refuse("name", "is missing");
  const grade = readWords(cells, "grade", MAX_GRADE);
  const hasItems = cells.text("items") !== "";
  if (!hasItems && cells.text("content_ref") === "")
    return cells.refuse("items", "is missing, and so is content_ref: one of them is needed");
  const items = hasItems ? readItems(cells.raw("items")) : Result.succeed({});
  if (Result.isFailure(items)) return cells.refuse("items", items.failure);
  const fields = { name, ...(grade === "" ? {} : { grade }), ...items.success };
  return new Sensitive("bill", fields, maskWhole("bill"));
};

const readWords = (cells: Cells, column: BillColumn, most: number): string => {
  const text = cells.text(column).normalize("NFC");
  if (text.length > most) cells.refuse(column, `is longer than ${most} characters`);
  else if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text))
    cells.refuse(column, "holds a line break or another control character");
  return text;
};
