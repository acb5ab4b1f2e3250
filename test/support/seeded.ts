/**
 * Numbers that look random and are the same for the same seed, so that a run that found something can be run again.
 */
export type Dice = (below: number) => number;

/** Whole numbers from 0, below what is asked for. */
export const dice = (seed: number): Dice => {
  let state = (seed * 2_654_435_761) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};
