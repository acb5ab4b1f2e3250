/**
 * Worlds that have failed once; they run first, always. Each is kept as its whole plan, since the same seed draws another one as soon as
 * plans are drawn otherwise: what `prove:simulation -- --seed N` prints first goes into a file of `corpus/`, beside what was wrong, and what
 * makes it fail again. Three that only showed mistakes of the checker are not kept: the first seeds meet two of them, and of the third no
 * world was found again.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CALM, type Plan } from "./plan.ts";

export interface KeptWorld {
  readonly name: string;
  /** What was wrong. */
  readonly was: string;
  readonly plan: Plan;
}

const FOLDER = join(import.meta.dirname, "corpus");

const keptIn = (file: string): KeptWorld => {
  const { was, plan } = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Omit<KeptWorld, "name">; // our own file
  // of a fault that came later it had none
  return { name: file.replace(/\.json$/, ""), was, plan: { ...plan, chances: { ...CALM, ...plan.chances } } };
};

export const CORPUS: readonly KeptWorld[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .sort()
  .map(keptIn);
