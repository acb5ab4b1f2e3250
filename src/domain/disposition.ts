/**
 * What we do about a failure: one exhaustive switch over what failed and how far the notice had come.
 *
 * |               | before-claim       | claimed            | right-consumed       | first-byte-left      |
 * | ------------- | ------------------ | ------------------ | -------------------- | -------------------- |
 * | `Transient`   | in place, release  | in place, release  | same attempt again   | next attempt         |
 * | `Permanent`   | dead letter        | next channel       | next channel         | next channel         |
 * | `Unconfirmed` | release            | release            | same attempt again   | **doubt**            |
 * | `Undecodable` | dead letter        | next channel       | next channel         | **doubt**            |
 * | `Postponed`   | step back          | step back          | same attempt again   | same attempt again   |
 * | a bug         | dead letter        | next channel       | next channel         | **doubt**            |
 *
 * Two rules stand behind it. Once the right to send is consumed nothing is tried in place: one right is one copy.
 * And once a byte may have left, only the provider's own definite "no" counts as a no; whatever else went wrong,
 * nobody knows, and not knowing is a doubt.
 */
import type { Failure } from "../failure.ts";
import type { AttemptEnd } from "./fall-back.ts";

/**
 * How far it had come. Nothing irreversible can have happened in the first two; in the third the right to send is
 * consumed and no byte has left; in the last one may have.
 */
export type Moment = "before-claim" | "claimed" | "right-consumed" | "first-byte-left";

/** An unexpected throw: no failure of the union, but something must be done about it all the same. */
export interface Bug {
  readonly _tag: "Bug";
}

export type Disposition =
  /** Wait a little, holding what is held, and do the same step again. */
  | { readonly kind: "retry-in-place"; readonly askedDelayMs: number }
  /** Give it back, to whoever takes it next after a back-off (T5); before the claim: leave it to the sweeper. */
  | { readonly kind: "release"; readonly askedDelayMs: number }
  /** Not the time for it: give it back until then (T6n). */
  | { readonly kind: "step-back"; readonly untilMs: number }
  /** The attempt is over, known not to be accepted (T9): the same channel again, if the policy leaves an attempt. */
  | {
      readonly kind: "next-attempt";
      readonly end: Exclude<AttemptEnd, "rejected-for-good" | "unusable">;
      readonly askedDelayMs: number;
      /** Where a time was named rather than a delay. */
      readonly untilMs: number | null;
    }
  /** Over on this channel for good (T5f, T9). */
  | { readonly kind: "next-channel"; readonly end: Extract<AttemptEnd, "rejected-for-good" | "unusable"> }
  /** The provider may have accepted (T10). */
  | { readonly kind: "doubt" }
  /** No notice can be helped by it: to the dead letters as it is (T15). */
  | { readonly kind: "dead-letter" };

/** Longer waits go back to where waiting is free, instead of holding a credit. */
export const IN_PLACE_LIMIT_MS = 1_000;

/** @param retriesLeft how often the step may still be tried in place, by its own schedule */
export const disposeOf = (failure: Failure | Bug, moment: Moment, retriesLeft: number): Disposition => {
  switch (failure._tag) {
    case "Transient": {
      const askedDelayMs = failure.retryAfterMs ?? 0;
      switch (moment) {
        case "before-claim":
        case "claimed":
          return retriesLeft > 0 && askedDelayMs <= IN_PLACE_LIMIT_MS
            ? { kind: "retry-in-place", askedDelayMs }
            : { kind: "release", askedDelayMs };
        case "right-consumed":
          return { kind: "next-attempt", end: "not-handed-over", askedDelayMs, untilMs: null };
        case "first-byte-left":
          return { kind: "next-attempt", end: "rejected-for-now", askedDelayMs, untilMs: null };
      }
    }
    case "Permanent":
      switch (moment) {
        case "before-claim":
          return { kind: "dead-letter" };
        case "claimed":
        case "right-consumed":
          return { kind: "next-channel", end: "unusable" };
        case "first-byte-left":
          return { kind: "next-channel", end: "rejected-for-good" };
      }
    case "Unconfirmed":
      switch (moment) {
        // What may or may not have happened here can be done twice: claims and reads are guarded by epochs.
        case "before-claim":
        case "claimed":
          return { kind: "release", askedDelayMs: 0 };
        case "right-consumed":
          return { kind: "next-attempt", end: "not-handed-over", askedDelayMs: 0, untilMs: null };
        case "first-byte-left":
          return { kind: "doubt" };
      }
    case "Undecodable":
    case "Bug":
      switch (moment) {
        case "before-claim":
          return { kind: "dead-letter" };
        // Not the same attempt again: it costs none, so what is broken would be tried until the notice expires.
        case "claimed":
        case "right-consumed":
          return { kind: "next-channel", end: "unusable" };
        case "first-byte-left":
          return { kind: "doubt" };
      }
    case "Postponed": {
      const { untilMs } = failure;
      switch (moment) {
        case "before-claim":
        case "claimed":
          return { kind: "step-back", untilMs };
        case "right-consumed":
          return { kind: "next-attempt", end: "not-handed-over", askedDelayMs: 0, untilMs };
        case "first-byte-left":
          return { kind: "next-attempt", end: "provider-fault", askedDelayMs: 0, untilMs };
      }
    }
  }
};
