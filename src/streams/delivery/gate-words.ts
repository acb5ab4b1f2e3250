/**
 * What a provider's gate says of itself: for health, logs and metrics, and for whoever has to mend something.
 */
import type { Pause } from "./provider-breaker.ts";
import type { PauseCause } from "./provider-sign.ts";

/** A provider was paused, is being tried, or goes on. */
export type GateChange =
  | {
      readonly type: "provider:pause:begin";
      readonly provider: string;
      readonly cause: PauseCause;
      /** In more words, which may be the provider's: for a page, not for a log. */
      readonly reason: string;
      readonly probeInMs: number;
      /** Wrong credentials or a wrong address: somebody should be told loudly. */
      readonly mustBeMended: boolean;
    }
  | { readonly type: "provider:probe:begin"; readonly provider: string }
  | { readonly type: "provider:pause:done"; readonly provider: string };

/** @param pause why it is paused now; `null`: it is open again */
export const changeOf = (provider: string, pause: Pause | null): GateChange => {
  if (pause === null) return { type: "provider:pause:done", provider };
  const { cause, reason, forMs, mustBeMended } = pause;
  return { type: "provider:pause:begin", provider, cause, reason, probeInMs: forMs, mustBeMended };
};

/** What those who wait are waiting for. @param inMs `Infinity`: not for time alone */
export const waitingWords = (gate: {
  readonly provider: string;
  readonly pause: Pause | null;
  readonly inMs: number;
  readonly inFlight: number;
  readonly isFull: boolean;
  readonly ramp: number;
}): string => {
  const { provider, pause, inMs, inFlight, isFull, ramp } = gate;
  if (pause !== null) {
    const next = inMs === Infinity ? "it is being tried" : `it is tried again in ${inMs} ms`;
    return `${provider} is paused, ${next}: ${pause.reason}`;
  }
  if (isFull) return `${provider} has ${inFlight} requests under way, which is its limit`;
  if (inMs === Infinity) return `${provider} was paused and gets ${ramp} requests at once for now`;
  return `${provider} is at its limit of requests a second`;
};
