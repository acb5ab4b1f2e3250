/**
 * Dead letters, and what is done about them. Whoever implements it promises:
 *
 * - **Each entry is told.** An entry into `failed` or `in_doubt` is untold from the transaction that made it until `told`. Who
 *   relays it writes its line first and marks it then: a crash in between repeats the line, and loses none.
 * - **Any number of relays.** What `untold` hands over it hands over to nobody else for `RETOLD_AFTER_MS`.
 * - **Discarding is an operator's last word** on a failure, noted with who and why: T13 refuses the letter from then on. A doubt
 *   cannot be discarded: it is resolved by evidence, and its open letter is how it is found.
 *
 * Listing and counting them is `LedgerReports`'; a replay is T13, by the ledger.
 */
import type { Effect } from "effect";
import type { DeadLetter } from "../dead-letter.ts";
import type { Failure } from "../../failure.ts";
import type { ChannelId, Instant, RunId } from "../ids.ts";
import type { Verdict } from "../lifecycle/rule.ts";
import type { Resend } from "../policy.ts";

/** A relay that has not marked a letter by then is taken for dead. */
export const RETOLD_AFTER_MS = 30_000;

/** A dead letter with what an operator wants to know of it. */
export interface Letter extends DeadLetter {
  /** Of its attempt; where there was none, the notice's. Empty where a replay has begun since. */
  readonly channel: ChannelId | null;
  readonly runId: RunId | null;
  /** Where in the pipeline it left, if its reason says so. */
  readonly stage: string | null;
  /** Of its generation, until it was opened. */
  readonly attempts: number;
  /** Empty where nothing was ever sent: it failed before. */
  readonly firstTriedAt: Instant | null;
  readonly lastTriedAt: Instant | null;
}

/** What tells one dead letter from every other. */
export type LetterName = Pick<DeadLetter, "period" | "noticeId" | "kind" | "epoch">;

/** Keyset cursor: the last letter of the page before. */
export type ResendCursor = Pick<DeadLetter, "openedAt" | "noticeId">;

/** What became of a letter that was to be discarded. */
export interface LetterAnswer {
  /** `lost`: it is not open any more (`letter.state`), or a doubt (`letter.kind`). */
  readonly verdict: Extract<Verdict, "won" | "already-mine" | "lost" | "gone">;
  readonly because: string | null;
}

/** Dead letters, and what is done about them. */
export interface Letters {
  /** At most `limit`, oldest first. */
  readonly untold: (limit: number) => Effect.Effect<readonly Letter[], Failure>;
  /** Whose line is still owed, those included that a relay has taken. */
  readonly untoldCount: Effect.Effect<number, Failure>;
  readonly told: (batch: readonly LetterName[]) => Effect.Effect<void, Failure>;
  /**
   * Open failures that a policy replays by itself and T13 would take now, oldest first: `afterMs` old, of a generation below
   * `maxGenerations`, not expired and without a contradiction.
   */
  readonly dueForResend: (
    resend: Resend,
    limit: number,
    after?: ResendCursor,
  ) => Effect.Effect<readonly Letter[], Failure>;
  /** One answer a letter, in order; a batch that names a notice twice is refused as `Permanent`. */
  readonly discard: (
    batch: readonly LetterName[],
    actor: string,
    reason: string,
  ) => Effect.Effect<readonly LetterAnswer[], Failure>;
}
