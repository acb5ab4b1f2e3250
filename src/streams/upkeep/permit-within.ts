/**
 * A permit of the provider's gate, waited for in its line, but not for ever: a doubt that gets none now is taken up again later, and a
 * stop is not held up by a provider that is paused.
 */
import type { Permit } from "../delivery/permit.ts";
import type { ProviderGate } from "../delivery/provider-gate.ts";
import type { Clock } from "../runtime/system-ports.ts";

/** @returns nothing where none came within `ms`, or `stopping` was aborted first */
export const permitWithin = async (
  gate: Pick<ProviderGate, "tryTake" | "take">,
  clock: Clock,
  ms: number,
  stopping: AbortSignal,
): Promise<Permit | null> => {
  if (stopping.aborted) return null;
  const atOnce = gate.tryTake();
  if (atOnce !== null) return atOnce;
  const waiting = new AbortController();
  const giveUp = (): void => waiting.abort();
  const cancel = clock.after(ms, giveUp);
  stopping.addEventListener("abort", giveUp, { once: true });
  try {
    return await gate.take(waiting.signal);
  } catch (error) {
    if (waiting.signal.aborted) return null;
    throw error;
  } finally {
    cancel();
    stopping.removeEventListener("abort", giveUp);
  }
};
