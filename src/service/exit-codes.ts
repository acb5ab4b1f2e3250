/**
 * How the command ends, as a number that a script can decide by. The numbers are promised: a new meaning gets a new one.
 */
export const EXIT = {
  ok: 0,
  /** It was tried and did not work, or a check found something wrong. */
  failed: 1,
  /** The call itself cannot be understood: an unknown flag, a setting that is wrong. */
  usage: 2,
  /** Understood, and not allowed as things stand. */
  refused: 3,
  /** Somebody else was faster, or holds what is needed. */
  conflict: 4,
  /** Some of it was done, and some was not. */
  partial: 5,
} as const;

export type Ending = keyof typeof EXIT;
export type ExitCode = (typeof EXIT)[Ending];
