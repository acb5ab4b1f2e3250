/**
 * Where a log begins and ends, and where a group stands in it: what a member has to know before it reads.
 */

/** From the first offset that exists to the one that the next record will have. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Asks a broker. */
export interface LogOffsets {
  /** By partition; a group that has committed nothing there is missing. */
  readonly committed: (groupId: string, topic: string) => Promise<ReadonlyMap<number, number>>;
  readonly bounds: (topic: string) => Promise<ReadonlyMap<number, Bounds>>;
}

/** @throws Error for a partition that was added just now and is not known everywhere yet */
export const boundsOf = (all: ReadonlyMap<number, Bounds>, partition: number): Bounds => {
  const found = all.get(partition);
  if (found === undefined) throw new Error(`partition ${partition} is not known yet`);
  return found;
};
