/**
 * Tells of each dead letter, one line each, and marks it then: a crash in between repeats the line, and loses none. A letter that could
 * not be told is handed out again after a while, by the port's own rule; the others go on.
 */
import { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { Letter } from "../../domain/ports/letters.ts";
import type { Duty } from "./duty.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts } from "./upkeep-ports.ts";

export const relayLetters = (
  { letters, tell }: Pick<UpkeepPorts, "letters" | "tell">,
  { pageCount }: UpkeepLimits,
): Duty => ({
  name: "relay-letters",
  once: Effect.gen(function* () {
    const untold = yield* letters.untold(pageCount);
    let failed: Failure | null = null;
    const told: Letter[] = [];
    for (const letter of untold) {
      const failure = yield* Effect.match(tell(letter), { onSuccess: () => null, onFailure: (why) => why });
      if (failure === null) told.push(letter);
      else failed = failure;
    }
    if (told.length > 0) yield* letters.told(told);
    if (failed !== null) return yield* Effect.fail(failed);
    return { found: untold.length, changed: told.length, more: untold.length >= pageCount };
  }),
});
