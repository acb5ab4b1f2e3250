/**
 * What a look at one thing has found: fine, worth knowing, or in the way of the work, with what to do about it.
 */
export type Health = "ok" | "warn" | "fail";

export interface Finding {
  readonly check: string;
  readonly health: Health;
  readonly words: string;
  /** What to do; empty where nothing is to be done. */
  readonly fix: string | null;
}

export const fine = (check: string, words: string): Finding => ({ check, health: "ok", words, fix: null });
export const worthKnowing = (check: string, words: string, fix: string): Finding => ({
  ...{ check, words, fix },
  health: "warn",
});
export const broken = (check: string, words: string, fix: string): Finding => ({
  ...{ check, words, fix },
  health: "fail",
});

/** `fail  schema      behind: 0001-ledger` and, below it, what to do. */
export const findingInLines = ({ check, health, words, fix }: Finding): readonly string[] => [
  `${health.padEnd(4)}  ${check.padEnd(WIDEST)}  ${words}`,
  ...(fix === null ? [] : [`${" ".repeat(WIDEST + 8)}→ ${fix}`]),
];

const WIDEST = 14;
