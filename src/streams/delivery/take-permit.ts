/**
 * Before the right to send: a permit of the provider. A right that waits in a limiter's line would grow old; so the waiting is
 * done here, where the notice is only claimed. While the provider is paused everything waits here, holding credits: the
 * intake stops by itself, leases are renewed, nothing fails.
 *
 * `held` knows the permits of one life of the pipeline: what is given up in between gives its permit back with that life.
 */
import type { Stage } from "../runtime/stage.ts";
import { stage } from "../runtime/stage.ts";
import type { Permitted, Prepared } from "./bodies.ts";
import type { SendPorts } from "./delivery-ports.ts";
import type { HeldPermits } from "./held-permits.ts";
import type { Permit } from "./permit.ts";

export const takePermit = (
  { gate, limits }: SendPorts,
  held: HeldPermits,
): Stage<"take-permit", Prepared, Permitted> =>
  stage({
    name: "take-permit",
    concurrency: limits.windowCredits,
    timeoutMs: Infinity,
    retry: false,
    waiting: () => gate.waiting,
    work: (prepared: Prepared, context) => {
      const permitted = (permit: Permit): Permitted => {
        held.add(permit);
        return { ...prepared, permit };
      };
      const atOnce = gate.tryTake();
      return atOnce === null ? gate.take(context.signal).then(permitted) : permitted(atOnce);
    },
  });
