/**
 * Who is at work. Each process says so every few seconds, and an operator sees when nobody runs upkeep or dispatch. It
 * decides nothing: leases and epochs do. Whoever implements it promises:
 *
 * - **Cheap**: one small write a beat, whatever the number of members; rows of members long gone are swept along with it.
 * - **The last word counts**: each beat brings the trouble anew, and a beat without one takes it back.
 * - **One clock**: `seenAt` is the ledger's, so a host whose own clock is wrong does not look dead.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { Instant, WorkerId } from "../ids.ts";

export const ROLES = ["all", "dispatch", "deliver", "upkeep"] as const;
export type Role = (typeof ROLES)[number];

/** Between two beats of a process. */
export const BEAT_EVERY_MS = 5_000;
/** Who was last seen longer ago than this is taken to be gone: two beats may be late, or one of them lost. */
export const ALIVE_WITHIN_MS = 20_000;

export interface Beat {
  readonly workerId: WorkerId;
  readonly role: Role;
  readonly host: string;
  readonly pid: number;
  /** What holds its work up, in its own words and without anything personal; empty while nothing does. */
  readonly trouble: string | null;
}

export interface Member extends Beat {
  readonly startedAt: Instant;
  readonly seenAt: Instant;
}

export interface Members {
  /** The first one begins the member's life; each later one moves `seenAt`. */
  readonly beat: (member: Beat) => Effect.Effect<void, Failure>;
  /** Seen within so long, oldest first. */
  readonly alive: (withinMs?: number) => Effect.Effect<readonly Member[], Failure>;
  /** At the end of a clean shutdown; who ends otherwise is gone after `ALIVE_WITHIN_MS`. */
  readonly leave: (workerId: WorkerId) => Effect.Effect<void, Failure>;
}

/** What nobody does: queued work waits for `deliver`, due candidates for `dispatch`, lapses and doubts for `upkeep`. */
export const rolesMissing = (members: readonly Pick<Member, "role">[]): readonly Exclude<Role, "all">[] => {
  const taken = new Set<Role>(members.map(({ role }) => role));
  return taken.has("all")
    ? []
    : (["dispatch", "deliver", "upkeep"] as const).filter((role) => !taken.has(role));
};
