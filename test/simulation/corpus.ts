/**
 * Seeds that have failed once; they run first, always. Beside each: what was wrong.
 */
export const CORPUS: readonly number[] = [
  327, // the checker took a doubt at class A for stuck whose recipient is suppressed: no copy may leave, and nothing else is evidence
  646, // the same, by a broker
];
