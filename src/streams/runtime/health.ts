/**
 * What a pipeline says of itself when asked: where its work stands and what holds it up. An item older than its stage's
 * budget is `waiting`, with the reason, where something is known that it waits for, and `stuck` where nothing is. Neither
 * restarts anything by itself.
 */
import type { Partition, Partitions } from "./partitions.ts";
import type { PullSource } from "./source.ts";
import type { Ticket, Tickets } from "./ticket.ts";

export type ItemState =
  | { readonly state: "working" }
  | { readonly state: "waiting"; readonly reason: string }
  | { readonly state: "stuck" };

/** Where one item stands, and what is known of why it is there. */
export type ItemHealth = ItemState & {
  readonly record: string;
  readonly key: string;
  readonly stage: string;
  /** Since it entered that stage, or left it. */
  readonly ageMs: number;
};

/** How far the work of one partition reaches, and what holds it up. */
export interface PartitionHealth {
  readonly partition: string;
  /** The assignment's epoch; `null` while the partition is not ours. */
  readonly epoch: number | null;
  /** How far the contiguous finished work reaches: the next offset to commit. */
  readonly position: number | null;
  readonly committed: number | null;
  /** Records behind the end of the partition, where the source knows. */
  readonly lag: number | null;
  readonly unfinished: number;
  /** Records that had been taken in an earlier assignment and came again in this one: what the rebalance has cost. */
  readonly seenAgain: number;
  readonly oldest: ItemHealth | null;
}

/** How many items, oldest first, a look at health examines. */
const MOST_EXAMINED = 10_000;
const MOST_NAMED = 20;

/** A stage's or a source's own word; its author's mistake must not keep the rest from being looked at. */
const told = <Word>(ask: () => Word | null | undefined): Word | null => {
  try {
    return ask() ?? null;
  } catch {
    return null;
  }
};

const stateOf = (ticket: Ticket, ageMs: number): ItemState => {
  const reason = ticket.waiting ?? told(() => ticket.stageWaiting?.());
  if (reason !== null) return { state: "waiting", reason };
  return { state: ageMs > ticket.stageBudgetMs ? "stuck" : "working" };
};

export const itemHealth = (ticket: Ticket, nowMs: number): ItemHealth => {
  const ageMs = nowMs - ticket.sinceMs;
  const { record, key, stage } = ticket;
  return { ...stateOf(ticket, ageMs), record, key, stage, ageMs };
};

/** The items that are older than their stage's budget, oldest admissions first. */
export const overBudget = (tickets: Tickets, nowMs: number): readonly ItemHealth[] => {
  const over: ItemHealth[] = [];
  let examined = 0;
  for (const ticket of tickets) {
    if (nowMs - ticket.sinceMs > ticket.stageBudgetMs) over.push(itemHealth(ticket, nowMs));
    examined += 1;
    if (examined === MOST_EXAMINED || over.length === MOST_NAMED) break;
  }
  return over;
};

/** Settled or given up, and a call of theirs has not ended: each still holds its credit. */
export const stillRunning = (lingering: Iterable<Ticket>, nowMs: number): readonly ItemHealth[] => {
  const named: ItemHealth[] = [];
  for (const ticket of lingering) {
    const { record, key, stage } = ticket;
    named.push({ state: "stuck", record, key, stage, ageMs: nowMs - ticket.sinceMs });
    if (named.length === MOST_NAMED) break;
  }
  return named;
};

const oldestOf = ({ assignment, live }: Partition): Ticket | undefined =>
  assignment === null ? undefined : live.at(assignment.watermark.head);

export const partitionsHealth = (
  partitions: Partitions,
  source: PullSource<unknown>,
  nowMs: number,
): readonly PartitionHealth[] =>
  [...partitions].map((partition) => {
    const { name, assignment, live } = partition;
    const position = assignment?.watermark.position ?? null;
    const oldest = oldestOf(partition);
    return {
      partition: name,
      epoch: assignment?.epoch ?? null,
      position,
      committed: assignment?.committed ?? null,
      lag: source.kind === "offsets" && position !== null ? told(() => source.lag?.(name, position)) : null,
      unfinished: live.size,
      seenAgain: assignment?.seenAgain ?? 0,
      oldest: oldest === undefined ? null : itemHealth(oldest, nowMs),
    };
  });
