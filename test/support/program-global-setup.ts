/**
 * The program as it is built, once for a test run and only when a spec asks for it: from its sources a process needs two seconds of
 * CPU to begin, from this one less than half a second, and the end-to-end suites start dozens.
 *
 * It lies in the run's own folder, in the same places as the sources: never older than the run, and gone with it. Of types nothing is
 * checked here; that is a step of its own.
 */
import type { TestProject } from "vitest/node";
import { buildProgram } from "./compile-program.ts";
import { hangDoorbell } from "./doorbell.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where a spec asks for the folder of the compiled program. */
    readonly programDoorbell: number;
  }
}

export const setup = async (project: TestProject): Promise<() => void> => {
  let folder: Promise<string> | undefined;
  const doorbell = await hangDoorbell(() => (folder ??= buildProgram()));
  project.provide("programDoorbell", doorbell.port);
  // who watches changes the sources between two runs
  project.onTestsRerun(() => {
    folder = undefined;
  });
  return doorbell.close;
};
