/** How a pipeline ended, as a value that a test can look at. */
import type { Ended, Running } from "../../src/index.ts";

export const ending = (running: Running): Promise<Ended | Error> =>
  running.done.then(
    (ended) => ended,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );

/** What it says about why it failed; empty when it did not. */
export const reasonOf = (end: unknown): string => (end instanceof Error ? end.message : "");
