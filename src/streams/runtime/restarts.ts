/**
 * How often a pipeline may be started again. A source or an adapter that fails is no reason to give up; one that keeps
 * failing is somebody else's to mend, so beyond the intensity the failure goes up.
 */
export interface RestartLimits {
  /** Restarts within `withinMs`. Default 5. */
  readonly most?: number;
  /** Default 60,000 ms. */
  readonly withinMs?: number;
  /** Before the first restart; doubles with each that follows within the time. Default 200 ms. */
  readonly firstMs?: number;
  /** Default 10,000 ms. */
  readonly capMs?: number;
}

export class Restarts {
  readonly #limits: Required<RestartLimits>;
  #times: number[] = [];

  constructor({ most = 5, withinMs = 60_000, firstMs = 200, capMs = 10_000 }: RestartLimits) {
    this.#limits = { most, withinMs, firstMs, capMs };
  }

  /** How long to wait before the next start; `null` when there were too many. */
  next(nowMs: number): number | null {
    const { most, withinMs, firstMs, capMs } = this.#limits;
    this.#times = this.#times.filter((atMs) => nowMs - atMs < withinMs);
    if (this.#times.length >= most) return null;
    this.#times.push(nowMs);
    return Math.min(capMs, firstMs * 2 ** (this.#times.length - 1));
  }
}
