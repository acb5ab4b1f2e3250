/**
 * One thing that upkeep looks after. A duty finds a page of rows and asks the ledger to move them; the command's own guard decides,
 * so doing it twice, or in ten processes at once, costs time only.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";

export interface DutyTurn {
  /** Rows that were looked at. */
  readonly found: number;
  /** Of those, rows that this turn has moved, or begun to help. */
  readonly changed: number;
  /** There may be more: the next turn comes at once. */
  readonly more: boolean;
}

export interface Duty {
  readonly name: string;
  readonly once: Effect.Effect<DutyTurn, Failure>;
  /** Begins nothing more, and waits for what its turns have begun; left out, turns wait for that themselves. */
  readonly settle?: () => Promise<void>;
}

export const NOTHING_FOUND: DutyTurn = { found: 0, changed: 0, more: false };
