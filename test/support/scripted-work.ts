/**
 * Work that does what a script says, call by call: answers at once, by a promise or by an Effect, in time or late, with a
 * value, with each of the five failures, or with something thrown. It keeps a record of what was called and when, which
 * is what the properties look at: the world outside, not the runtime's word.
 */
import { Effect } from "effect";
import fc from "fast-check";
import {
  type Failure,
  type FailureTag,
  Permanent,
  Postponed,
  Transient,
  Unconfirmed,
  Undecodable,
} from "../../src/failure.ts";
import type { WorkContext } from "../../src/streams/runtime/one-try.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What a story needs of its clock. */
export type StoryClock = Pick<VirtualClock, "after" | "nowMs" | "wallMs" | "ports">;

export type Answer = "value" | "throw" | FailureTag;

export interface Behaviour {
  readonly as: "sync" | "promise" | "effect";
  readonly afterMs: number;
  readonly answer: Answer;
  /** For a promise: does it end when it is told to? An Effect always does. */
  readonly heedsSignal: boolean;
}

export interface Call {
  readonly stage: string;
  readonly body: number;
  /** The how manieth of this body in this stage, from 0. */
  readonly nth: number;
  readonly attempt: number;
  readonly beganMs: number;
  /** `null` while it runs. */
  endedMs: number | null;
}

/** For each body the behaviours of its calls; what is not scripted answers well and at once. */
export type Script = readonly (readonly Behaviour[])[];

export const WELL: Behaviour = { as: "sync", afterMs: 0, answer: "value", heedsSignal: true };

/** Longer than any timeout in the tests: "until released". */
export const HANG_MS = 600_000;

export const failureFor = (tag: FailureTag, message: string, untilMs: number): Failure => {
  switch (tag) {
    case "Transient":
      return new Transient({ message });
    case "Permanent":
      return new Permanent({ message });
    case "Unconfirmed":
      return new Unconfirmed({ message });
    case "Undecodable":
      return new Undecodable({ message });
    case "Postponed":
      return new Postponed({ message, untilMs });
  }
};

export const FAILURE_TAGS: readonly FailureTag[] = [
  "Transient",
  "Permanent",
  "Unconfirmed",
  "Undecodable",
  "Postponed",
];

export interface BehaviourOptions {
  readonly answers?: readonly Answer[];
  readonly hangs?: boolean;
  readonly mostMs?: number;
}

export const anyBehaviour = ({
  answers = ["value", "value", "value", "throw", ...FAILURE_TAGS],
  hangs = false,
  mostMs = 20,
}: BehaviourOptions = {}): fc.Arbitrary<Behaviour> =>
  fc.record({
    as: fc.constantFrom("sync", "promise", "effect"),
    afterMs: hangs
      ? fc.oneof({ arbitrary: fc.nat(mostMs), weight: 6 }, { arbitrary: fc.constant(HANG_MS), weight: 1 })
      : fc.nat(mostMs),
    answer: fc.constantFrom(...answers),
    heedsSignal: fc.boolean(),
  });

export const anyScript = (bodies: number, calls: number, options?: BehaviourOptions): fc.Arbitrary<Script> =>
  fc.array(fc.array(anyBehaviour(options), { maxLength: calls }), { maxLength: bodies });

export class ScriptedWork {
  readonly calls: Call[] = [];
  readonly #clock: StoryClock;
  readonly #counts = new Map<string, number>();

  constructor(clock: StoryClock) {
    this.#clock = clock;
  }

  /** Calls that have begun and not ended. */
  get running(): readonly Call[] {
    return this.calls.filter(({ endedMs }) => endedMs === null);
  }

  callsOf(stage: string, body: number): readonly Call[] {
    return this.calls.filter((call) => call.stage === stage && call.body === body);
  }

  for(
    stage: string,
    script: Script,
  ): (
    body: number,
    context: Pick<WorkContext, "attempt" | "signal">,
  ) => number | Promise<number> | Effect.Effect<number, Failure> {
    return (body, context) => {
      const call = this.#begin(stage, body, context.attempt);
      const { as, afterMs, answer, heedsSignal } = script[body]?.[call.nth] ?? WELL;
      const end = (): void => {
        call.endedMs = this.#clock.nowMs;
      };
      if (as === "sync") {
        end();
        if (answer === "value") return body;
        throw this.#thrown(answer, call);
      }
      if (as === "promise") {
        return new Promise<number>((resolve, reject) => {
          const cancel = this.#clock.after(afterMs, () => {
            end();
            if (answer === "value") resolve(body);
            else reject(this.#thrown(answer, call));
          });
          if (!heedsSignal) return;
          context.signal.addEventListener("abort", () => {
            if (call.endedMs !== null) return;
            cancel();
            end();
            reject(new Error("aborted"));
          });
        });
      }
      return Effect.sleep(afterMs).pipe(
        Effect.andThen(
          Effect.suspend((): Effect.Effect<number, Failure> => {
            if (answer === "value") return Effect.succeed(body);
            const thrown = this.#thrown(answer, call);
            return answer === "throw" ? Effect.die(thrown) : Effect.fail(thrown as Failure);
          }),
        ),
        Effect.ensuring(Effect.sync(end)),
      );
    };
  }

  #begin(stage: string, body: number, attempt: number): Call {
    const place = `${stage} ${body}`;
    const nth = this.#counts.get(place) ?? 0;
    this.#counts.set(place, nth + 1);
    const call: Call = { stage, body, nth, attempt, beganMs: this.#clock.nowMs, endedMs: null };
    this.calls.push(call);
    return call;
  }

  #thrown(answer: Exclude<Answer, "value">, { stage, body, nth }: Call): Error {
    const message = `${stage} of ${body}, call ${nth}`;
    return answer === "throw"
      ? new Error(message)
      : failureFor(answer, message, this.#clock.wallMs() + 10 + (body % 7));
  }
}
