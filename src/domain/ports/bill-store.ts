/**
 * Where bills lie that are too large for a row, or that another system keeps. Whoever implements it promises:
 *
 * - **One answer an item**, in order. `Permanent` for what will never be there (`no-such-bill`, `too-large`, `digest`: the
 *   bytes are not those that were ingested), `Transient` for trouble on the way.
 * - **Bounded.** Nothing larger than its limit is read into memory, whatever the store says of its size.
 * - **Its own folder only.** A place that leads out of its root is refused as `Permanent`.
 *
 * What it answers is as stored: sealed text, which the cipher opens.
 */
import type { Effect, Result } from "effect";
import type { Failure } from "../../failure.ts";
import type { BillRef } from "../bill.ts";

/** Where bills lie that are too large for a row, or that another system keeps. */
export interface BillStore {
  readonly load: (
    refs: readonly BillRef[],
  ) => Effect.Effect<readonly Result.Result<string, Failure>[], Failure>;
}
