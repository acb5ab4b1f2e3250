/**
 * What upkeep needs to work a doubt off: the attempt that nobody knows the outcome of, and what a copy of it is made from. It is
 * read and nothing else; whether a copy may leave, or evidence counts, T11r and T12 say. Whoever implements it promises:
 *
 * - **One answer a key**, in order; empty where the notice is not in doubt any more.
 * - **One snapshot a notice**: its attempt is the one that holds the right to send, and no older one.
 * - **Nobody waits for it.** It locks nothing.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { Attempt } from "../attempt.ts";
import type { NoticeId, Period } from "../ids.ts";
import type { Notice } from "../notice.ts";
import type { Contents } from "./notice-ledger.ts";

/** Which doubt is asked for. */
export interface DoubtKey {
  readonly noticeId: NoticeId;
  readonly period: Period;
}

/** A notice in doubt, the attempt that nobody knows the outcome of, and what a copy is made from. */
export interface DoubtfulNotice {
  readonly notice: Notice;
  readonly attempt: Attempt;
  readonly contents: Contents;
}

/** What upkeep reads to work doubts off. */
export interface Doubts {
  readonly read: (keys: readonly DoubtKey[]) => Effect.Effect<readonly (DoubtfulNotice | null)[], Failure>;
}
