/**
 * The permission to have one request under way at a provider. It comes back once: a second word on it says nothing, so that
 * whoever cleans up need not know what was said before.
 */
import type { SendOutcome } from "../../domain/ports/sender.ts";

/** The permission to have one request under way at a provider. */
export interface Permit {
  /** @param tookMs how long the provider took, where that was measured */
  readonly done: (outcome: SendOutcome, tookMs?: number) => void;
  /** It was not used. */
  readonly giveBack: () => void;
}

/** @param back told once: the outcome, or `null` where it was not used */
export const permitThat = (back: (outcome: SendOutcome | null, tookMs?: number) => void): Permit => {
  let isOut = true;
  const once = (outcome: SendOutcome | null, tookMs?: number): void => {
    if (!isOut) return;
    isOut = false;
    back(outcome, tookMs);
  };
  return { done: once, giveBack: () => once(null) };
};
