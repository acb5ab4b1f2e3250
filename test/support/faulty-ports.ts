/**
 * Sources and sinks that fail, throw, or take their time at the calls that a script names, and tell a watcher of every
 * call and its effect. They keep the port's promises all the same: a pull that fails or is interrupted has handed over
 * nothing that the source does not bring again.
 */
import { Effect } from "effect";
import fc from "fast-check";
import { type Failure, Permanent, Transient } from "../../src/failure.ts";
import type { DeadLetterSink, DeadRecord } from "../../src/streams/runtime/publisher.ts";
import type {
  CommitMark,
  OffsetRecord,
  OffsetSource,
  PullLimit,
  QueueRecord,
  QueueSettlement,
  QueueSource,
} from "../../src/streams/runtime/source.ts";

export interface Fault {
  /** `after`: it took effect, and its answer was lost. */
  readonly when: "before" | "after";
  readonly how: "fails" | "refuses" | "throws" | "is slow" | "is slow and deaf";
  readonly ms: number;
}

export type Call = "open" | "pull" | "commit" | "settle" | "close" | "write";

/** What goes wrong at the how manieth call. */
export type Faults = Partial<Record<Call, readonly (Fault | null)[]>>;

export const anyFault: fc.Arbitrary<Fault> = fc.record({
  when: fc.constantFrom("before", "after"),
  how: fc.constantFrom("fails", "refuses", "throws", "is slow", "is slow and deaf"),
  ms: fc.integer({ min: 1, max: 30 }),
});

const anyFaultsOf = (calls: number): fc.Arbitrary<readonly (Fault | null)[]> =>
  fc.array(fc.option(anyFault, { freq: 2 }), { maxLength: calls });

export const anyFaults = (calls: readonly Call[]): fc.Arbitrary<Faults> =>
  fc.record(Object.fromEntries(calls.map((call) => [call, anyFaultsOf(6)])));

const struck = <A>(
  call: Effect.Effect<A, Failure>,
  fault: Fault,
  what: string,
): Effect.Effect<A, Failure> => {
  const strike = Effect.suspend((): Effect.Effect<void, Failure> => {
    switch (fault.how) {
      case "fails":
        return Effect.fail(new Transient({ message: `${what} failed` }));
      case "refuses":
        return Effect.fail(new Permanent({ message: `${what} was refused` }));
      case "throws":
        throw new Error(`${what} threw`);
      case "is slow":
        return Effect.sleep(fault.ms);
      case "is slow and deaf":
        return Effect.uninterruptible(Effect.sleep(fault.ms));
    }
  });
  return fault.when === "before"
    ? Effect.andThen(strike, call)
    : Effect.flatMap(call, (answer) => Effect.as(strike, answer));
};

/** Applies the script; each call of a kind takes the next of its faults. */
class Striker {
  readonly #left: Record<Call, (Fault | null)[]>;

  constructor(faults: Faults) {
    const of = (call: Call): (Fault | null)[] => [...(faults[call] ?? [])];
    this.#left = {
      open: of("open"),
      pull: of("pull"),
      commit: of("commit"),
      settle: of("settle"),
      close: of("close"),
      write: of("write"),
    };
  }

  strike<A>(call: Call, effect: Effect.Effect<A, Failure>): Effect.Effect<A, Failure> {
    return Effect.suspend(() => {
      const fault = this.#left[call].shift() ?? null;
      return fault === null ? effect : struck(effect, fault, call);
    });
  }
}

export interface LogWatcher<Body> {
  readonly opened?: () => void;
  readonly asked?: (limit: PullLimit) => void;
  readonly pulled?: (records: readonly OffsetRecord<Body>[]) => void;
  /** Before it takes effect. */
  readonly committing?: (marks: readonly CommitMark[]) => void;
  readonly closed?: () => void;
}

/** A slow answer to a pull would be interrupted after the records were taken, so it is slow before. */
const pullFaults = (faults: Faults): Faults => ({
  ...faults,
  pull: (faults.pull ?? []).map((fault) => fault && { ...fault, when: "before" as const }),
});

export const faultyLog = <Source extends OffsetSource<Body>, Body>(
  source: Source,
  faults: Faults,
  watch: LogWatcher<Body> = {},
): Source => {
  const striker = new Striker(pullFaults(faults));
  return {
    ...source,
    open: (listener) =>
      striker.strike(
        "open",
        Effect.suspend(() => {
          watch.opened?.();
          return source.open(listener);
        }),
      ),
    pull: (limit) => {
      watch.asked?.(limit);
      return striker.strike(
        "pull",
        Effect.tap(source.pull(limit), ({ records }) =>
          Effect.sync(() => {
            watch.pulled?.(records);
          }),
        ),
      );
    },
    commit: (marks) =>
      striker.strike(
        "commit",
        Effect.suspend(() => {
          watch.committing?.(marks);
          return source.commit(marks);
        }),
      ),
    close: striker.strike(
      "close",
      Effect.suspend(() => {
        watch.closed?.();
        return source.close;
      }),
    ),
  };
};

export interface QueueWatcher<Body> {
  readonly opened?: () => void;
  readonly asked?: (limit: PullLimit) => void;
  readonly pulled?: (records: readonly QueueRecord<Body>[]) => void;
  readonly settling?: (settlements: readonly QueueSettlement[]) => void;
  readonly closed?: () => void;
}

export const faultyQueue = <Body>(
  source: QueueSource<Body>,
  faults: Faults,
  watch: QueueWatcher<Body> = {},
): QueueSource<Body> => {
  const striker = new Striker(pullFaults(faults));
  return {
    ...source,
    open: () =>
      striker.strike(
        "open",
        Effect.suspend(() => {
          watch.opened?.();
          return source.open();
        }),
      ),
    pull: (limit) => {
      watch.asked?.(limit);
      return striker.strike(
        "pull",
        Effect.tap(source.pull(limit), ({ records }) =>
          Effect.sync(() => {
            watch.pulled?.(records);
          }),
        ),
      );
    },
    settle: (settlements) =>
      striker.strike(
        "settle",
        Effect.suspend(() => {
          watch.settling?.(settlements);
          return source.settle(settlements);
        }),
      ),
    close: striker.strike(
      "close",
      Effect.suspend(() => {
        watch.closed?.();
        return source.close;
      }),
    ),
  };
};

export const faultySink = (
  sink: DeadLetterSink,
  faults: Faults,
  written: (letters: readonly DeadRecord[]) => void = () => undefined,
): DeadLetterSink => {
  const striker = new Striker(faults);
  return {
    write: (letters) =>
      striker.strike(
        "write",
        Effect.tap(sink.write(letters), () =>
          Effect.sync(() => {
            written(letters);
          }),
        ),
      ),
  };
};
