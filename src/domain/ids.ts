/**
 * The names by which the domain refers to things: opaque strings and small numbers, branded so that one cannot be
 * handed over for another. The constructors check form only; whether a thing exists is the ledger's to say.
 */
import type { Brand } from "effect";

/** Globally unique name of one notice: the duty to inform one person of one thing. */
export type NoticeId = string & Brand.Brand<"NoticeId">;
/** Made before the insert, so that the same attempt can be asked about after a lost answer. */
export type AttemptId = string & Brand.Brand<"AttemptId">;
/** An open name from the configuration (`"email"` and `"sms"` are two of them). */
export type ChannelId = string & Brand.Brand<"ChannelId">;
/** One life of one worker process; a restarted process is another worker. */
export type WorkerId = string & Brand.Brand<"WorkerId">;
/** Which run admitted a notice. */
export type RunId = string & Brand.Brand<"RunId">;
/** Which version of the policy a notice is pinned to. */
export type PolicyVersion = number & Brand.Brand<"PolicyVersion">;
/** The billing month as `YYYYMM`, a function of the business key and never of the clock. Part of every key. */
export type Period = number & Brand.Brand<"Period">;
/** Milliseconds since 1970 by the database's clock (`millrace.now()`), never by a worker's. */
export type Instant = number & Brand.Brand<"Instant">;

const ID_PATTERN = /^[\x21-\x7e]{1,200}$/;
const CHANNEL_PATTERN = /^[a-z][a-z0-9-]{0,31}$/;

const printable =
  <A extends string>(what: string) =>
  (text: string): A => {
    if (!ID_PATTERN.test(text)) {
      throw new RangeError(`${what} must be 1 to 200 printable ASCII characters without spaces`);
    }
    return text as A; // the pattern is what the brand stands for
  };

/** The text as a notice's id. */
export const noticeId: (text: string) => NoticeId = printable("a notice id");
/** The text as an attempt's id. */
export const attemptId: (text: string) => AttemptId = printable("an attempt id");
/** The text as a worker's id. */
export const workerId: (text: string) => WorkerId = printable("a worker id");
/** The text as a run's id. */
export const runId: (text: string) => RunId = printable("a run id");

/** The text as a channel's id, such as `email` or `sms`. */
export const channelId = (text: string): ChannelId => {
  if (!CHANNEL_PATTERN.test(text)) {
    throw new RangeError(
      `a channel is named by a-z, 0-9 and "-", starting with a letter, at most 32 long: ${JSON.stringify(text.slice(0, 40))}`,
    );
  }
  return text as ChannelId; // the pattern is what the brand stands for
};

/** The text as a billing month, `YYYYMM`. */
export const period = (yyyymm: number): Period => {
  const month = yyyymm % 100;
  if (!Number.isInteger(yyyymm) || yyyymm < 190001 || yyyymm > 999912 || month < 1 || month > 12) {
    throw new RangeError(`a period is a month written YYYYMM, not ${yyyymm}`);
  }
  return yyyymm as Period; // a month, as checked above
};

/** The number as a policy's version. */
export const policyVersion = (version: number): PolicyVersion => {
  if (!Number.isSafeInteger(version) || version < 1)
    throw new RangeError(`a policy version counts from 1, not ${version}`);
  return version as PolicyVersion; // a counting number, as checked above
};

/** Epoch milliseconds as an instant. */
export const instant = (epochMs: number): Instant => {
  if (!Number.isFinite(epochMs))
    throw new RangeError(`an instant is a finite number of milliseconds, not ${epochMs}`);
  return epochMs as Instant; // finite, as checked above
};
