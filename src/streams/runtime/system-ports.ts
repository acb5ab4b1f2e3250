/**
 * Time, randomness and ids as ports, so that two pipelines with two clocks can run in one process and a seed can
 * replay a run. This is the only file of the runtime that touches the real ones.
 */
import { Clock as EffectClock, Context, Duration, Effect, Random as EffectRandom } from "effect";

/** Takes back what was to run later; after it has run, it does nothing. */
export type Cancel = () => void;

/** Time as a pipeline sees it; tests and simulations give one of their own. */
export interface Clock {
  /** For elapsed time only: the origin means nothing. */
  readonly monotonicMs: () => number;
  /** Epoch milliseconds. May step; nothing here is decided by it but the time of a delayed retry. */
  readonly wallMs: () => number;
  /** Runs once, not sooner than `ms` from now. */
  readonly after: (ms: number, run: () => void) => Cancel;
  /** Runs once, as soon as what is ready now has had its turn. Not a timer: it adds no delay of its own. */
  readonly soon: (run: () => void) => void;
}

/** Time, randomness and ids, as a pipeline sees them. */
export interface SystemPorts {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly newId: () => string;
}

/** The machine runs a timer for more than this at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A machine's timer may run early by most of a millisecond: who wakes too early looks, and sleeps on. */
const afterElapsed = (ms: number, run: () => void): Cancel => {
  if (ms === Infinity) return () => undefined;
  const dueMs = performance.now() + ms;
  let timer: ReturnType<typeof setTimeout>;
  const sleep = (leftMs: number): void => {
    timer = setTimeout(wake, Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS));
  };
  const wake = (): void => {
    const leftMs = dueMs - performance.now();
    if (leftMs > 0) sleep(leftMs);
    else run();
  };
  sleep(ms);
  return () => {
    clearTimeout(timer);
  };
};

/** The machine's own clock, randomness and ids. */
export const systemPorts: SystemPorts = {
  clock: {
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
    after: afterElapsed,
    soon: (run) => {
      setImmediate(run);
    },
  },
  random: () => Math.random(),
  newId: () => crypto.randomUUID(),
};

const sleepOn = (clock: Clock, duration: Duration.Duration): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const cancel = clock.after(Duration.toMillis(duration), () => {
      resume(Effect.void);
    });
    return Effect.sync(cancel);
  });

const NANOS_PER_MS = 1_000_000;
const nanos = (ms: number): bigint => BigInt(Math.round(ms * NANOS_PER_MS));

const effectClock = (clock: Clock): EffectClock.Clock => ({
  currentTimeMillisUnsafe: clock.wallMs,
  currentTimeMillis: Effect.sync(clock.wallMs),
  currentTimeNanosUnsafe: () => nanos(clock.wallMs()),
  currentTimeNanos: Effect.sync(() => nanos(clock.wallMs())),
  monotonicTimeNanosUnsafe: () => nanos(clock.monotonicMs()),
  monotonicTimeNanos: Effect.sync(() => nanos(clock.monotonicMs())),
  sleep: (duration) => sleepOn(clock, duration),
});

/** What every Effect of a pipeline runs in: its schedules and sleeps follow these ports, not the process. */
export const effectContext = (ports: SystemPorts): Context.Context<never> =>
  Context.mergeAll(
    Context.make(EffectClock.Clock, effectClock(ports.clock)),
    Context.make(EffectRandom.Random, {
      nextDoubleUnsafe: ports.random,
      nextIntUnsafe: () => Math.floor((ports.random() - 0.5) * 2 * Number.MAX_SAFE_INTEGER),
    }),
  );
