/**
 * A bill as a template sees it, and how the ledger keeps it.
 *
 * The ledger keeps text that it cannot read: the bill sealed by the cipher, or the place where it lies together with the
 * digest that it had when it was ingested. What a template may name is whatever the bill's fields are; none is required
 * here, because a template that misses one says so itself.
 */
import { Result } from "effect";
import { Undecodable } from "../failure.ts";
import type { Sensitive } from "./masking-sensitive.ts";

/** What a template may name: whatever the bill's JSON holds. */
export type BillFields = Readonly<Record<string, unknown>>;

/** The recipient's name, the lines, the sum: personal data, all of it. */
export type Bill = Sensitive<BillFields, "bill">;

/** In `contents.content`. `sealed`: JSON of the fields, sealed. `ref`: where more fields lie, sealed too. */
export interface StoredBill {
  readonly sealed: string;
  readonly ref: BillRef | null;
}

/** Where a bill lies that the row does not hold. */
export interface BillRef {
  /** `file:2026/11/4711.json`, relative to the store's root. */
  readonly place: string;
  /** SHA-256 of the stored bytes in hex, as they were when the notice was ingested; empty where nobody took it. */
  readonly sha256: string | null;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const refOf = (value: unknown): BillRef | null | undefined => {
  if (value === undefined || value === null) return null;
  if (!isRecord(value) || typeof value["place"] !== "string") return undefined;
  const sha256 = value["sha256"] ?? null;
  return sha256 === null || typeof sha256 === "string" ? { place: value["place"], sha256 } : undefined;
};

/** Reads what ingest has written, and says nothing of its contents where it cannot. */
export const storedBill = (content: unknown): Result.Result<StoredBill, Undecodable> => {
  const ref = isRecord(content) ? refOf(content["ref"]) : undefined;
  if (!isRecord(content) || typeof content["sealed"] !== "string" || ref === undefined)
    return Result.fail(
      new Undecodable({
        message: "reading a stored bill: it is not in the form that ingest writes",
        code: "bill",
      }),
    );
  return Result.succeed({ sealed: content["sealed"], ref });
};

/** The fields out of decrypted JSON; an array, a number or `null` is no bill. */
export const billFields = (json: string): Result.Result<BillFields, Undecodable> => {
  const unreadable = (): Result.Result<BillFields, Undecodable> =>
    Result.fail(new Undecodable({ message: "reading a bill: it is no JSON object", code: "bill" }));
  try {
    const parsed: unknown = JSON.parse(json);
    return isRecord(parsed) ? Result.succeed(parsed) : unreadable();
  } catch {
    return unreadable(); // the parser's own words would quote the bill
  }
};
