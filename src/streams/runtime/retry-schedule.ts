/**
 * Retries in place, as an Effect schedule: exponential, jittered by ±20 %, capped, and bounded both in number and in
 * time. They hold a credit while they wait, so the wait is capped at a second; what must wait longer is settled with
 * `retryLater`, which holds none. Whoever asked not to be called again sooner is not.
 */
import { Clock, Duration, Effect, Schedule } from "effect";
import type { Transient } from "../../failure.ts";
import type { DivertedBy } from "./rail.ts";

/** How often, and with what waits, `Transient` is retried in place. */
export interface RetryPolicy {
  /** Tries after the first. Default 3. */
  readonly times?: number;
  /** Before the first retry; doubles from there. Default 50 ms. */
  readonly firstMs?: number;
  /** Default 1,000 ms, which is also the most. */
  readonly capMs?: number;
  /** Over all retries together. Default 5,000 ms. */
  readonly budgetMs?: number;
}

export const LONGEST_WAIT_IN_PLACE_MS = 1_000;

export interface RetrySchedule {
  /** Goes on for what may be retried in place, and ends at once for all else. */
  readonly schedule: Schedule.Schedule<unknown, DivertedBy>;
  readonly capMs: number;
}

const checked = (name: string, value: number, most: number): number => {
  if (!(value >= 0 && value <= most)) {
    throw new RangeError(
      `retry.${name} is ${value}: it must lie between 0 and ${most}` +
        (name === "capMs" ? "; settle with retryLater() for a longer wait, it holds no credit" : ""),
    );
  }
  return value;
};

export const retrySchedule = (policy: RetryPolicy): RetrySchedule => {
  const times = checked("times", policy.times ?? 3, 1_000);
  const capMs = checked("capMs", policy.capMs ?? LONGEST_WAIT_IN_PLACE_MS, LONGEST_WAIT_IN_PLACE_MS);
  const firstMs = checked("firstMs", policy.firstMs ?? 50, capMs);
  const budgetMs = checked("budgetMs", policy.budgetMs ?? 5_000, 3_600_000);
  const schedule = Schedule.exponential(firstMs).pipe(
    Schedule.jittered,
    Schedule.setInputType<DivertedBy>(),
    Schedule.while(({ input }) => mayRetryInPlace(input, capMs)),
    Schedule.modifyDelay(({ input, duration }) =>
      Effect.succeed(Math.max(askedForMs(input), Math.min(capMs, Duration.toMillis(duration)))),
    ),
    Schedule.upTo({ times, duration: budgetMs }),
  );
  return { schedule: byElapsedTime(schedule), capMs };
};

const NANOS_PER_MS = 1_000_000;

/** Effect asks the wall clock how long a schedule has been going on; somebody may have set that one meanwhile. */
const byElapsedTime = <Output, Input>(
  schedule: Schedule.Schedule<Output, Input>,
): Schedule.Schedule<Output, Input> =>
  Schedule.fromStep(
    Effect.map(
      Schedule.toStep(schedule),
      (step) => (_wallMs: number, input: Input) =>
        Effect.flatMap(Clock.Clock, (clock) =>
          step(Number(clock.monotonicTimeNanosUnsafe()) / NANOS_PER_MS, input),
        ),
    ),
  );

const askedForMs = (failure: DivertedBy): number =>
  failure._tag === "Transient" ? (failure.retryAfterMs ?? 0) : 0;

/** Only `Transient`, and only if the other side does not ask for more patience than may be had in place. */
export const mayRetryInPlace = (failure: DivertedBy, capMs: number): failure is Transient =>
  failure._tag === "Transient" && askedForMs(failure) <= capMs;
