/**
 * Runs: one trigger opens one, and every dispatcher pages it at once. Whoever implements it promises:
 *
 * - **One open run.** `open` answers `opened`, or `repeated` with the run that the same `key` opened before (also one that has
 *   ended), or `overlapping` with the run that is still open: then the trigger is recorded as skipped, once a key. A key that
 *   was skipped stays so: it is `overlapping` while a run is open, and afterwards `repeated` with its own line.
 * - **The cap is shared.** `routePage` of one run never admits more than the cap over all dispatchers and crashes: admissions are
 *   counted in the transaction that makes them. A page that comes near the cap may be decided twice; what it routes is
 *   routed in the name of its run.
 * - **Figures in the same transaction** as what they count, so that they agree with the history whatever is killed.
 * - **`close` only at the end**: it refuses (`false`) while a due candidate is left and the cap is not reached, also one that another
 *   dispatcher has in hand. So a page leaves no candidate as it is for ever: what it does not route it holds or puts off.
 * - **`routePage` and `count` are not done again** once they may have been written: then they fail as `Unconfirmed`, and what a
 *   page has routed is found by upkeep.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { Instant, PolicyVersion, RunId } from "../ids.ts";
import type { HoldReason } from "../notice.ts";
import type { RoutedPage, RoutingCandidate, RoutingCommand, RoutingCursor } from "./notice-ledger.ts";

/** A trigger, as it asks for a run. */
export interface RunRequest {
  readonly runId: RunId;
  /** What makes a trigger itself: the planned instant of the schedule, an idempotency key, a fresh id for `run --once`. */
  readonly key: string;
  /** First admissions at most: a whole number. */
  readonly cap: number;
  readonly actor: string;
}

/** The run that was opened, or the one that stands in its way. */
export interface OpenedRun {
  readonly answer: "opened" | "repeated" | "overlapping";
  readonly run: Run;
}

/** One run: who opened it, how far it may go, and what it has done. */
export interface Run {
  readonly runId: RunId;
  readonly key: string;
  readonly state: "open" | "closed" | "skipped";
  readonly cap: number;
  readonly openedBy: string;
  readonly openedAt: Instant;
  readonly closedAt: Instant | null;
  /** The policy in force when it was opened; each page reads the one in force itself. */
  readonly policyVersion: PolicyVersion | null;
  readonly figures: RunFigures;
}

/** What a run has counted so far. */
export interface RunFigures {
  readonly pages: number;
  readonly candidates: number;
  /** First admissions: routed by this run. */
  readonly admitted: number;
  /** Told to the log; counted by the dispatchers after the fact. */
  readonly published: number;
  /** Could not be told; the sweeper does it. */
  readonly publishFailed: number;
  readonly heldBy: Readonly<Partial<Record<HoldReason, number>>>;
  /** Put off to a later time (quiet hours). */
  readonly putOff: number;
  readonly suppressed: number;
  readonly expired: number;
  /** Time in pages and in publishing, over all dispatchers, in whole milliseconds; a mean is these by `pages`. */
  readonly pageMs: number;
  readonly publishMs: number;
}

/** Which page of candidates a dispatcher asks for. */
export interface RunPage {
  readonly runId: RunId;
  readonly after: RoutingCursor | null;
  readonly limit: number;
}

/** A page as it was routed in the name of its run. */
export interface RunRouted extends RoutedPage {
  /** Nothing more is admitted: closed by somebody, or its cap is reached; also by this page. */
  readonly exhausted: boolean;
}

/** Runs: one trigger opens one, and every dispatcher pages it at once. */
export interface Runs {
  readonly open: (request: RunRequest) => Effect.Effect<OpenedRun, Failure>;
  readonly routePage: (
    page: RunPage,
    decide: (candidate: RoutingCandidate, now: Instant) => RoutingCommand | null,
  ) => Effect.Effect<RunRouted, Failure>;
  readonly count: (
    runId: RunId,
    more: Partial<Pick<RunFigures, "published" | "publishFailed" | "pageMs" | "publishMs">>,
  ) => Effect.Effect<void, Failure>;
  readonly close: (runId: RunId) => Effect.Effect<boolean, Failure>;
  /** The open one, if there is one: a dispatcher that starts goes on with it. */
  readonly current: Effect.Effect<Run | null, Failure>;
  readonly read: (runId: RunId) => Effect.Effect<Run | null, Failure>;
  /** Newest first. */
  readonly recent: (limit: number) => Effect.Effect<readonly Run[], Failure>;
}
