/**
 * How a spec starts our own programs: what `program-global-setup.ts` has compiled. A trace names the line of the source.
 */
import { inject } from "vitest";
import { type Started, startedIn } from "./compile-program.ts";
import { ring } from "./doorbell.ts";

/** Where the compiled program lies, each file where its source is. */
export const programFolder = (): Promise<string> => ring(inject("programDoorbell"));

export const compiled = async (): Promise<Started> => startedIn(await programFolder());
