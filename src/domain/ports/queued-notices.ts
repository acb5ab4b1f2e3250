/**
 * The ledger's queued rows, taken as a log: T3 over what is due, for a worker that has no broker. Whoever implements it
 * promises:
 *
 * - **Taking is claiming.** What `claimPage` hands over is claimed in the same transaction, by the rule of T3, and locked
 *   rows are passed over, so two workers never wait for each other and never get the same row.
 * - **Oldest first** within `channels`, from `after` on. A caller walks to the end and begins anew: what became due behind its
 *   cursor is found then.
 * - **`changed` wakes, and may wake for nothing.** It ends when something was queued (by whomever), or after `withinMs`. A missed
 *   hint costs `withinMs`, never a notice.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { ChannelId, WorkerId } from "../ids.ts";
import type { ClaimAnswer, DueCursor } from "./notice-ledger.ts";

export interface ClaimPage {
  readonly channels: readonly ChannelId[];
  readonly limit: number;
  readonly after: DueCursor | null;
  readonly owner: WorkerId;
  readonly leaseMs: number;
}

export interface ClaimedPage {
  readonly claimed: readonly NonNullable<ClaimAnswer["claimed"]>[];
  /** Empty at the end: begin anew, after a wait. */
  readonly next: DueCursor | null;
  /** Until the next queued row of these channels is due; empty where there is none. For how long to wait. */
  readonly nextDueInMs: number | null;
}

export interface QueuedNotices {
  readonly claimPage: (page: ClaimPage) => Effect.Effect<ClaimedPage, Failure>;
  readonly changed: (withinMs: number) => Effect.Effect<void>;
}
