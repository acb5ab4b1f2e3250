/**
 * Whether a provider is worth asking at all. It is paused when it fails as a whole; then single requests try it, and when one
 * of them goes well it is loaded again, twice as much with each round of answers. Nothing fails because a provider was down.
 *
 * | state     | what enters it                                                                    | who gets through      |
 * | --------- | --------------------------------------------------------------------------------- | --------------------- |
 * | `open`    | the beginning; a probe that was answered                                          | all, or as many as the ramp allows |
 * | `paused`  | the provider says so itself, its troubles are too many, a probe that met trouble  | nobody, until the pause is over |
 * | `probing` | the first request after a pause                                                   | that one              |
 *
 * Requests of before a pause come back during it, and after it: they say nothing of how the provider does now (`era`).
 */
import type { SendOutcome } from "../../domain/ports/sender.ts";
import { OutcomeWindow } from "./outcome-window.ts";
import type { BreakerLimits } from "./breaker-limits.ts";
import { type PauseCause, type ProviderSign, signOf } from "./provider-sign.ts";

/** Whether a provider is asked: as usual, not at all, or by a probe. */
export type BreakerState = "open" | "paused" | "probing";

export interface Pause {
  readonly cause: PauseCause;
  /** The same in more words; they may be the provider's. */
  readonly reason: string;
  readonly forMs: number;
  /** Wrong credentials or a wrong address: it does not go by itself. */
  readonly mustBeMended: boolean;
}

export class ProviderBreaker {
  readonly #limits: BreakerLimits;
  readonly #window: OutcomeWindow;
  #state: BreakerState = "open";
  #era = 0;
  #pause: Pause | null = null;
  #pausedUntilMs = 0;
  /** Pauses one after the other. */
  #pauses = 0;
  #openedAtMs = -Infinity;
  /** Requests of this era that may be under way; grows with each that goes well. */
  #ramp = Infinity;
  #outInEra = 0;

  constructor(limits: BreakerLimits) {
    this.#limits = limits;
    this.#window = new OutcomeWindow(limits.windowMs);
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Why it is not open; `null` while it is. */
  get pause(): Pause | null {
    return this.#pause;
  }

  get ramp(): number {
    return this.#ramp;
  }

  /** Until somebody may get through; `Infinity`: not before one that is under way has come back. */
  inMs(nowMs: number): number {
    switch (this.#state) {
      case "open":
        return this.#outInEra < this.#ramp ? 0 : Infinity;
      case "paused":
        return Math.max(0, Math.ceil(this.#pausedUntilMs - nowMs));
      case "probing":
        return Infinity;
    }
  }

  /** Only where `inMs` has just said 0. Returns the era, to be told with the outcome. */
  took(): number {
    if (this.#state === "paused") this.#state = "probing";
    this.#outInEra += 1;
    return this.#era;
  }

  /** What came of it; `null`: it was not used. True when the state has changed. */
  ended(era: number, outcome: SendOutcome | null, nowMs: number): boolean {
    const sign = outcome === null ? null : signOf(outcome);
    if (era !== this.#era) return this.#pausedLonger(sign, nowMs);
    this.#outInEra -= 1;
    if (this.#state === "probing") return this.#probed(sign, nowMs);
    if (sign === null) return false;
    const { trouble } = sign;
    this.#window.note(trouble !== null, nowMs);
    if (trouble === null) {
      this.#ramp += 1;
      return false;
    }
    if (sign.pausesAtOnce) return this.#pauseFor(sign, trouble, sign.words, nowMs);
    const reason = this.#tooMany(sign, nowMs);
    return reason !== null && this.#pauseFor(sign, "too-many-troubles", reason, nowMs);
  }

  /** A load that the gate does not reach anyway is no limit. */
  rampIsOver(): void {
    this.#ramp = Infinity;
  }

  #tooMany({ words }: ProviderSign, nowMs: number): string | null {
    const { minOutcomes, troubleShare, troublesInARow } = this.#limits;
    const { all, troubles } = this.#window.counts(nowMs);
    const isTooMany =
      (all >= minOutcomes && troubles >= all * troubleShare) || this.#window.troublesInARow >= troublesInARow;
    return isTooMany ? `trouble with ${troubles} of the last ${all} requests, at last: ${words}` : null;
  }

  #probed(sign: ProviderSign | null, nowMs: number): boolean {
    if (sign === null) {
      // it says nothing: the next one is the probe, and nobody is told
      this.#state = "paused";
      return false;
    }
    if (sign.trouble !== null) return this.#pauseFor(sign, sign.trouble, sign.words, nowMs);
    this.#state = "open";
    this.#pause = null;
    this.#openedAtMs = nowMs;
    this.#ramp = 2;
    return true;
  }

  #pauseFor(sign: ProviderSign, cause: PauseCause, reason: string, nowMs: number): boolean {
    const { firstPauseMs, longestPauseMs, mendProbeMs, longestAskedPauseMs, windowMs } = this.#limits;
    if (this.#state === "open" && nowMs - this.#openedAtMs >= windowMs) this.#pauses = 0;
    const growingMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(this.#pauses, 30));
    const ownMs = sign.mustBeMended ? mendProbeMs : growingMs;
    const forMs = Math.max(ownMs, Math.min(sign.askedMs, longestAskedPauseMs));
    this.#pauses += 1;
    this.#state = "paused";
    this.#pause = { cause, reason, forMs, mustBeMended: sign.mustBeMended };
    this.#pausedUntilMs = nowMs + forMs;
    this.#era += 1;
    this.#outInEra = 0;
    this.#window.clear();
    return true;
  }

  /** One of before the pause was asked for more patience still. */
  #pausedLonger(sign: ProviderSign | null, nowMs: number): boolean {
    if (this.#state !== "paused" || sign === null || this.#pause === null) return false;
    const askedMs = Math.min(sign.askedMs, this.#limits.longestAskedPauseMs);
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + askedMs);
    return false;
  }
}
