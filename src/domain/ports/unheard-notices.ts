/**
 * What was queued while the ledger itself was the log: nobody was told of it, and nobody would be for a year. A service that has
 * brokers now looks for such rows and tells of them. Whoever implements it promises:
 *
 * - **Due and queued**, with a `republish_at` further ahead than `beyondMs`; no row twice in a walk, none left out that was so
 *   when the walk began and stays so.
 * - **No lock, no promise**: the row may have moved on when the answer arrives; the next command's guard decides.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { ChannelId, Instant, NoticeId, Period } from "../ids.ts";

/** One of them. */
export interface UnheardNotice {
  readonly noticeId: NoticeId;
  readonly period: Period;
  readonly epoch: number;
  readonly channel: ChannelId;
  readonly dueAt: Instant;
}

/** Keyset cursor: any row of the page before. */
export type UnheardCursor = Pick<UnheardNotice, "channel" | "dueAt" | "noticeId">;

/** Finds what no log was told of. */
export interface UnheardNotices {
  readonly page: (
    beyondMs: number,
    limit: number,
    after?: UnheardCursor,
  ) => Effect.Effect<readonly UnheardNotice[], Failure>;
}
