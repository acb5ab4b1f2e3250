/**
 * By what factor something costs more when there is more of it. Medians of short rounds, the two taken in turn so that
 * what else the machine does falls on both; a disturbed measurement is repeated, a cost that truly grows stays.
 */
const ROUNDS = 21;
const MEASUREMENTS = 4;

const elapsedMs = (round: () => void): number => {
  const beganMs = performance.now();
  round();
  return performance.now() - beganMs;
};

const median = (values: number[]): number =>
  values.sort((one, other) => one - other)[values.length >> 1] ?? 0;

const once = (few: () => void, many: () => void): number => {
  const fewMs: number[] = [];
  const manyMs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    fewMs.push(elapsedMs(few));
    manyMs.push(elapsedMs(many));
  }
  return median(manyMs) / median(fewMs);
};

/** How much longer a round takes with many than with few: the least of a few measurements. */
export const growth = (few: () => void, many: () => void): number => {
  for (let warm = 0; warm < 3; warm += 1) {
    few();
    many();
  }
  let least = Infinity;
  for (let measurement = 0; measurement < MEASUREMENTS && least > 1.5; measurement += 1) {
    least = Math.min(least, once(few, many));
  }
  return least;
};
