/**
 * Asks until it is answered: a database that is away is waited for, as long as nobody wants to stop. Only for what may be asked
 * again. Whoever keeps the database says that it is away (`outage.ts`).
 */
import { isFailure } from "../failure.ts";
import type { Clock } from "../streams/runtime/system-ports.ts";

const AGAIN_AFTER_MS = 500;

const passes = (error: unknown): boolean =>
  isFailure(error) && (error._tag === "Transient" || error._tag === "Unconfirmed");

export const patiently = async <A>(
  { clock, signal }: { readonly clock: Pick<Clock, "after">; readonly signal: AbortSignal },
  ask: () => Promise<A>,
): Promise<A> => {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!passes(error) || signal.aborted) throw error;
    }
    await new Promise<void>((resolve) => clock.after(AGAIN_AFTER_MS, resolve));
  }
};
