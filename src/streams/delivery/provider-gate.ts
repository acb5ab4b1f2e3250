/**
 * Who may ask a provider now: at most so many at once, so many a second, and nobody while it fails as a whole. One gate for
 * each provider and process; every delivery and resend of that process takes its permits here, before the right to send,
 * so that no right grows old in a line.
 *
 * Every permit comes back once, by `done` with what the provider answered, or by `giveBack` where it was not used. Who left
 * the line before its turn never gets one; who was given one in the moment in which it was told to leave still gets it, and
 * gives it back.
 */
import type { SenderLimits, SendOutcome } from "../../domain/ports/sender.ts";
import type { SystemPorts } from "../runtime/system-ports.ts";
import { Alarm } from "./alarm.ts";
import { BREAKER_LIMITS, type BreakerLimits } from "./breaker-limits.ts";
import { changeOf, waitingWords, type GateChange } from "./gate-words.ts";
import { LineOfTakers } from "./line-of-takers.ts";
import { Listeners } from "./listeners.ts";
import { permitThat, type Permit } from "./permit.ts";
import { ProviderBreaker, type BreakerState } from "./provider-breaker.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Which provider, and how much of it at once. */
export interface ProviderGateOptions {
  readonly provider: string;
  readonly limits: Pick<SenderLimits, "maxInFlight" | "perSecond">;
  readonly ports: Pick<SystemPorts, "clock">;
  /** Taken at once after a quiet time. Default a tenth of a second's worth, at least 1. */
  readonly burst?: number;
  readonly breaker?: Partial<BreakerLimits>;
}

/** Who may ask a provider now: its limits and its circuit breaker, for one process. */
export class ProviderGate {
  readonly provider: string;
  readonly #maxInFlight: number;
  readonly #clock: SystemPorts["clock"];
  readonly #bucket: TokenBucket | null;
  readonly #breaker: ProviderBreaker;
  readonly #line = new LineOfTakers<(permit: Permit) => void>();
  readonly #changes = new Listeners<GateChange>();
  readonly #answers = new Listeners<number>();
  readonly #alarm: Alarm;
  #out = 0;

  constructor({ provider, limits, ports: { clock }, burst, breaker }: ProviderGateOptions) {
    const { maxInFlight, perSecond } = limits;
    if (!(maxInFlight >= 1)) throw new RangeError(`maxInFlight is ${maxInFlight}: it must be at least 1`);
    this.provider = provider;
    this.#maxInFlight = maxInFlight;
    this.#clock = clock;
    this.#alarm = new Alarm(clock, () => this.#serve());
    const usualBurst = Math.max(1, Math.ceil((perSecond ?? 0) / 10));
    this.#bucket =
      perSecond === null ? null : new TokenBucket(perSecond, burst ?? usualBurst, clock.monotonicMs());
    this.#breaker = new ProviderBreaker({ ...BREAKER_LIMITS, ...breaker });
  }

  get state(): BreakerState {
    return this.#breaker.state;
  }

  /** Permits that are out. */
  get inFlight(): number {
    return this.#out;
  }

  get inLine(): number {
    return this.#line.length;
  }

  /** 0: now; `Infinity`: not before a permit has come back. */
  get whenOpenInMs(): number {
    const now = this.#clock.monotonicMs();
    if (this.#out >= this.#maxInFlight) return Infinity;
    return Math.max(this.#breaker.inMs(now), this.#bucket?.inMs(now) ?? 0);
  }

  /** What those who wait are waiting for, for health; `null` where nobody would have to. */
  get waiting(): string | null {
    const inMs = this.whenOpenInMs;
    if (inMs === 0 && this.#line.length === 0) return null;
    const { provider } = this;
    const { pause, ramp } = this.#breaker;
    const isFull = this.#out >= this.#maxInFlight;
    return waitingWords({ provider, pause, inMs, inFlight: this.#out, isFull, ramp });
  }

  onChange(listener: (change: GateChange) => void): () => void {
    return this.#changes.add(listener);
  }

  /** Of each answer of the provider that was measured. */
  onAnswer(listener: (tookMs: number) => void): () => void {
    return this.#answers.add(listener);
  }

  /** `null`: not now, or others have waited longer. */
  tryTake(): Permit | null {
    return this.#line.length === 0 && this.whenOpenInMs === 0 ? this.#grant() : null;
  }

  /** In order. Rejects with the signal's reason when it is aborted first. */
  take(signal: AbortSignal): Promise<Permit> {
    return new Promise((resolve, reject) => {
      const aborted = (): void => {
        this.#line.leave(place);
        if (this.#line.length === 0) this.#alarm.set(Infinity);
        // what an abort is for is its author's to say; an Error is what most of them give
        reject(signal.reason as Error);
      };
      const place = this.#line.join((permit) => {
        signal.removeEventListener("abort", aborted);
        resolve(permit);
      });
      if (signal.aborted) aborted();
      else signal.addEventListener("abort", aborted, { once: true });
      this.#serve();
    });
  }

  #grant(): Permit {
    const { state } = this.#breaker;
    const era = this.#breaker.took();
    this.#bucket?.take(this.#clock.monotonicMs());
    this.#out += 1;
    if (this.#breaker.state !== state)
      this.#changes.tell({ type: "provider:probe:begin", provider: this.provider });
    return permitThat((outcome, tookMs) => this.#cameBack(era, outcome, tookMs));
  }

  #cameBack(era: number, outcome: SendOutcome | null, tookMs?: number): void {
    if (tookMs !== undefined) this.#answers.tell(tookMs);
    this.#out -= 1;
    const hasChanged = this.#breaker.ended(era, outcome, this.#clock.monotonicMs());
    if (this.#breaker.ramp >= this.#maxInFlight) this.#breaker.rampIsOver();
    if (hasChanged) this.#changes.tell(changeOf(this.provider, this.#breaker.pause));
    this.#serve();
  }

  /** Gives permits to those in front for as long as there are any, then sleeps until time alone brings the next. */
  #serve(): void {
    let inMs = this.whenOpenInMs;
    while (this.#line.length > 0 && inMs === 0) {
      const permit = this.#grant();
      this.#line.call()?.(permit);
      inMs = this.whenOpenInMs;
    }
    this.#alarm.set(this.#line.length === 0 ? Infinity : inMs);
  }
}
