/**
 * What the service answers over HTTP, as the other side reads it. Names on the wire are in snake case.
 *
 * | request               | answer                                                                                     |
 * | --------------------- | ------------------------------------------------------------------------------------------ |
 * | `GET /healthz`        | 200: the process lives                                                                     |
 * | `GET /readyz`         | 200 or 503, with reasons; warnings do not change the status                                |
 * | `GET /metrics`        | 200, for Prometheus                                                                        |
 * | `POST /api/v1/runs`   | with `Idempotency-Key`: 201 opened, 200 opened before by this key, 409 another run is open |
 *
 * Everything else is a `ProblemAnswer` as `application/problem+json`. Where a token is set and not shown, the first two
 * say yes or no without reasons, and the others are refused.
 */
export interface HealthAnswer {
  readonly alive: true;
  readonly version?: string;
  readonly up_ms?: number;
}

export interface ReadyAnswer {
  readonly ready: boolean;
  readonly checks?: readonly ReadyCheck[];
  /** What is wrong and does not keep this process from working: that nobody runs upkeep, for one. */
  readonly warnings?: readonly string[];
}

/** `database`, `schema`, `log`, `policy`, `providers`, `upkeep`, `draining`; before the work has begun `started` alone. */
export interface ReadyCheck {
  readonly name: string;
  readonly ok: boolean;
  /** Why not, or how it is; empty where there is nothing to say. */
  readonly reason: string | null;
}

/** The body of a trigger; it may be left out. */
export interface RunOrder {
  /** First admissions at most; left out, what is configured. */
  readonly cap?: number;
}

export interface RunAnswer {
  readonly run_id: string;
  readonly answer: "opened" | "repeated" | "overlapping";
  readonly state: "open" | "closed" | "skipped";
  readonly cap: number;
}

/** RFC 9457. */
export interface ProblemAnswer {
  readonly title: string;
  readonly status: number;
  /** Short and stable, for programs: `unknown-path`, `no-token`, `overlapping`. */
  readonly code: string;
  /** What to do about it. */
  readonly detail: string;
}
