/**
 * Waits until each dead letter has its line in the log. Whoever stops its relay before that leaves lines behind that are written only
 * when somebody runs upkeep here again, and after a demonstration that may be never.
 *
 * Bounded: a letter that a relay took and died with is owed again after `RETOLD_AFTER_MS`, so a little more than that is enough
 * wherever lines can be written at all.
 */
import { Effect } from "effect";
import { RETOLD_AFTER_MS, type Letters } from "../domain/ports/letters.ts";
import type { Clock } from "../streams/runtime/system-ports.ts";

export const TOLD_WITHIN_MS = RETOLD_AFTER_MS + 10_000;
const LOOK_EVERY_MS = 100;

export interface UntilToldOptions {
  /** Default `TOLD_WITHIN_MS`. */
  readonly withinMs?: number;
  /** Wait no longer. */
  readonly signal?: AbortSignal;
}

/** How many are untold still: 0, but where the time was up or the signal came. */
export const untilTold = async (
  { letters, clock }: { readonly letters: Pick<Letters, "untoldCount">; readonly clock: Clock },
  { withinMs = TOLD_WITHIN_MS, signal }: UntilToldOptions = {},
): Promise<number> => {
  const untilMs = clock.monotonicMs() + withinMs;
  for (;;) {
    const count = await Effect.runPromise(letters.untoldCount);
    if (count === 0 || signal?.aborted === true || clock.monotonicMs() >= untilMs) return count;
    await new Promise<void>((resolve) => clock.after(LOOK_EVERY_MS, resolve));
  }
};
