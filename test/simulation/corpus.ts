/**
 * Seeds that have failed once; they run first, always. Beside each: what was wrong.
 */
export const CORPUS: readonly number[] = [
  155, // the checker took a doubt at class A for stuck whose notice has expired, or whose recipient is suppressed: no copy may leave, and nothing else is evidence
  160, // the same, in another world
  3239, // a broker that came back fed nobody who had waited for records
  2385, // the checker asked for the record of an acceptance that came while everybody was ending
];
