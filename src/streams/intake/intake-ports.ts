/**
 * What an intake needs from outside: the first argument of each of its stages.
 */
import type { RunId, WorkerId } from "../../domain/ids.ts";
import type { NoticeLedger } from "../../domain/ports/notice-ledger.ts";
import type { Policies } from "../../domain/ports/policies.ts";
import type { Runs } from "../../domain/ports/runs.ts";
import type { Publisher } from "../runtime/publisher.ts";
import type { RetryPolicy } from "../runtime/retry-schedule.ts";
import type { SystemPorts } from "../runtime/system-ports.ts";
import type { Routed } from "./bodies.ts";

/** Everything that an intake needs from outside. */
export interface IntakePorts {
  readonly runId: RunId;
  readonly worker: WorkerId;
  readonly runs: Runs;
  readonly policies: Policies;
  /** What the ledger has paused. */
  readonly pauses: NoticeLedger["pauses"];
  /** Empty where the ledger itself is the log: what is queued there is told already. */
  readonly log: Publisher<Routed> | null;
  readonly system: SystemPorts;
  readonly limits: IntakeLimits;
}

/** The bounds of an intake. */
export interface IntakeLimits {
  readonly pageCount: number;
  /** Pages that are fetched or published at once. */
  readonly pagesAhead: number;
  /** Until upkeep tells the log again of what was queued. */
  readonly republishMs: number;
  /** Between two looks for what another dispatcher may leave behind, at the end of a run. */
  readonly lookAgainMs: number;
}

/** A database that is away is waited for: a run goes on where it was. */
export const PATIENT: RetryPolicy = { times: 1_000, firstMs: 100, capMs: 1_000, budgetMs: 900_000 };
export const PAGE_TIMEOUT_MS = 120_000;
/** While a channel is paused what it keeps back is looked at again after this: it may be a million candidates. */
export const PAUSED_REWALK_MS = 60_000;
