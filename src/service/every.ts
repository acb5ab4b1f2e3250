/**
 * Does something now, and again after each wait, until it is stopped. What it does must not throw.
 */
import type { Cancel, Clock } from "../streams/runtime/system-ports.ts";

export const every = (clock: Pick<Clock, "after">, ms: number, work: () => void): (() => void) => {
  let cancel: Cancel = () => undefined;
  const again = (): void => {
    work();
    cancel = clock.after(ms, again);
  };
  again();
  return () => cancel();
};
