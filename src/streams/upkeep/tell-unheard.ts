/**
 * What was queued while the ledger itself was the log is told to the log that there is now. It is looked for when upkeep begins,
 * and from time to time again: a process that knows of no log yet may still be queueing.
 */
import { Effect } from "effect";
import type { UnheardCursor } from "../../domain/ports/unheard-notices.ts";
import { type Duty, NOTHING_FOUND } from "./duty.ts";
import { tellAgain } from "./tell-again.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts } from "./upkeep-ports.ts";

/** Times the longest wait between two tellings: nothing that a log was told of waits for longer. */
const BEYOND = 2;
/** Times `rewalkMs`: a walk looks at every queued row. */
const REST = 10;

export const tellUnheard = (
  ports: Pick<UpkeepPorts, "ledger" | "worker" | "log" | "unheard" | "system">,
  limits: UpkeepLimits,
): Duty => {
  const { log, unheard, system } = ports;
  let after: UnheardCursor | undefined;
  let notBeforeMs = -Infinity;
  /** The log did not take all of this walk. */
  let isBehind = false;
  return {
    name: "tell-unheard",
    once: Effect.gen(function* () {
      if (log === null || unheard === null || system.clock.monotonicMs() < notBeforeMs) return NOTHING_FOUND;
      const rows = yield* unheard.page(BEYOND * limits.republishCapMs, limits.pageCount, after);
      const { told, noted } = yield* tellAgain(
        ports,
        limits,
        rows.map((row) => ({ ...row, publishes: 0 })),
      );
      const isAtEnd = rows.length < limits.pageCount;
      // what the log does not take hides nobody behind it, and is found by the next walk
      isBehind ||= told < rows.length;
      after = isAtEnd ? undefined : rows.at(-1);
      if (isAtEnd) {
        notBeforeMs = system.clock.monotonicMs() + (isBehind ? 1 : REST) * limits.rewalkMs;
        isBehind = false;
      }
      return { found: rows.length, changed: noted, more: !isAtEnd && told > 0 };
    }),
  };
};
