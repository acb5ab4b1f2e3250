/**
 * A slot is one journey that is under way, in one word of bits: a worker's from the record to the settlement, or one
 * of upkeep's (a resend, a look-up). Whoever is in a slot can be arbitrarily slow, and can die at any point.
 *
 * | phase   | what is known there                                                                                   |
 * | ------- | ----------------------------------------------------------------------------------------------------- |
 * | idle    | nothing; a worker may still own the notice, when the answer to its claim was lost                       |
 * | holding | a claim, `late` epochs behind the row (2: two or more), and then `copy` is the channel it was for, plus 1  |
 * | begun   | T6 has been sent and done, `age` ticks ago, and no answer is known; upkeep: T11r is about to be sent    |
 * | right   | its COMMIT is positively known; `age` ticks since it was sent                                           |
 * | waiting | copy `copy` of `attempt` has passed the deadline check; `fate` is what the provider makes of it         |
 * | unsent  | the copy certainly was not handed over                                                                  |
 * | asked   | a look-up was asked `age` ticks ago, when there were `copy` copies                                      |
 * | nothing | and found nothing                                                                                       |
 * | stale   | the id of an attempt that has been decided since: says anything about it, and must not be heard         |
 *
 * The freeze between deadline check and first byte is no phase of its own: by C3 a copy is accepted within Δ of the
 * check or never, so from the check on it may be accepted, and whether the process still sleeps makes no difference.
 * Nor is there one between sending T6 (or T11r) and its being done: the send window is counted from the sending, so the
 * worst that can be is that both fall on one tick; a T6 that was sent and not done is a claim that is still held.
 */
export const IDLE = 0;
export const HOLDING = 1;
export const BEGUN = 2;
export const RIGHT = 3;
export const WAITING = 4;
export const UNSENT = 5;
export const ASKED = 6;
export const NOTHING = 7;
export const STALE = 8;

/** Fates 0 to 3: under way since so many ticks, may be accepted. */
export const LATE = 4;
export const REFUSED = 5;
export const ACCEPTED = 6;

// phase 4 bits · late 2 · ref 3 · age 4 · copy 2 · fate 3 · owns 1
export const phaseOf = (slot: number): number => slot & 15;
export const lateOf = (slot: number): number => (slot >> 4) & 3;
/** Index of the attempt plus 1; 0 for none. */
export const refOf = (slot: number): number => (slot >> 6) & 7;
export const ageOf = (slot: number): number => (slot >> 9) & 15;
export const copyOf = (slot: number): number => (slot >> 13) & 3;
export const fateOf = (slot: number): number => (slot >> 15) & 7;
export const ownsOf = (slot: number): number => (slot >> 18) & 1;

interface Slot {
  readonly late?: number;
  readonly ref?: number;
  readonly age?: number;
  readonly copy?: number;
  readonly fate?: number;
}

/** A slot in this phase that owns what `slot` owns. */
export const become = (slot: number, phase: number, to: Slot = {}): number =>
  (slot & (1 << 18)) |
  phase |
  ((to.late ?? 0) << 4) |
  ((to.ref ?? 0) << 6) |
  ((to.age ?? 0) << 9) |
  ((to.copy ?? 0) << 13) |
  ((to.fate ?? 0) << 15);

export const withLate = (slot: number, late: number): number => (slot & ~(3 << 4)) | (late << 4);
export const withRef = (slot: number, ref: number): number => (slot & ~(7 << 6)) | (ref << 6);
export const withAge = (slot: number, age: number): number => (slot & ~(15 << 9)) | (age << 9);
export const withFate = (slot: number, fate: number): number => (slot & ~(7 << 15)) | (fate << 15);
export const owning = (slot: number): number => slot | (1 << 18);
export const disowned = (slot: number): number => slot & ~(1 << 18);

/** A copy of which nobody waits for the answer any more: the attempt, and the ticks since its deadline check. */
export const orphan = (ref: number, age: number): number => (ref << 2) | age;
export const orphanRef = (copy: number): number => copy >> 2;
export const orphanAge = (copy: number): number => copy & 3;
