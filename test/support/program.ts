/**
 * How a spec starts our own programs: what `program-global-setup.ts` has compiled. A trace names the line of the source.
 */
import { join, relative } from "node:path";
import { inject } from "vitest";
import { ring } from "./doorbell.ts";

const ROOT = join(import.meta.dirname, "../..");

/** For Node: its flags, and the script, by the path of its source. */
export type Started = (source: string) => readonly string[];

/** Where the compiled program lies, each file where its source is. */
export const programFolder = (): Promise<string> => ring(inject("programDoorbell"));

export const compiled = async (): Promise<Started> => {
  const folder = await programFolder();
  return (source) => ["--enable-source-maps", join(folder, relative(ROOT, source).replace(/\.ts$/, ".js"))];
};
