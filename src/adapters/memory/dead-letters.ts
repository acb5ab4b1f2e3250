/**
 * Dead letters in memory: an array that can be looked at.
 */
import { Effect } from "effect";
import type { DeadLetterSink, DeadRecord } from "../../streams/runtime/publisher.ts";

/** A sink that keeps what it was given, to be looked at. */
export interface MemoryDeadLetters extends DeadLetterSink {
  readonly letters: readonly DeadRecord[];
}

/** A sink for dead letters in memory. */
export const memoryDeadLetters = (): MemoryDeadLetters => {
  const letters: DeadRecord[] = [];
  return {
    letters,
    write: (records) =>
      Effect.sync(() => {
        letters.push(...records);
      }),
  };
};
