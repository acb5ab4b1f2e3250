/**
 * Dead letters in memory: an array that can be looked at.
 */
import { Effect } from "effect";
import type { DeadLetterSink, DeadRecord } from "../../streams/runtime/publisher.ts";

export interface MemoryDeadLetters extends DeadLetterSink {
  readonly letters: readonly DeadRecord[];
}

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
