/**
 * What every bench shares: medians, and the raw lines kept in `bench/results/`.
 */
import { appendFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const RESULTS = fileURLToPath(new URL("./results/", import.meta.url));

export const median = (figures: readonly number[]): number => {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error("the median of nothing");
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
};

/** Appends one raw line to `bench/results/NAME.jsonl`. */
export const record = (bench: string, line: Readonly<Record<string, unknown>>): void => {
  mkdirSync(RESULTS, { recursive: true });
  const stamped = { at: new Date().toISOString(), node: process.version, ...line };
  appendFileSync(`${RESULTS}${bench}.jsonl`, `${JSON.stringify(stamped)}\n`);
};
