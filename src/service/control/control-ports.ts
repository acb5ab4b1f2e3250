/**
 * What the HTTP side asks of the service. Whoever implements it promises:
 *
 * - **`health` asks nobody**: it says that this process runs its loop, and a database that is away is no reason to kill it.
 * - **`ready` is honest and soon**: it names each reason. Answers later than the server's patience count as not ready.
 * - **`startRun` is safe to repeat** with the same key, also by two at once: one run, the same answer.
 * - **No personal data** in reasons, warnings and failures: they go out as they are.
 */
import type { Effect } from "effect";
import type { OpenedRun } from "../../domain/ports/runs.ts";
import type { Failure } from "../../failure.ts";
import type { ReadyCheck } from "../control-contract.ts";

export interface Readiness {
  readonly checks: readonly ReadyCheck[];
  readonly warnings: readonly string[];
}

export interface ControlPorts {
  readonly health: () => { readonly version: string; readonly upMs: number };
  readonly ready: Effect.Effect<Readiness, Failure>;
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<string>;
  /** `null` where this process does not open runs. */
  readonly startRun:
    | ((request: { readonly key: string; readonly cap: number | null }) => Effect.Effect<OpenedRun, Failure>)
    | null;
  /** A bug of ours, which the caller learns nothing of. */
  readonly onBug: (error: unknown) => void;
}
