/**
 * By what factor something costs more when there is more of it. The shortest of many rounds, the two taken in turn: what
 * else the machine does makes a round longer, never shorter. A disturbed measurement is repeated, a cost that truly grows
 * stays.
 *
 * What is many does not fit into a cache, and on a busy machine that alone may be tenfold; so whoever compares a hundred
 * times as many asks for less than, say, a fifth of that.
 */
const ROUNDS = 21;
const MEASUREMENTS = 6;

const elapsedMs = (round: () => void): number => {
  const beganMs = performance.now();
  round();
  return performance.now() - beganMs;
};

const once = (few: () => void, many: () => void): number => {
  let fewMs = Infinity;
  let manyMs = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    fewMs = Math.min(fewMs, elapsedMs(few));
    manyMs = Math.min(manyMs, elapsedMs(many));
  }
  return manyMs / fewMs;
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
