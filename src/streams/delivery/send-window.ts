/**
 * T7: how long a right to send may be used. It is made before the statement of the right first leaves, so that whatever the answer
 * took, a right that comes back too late is not used; and it is asked last, right before the first byte.
 */
import type { SendPorts } from "./delivery-ports.ts";

/** Counted from now on, on both of this machine's clocks; a wall clock that goes back ends it. */
export const sendWindow = ({
  system: { clock },
  sender,
}: Pick<SendPorts, "system" | "sender">): (() => boolean) => {
  const { sendWindowMs } = sender.limits;
  const untilMs = clock.monotonicMs() + sendWindowMs;
  const fromWallMs = clock.wallMs();
  return () => {
    const wallMs = clock.wallMs();
    return clock.monotonicMs() < untilMs && wallMs >= fromWallMs && wallMs < fromWallMs + sendWindowMs;
  };
};
