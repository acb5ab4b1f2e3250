/**
 * The ledger's queued rows, taken as a log: T3 over what is due, for a worker that has no broker. Whoever implements it
 * promises:
 *
 * - **Taking is claiming.** What `claimPage` hands over is claimed in the same transaction, by the rule of T3, and locked
 *   rows are passed over, so two workers never wait for each other and never get the same row.
 * - **Due is due.** A queued row is found once its due time has come, whatever the log was told and when (`republishAt`).
 * - **Oldest first** within `channels`, from `after` on. A caller walks to the end and begins anew: what became due behind its
 *   cursor is found then.
 * - **Alone after two lapses** (T4): a notice that lost its worker twice comes in a page of its own, so that it drags nobody
 *   along if it does so again.
 * - **`changed` wakes, and may wake for nothing.** It ends when something was queued since the last page was asked for (by
 *   whomever), or after `withinMs`. A missed hint costs `withinMs`, never a notice. What was heard is remembered for one walker:
 *   each loop takes a `QueuedNotices` of its own.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { ChannelId, WorkerId } from "../ids.ts";
import type { ClaimAnswer, DueCursor } from "./notice-ledger.ts";

/** From so many lapses on a notice is claimed alone. */
export const ALONE_FROM_LAPSES = 2;

/** Which queued rows are to be taken, and for whom. */
export interface ClaimPage {
  readonly channels: readonly ChannelId[];
  /** At most; an implementer may hand over fewer. */
  readonly limit: number;
  readonly after: DueCursor | null;
  readonly owner: WorkerId;
  readonly leaseMs: number;
}

/** Notices that were taken, each by a claim that was won. */
export interface ClaimedPage {
  readonly claimed: readonly NonNullable<ClaimAnswer["claimed"]>[];
  /** Empty at the end: begin anew, after a wait. */
  readonly next: DueCursor | null;
  /**
   * At the end: until the next queued row of these channels is due, for how long to wait. Empty where there is none, and
   * before the end.
   */
  readonly nextDueInMs: number | null;
}

/** The ledger's queued rows, taken as a log. */
export interface QueuedNotices {
  readonly claimPage: (page: ClaimPage) => Effect.Effect<ClaimedPage, Failure>;
  readonly changed: (withinMs: number) => Effect.Effect<void>;
}
