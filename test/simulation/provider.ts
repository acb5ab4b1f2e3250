/**
 * A provider, simulated, with a journal of its own: every request that has reached it, and what became of it. It keeps to the class that
 * it declares and breaks everything else: it is slow, accepts without a word, swallows, refuses, answers garbage.
 *
 * A journal's line also holds what the ledger said of the right at that moment, as a witness who stands beside both would see it.
 */
import { createHash } from "node:crypto";
import { Effect } from "effect";
import type { AttemptId, ChannelId } from "../../src/domain/ids.ts";
import { reveal } from "../../src/domain/masking-sensitive.ts";
import type { LookUp, Sender, SendOutcome, SendRequest } from "../../src/domain/ports/sender.ts";
import { type Failure, Transient } from "../../src/failure.ts";
import type { VirtualClock } from "../support/virtual-clock.ts";
import type { Draw } from "../support/draw.ts";
import type { Life } from "./life.ts";
import type { Chances, ProviderLetter } from "./plan.ts";
import type { Trace } from "./trace.ts";

/** What the ledger said of a right to send. */
export interface Witnessed {
  readonly state: string;
  readonly copies: number;
  /** By the ledger's clock. */
  readonly isPastSendBy: boolean;
}

export interface Arrival {
  readonly atMs: number;
  readonly channel: ChannelId;
  readonly attemptId: AttemptId;
  readonly providerKey: string;
  readonly reference: string;
  /** Of all that was to be sent, and to whom. */
  readonly digest: string;
  readonly by: string;
  readonly right: Witnessed | null;
  /** It was let go when its time to leave was over already. */
  readonly leftLate: boolean;
  /** Whether this request was accepted; a repeat that is answered as accepted is not. */
  isAccepted: boolean;
  /** Whether who has sent it knows for certain whether it was accepted. */
  isAnswered: boolean;
}

export interface ProviderOptions {
  readonly clock: VirtualClock;
  readonly draw: Draw;
  readonly trace: Trace;
  readonly chances: () => Chances;
  readonly classes: Readonly<Record<"email" | "sms", ProviderLetter>>;
  readonly witness: (attemptId: AttemptId, reference: string) => Witnessed | null;
  /** Copies are accepted within this of the last look at their deadline, or never (C3). */
  readonly deltaMs: number;
  readonly sendWindowMs: number;
  readonly answerWindowMs: number;
}

/** Longer than any world lasts. */
export const REMEMBERS_MS = 86_400_000;
const LATENCY_MS = [5, 200] as const;
/** Its words where trying again is of no use. */
export const FOR_GOOD = "no such mailbox";
const SLOW_CONNECTION_MS = [500, 9_000] as const;

type Fate =
  | "accepts"
  | "says nothing"
  | "swallows"
  | "refuses for good"
  | "refuses for now"
  | "busy"
  | "garbled";

const LEFT_NOTHING = { kind: "not-handed-over", trouble: null } as const;

export class Provider {
  readonly journal: Arrival[] = [];
  readonly #options: ProviderOptions;

  constructor(options: ProviderOptions) {
    this.#options = options;
  }

  /** The adapter of one process. */
  senderOf(life: Life, channel: ChannelId): Sender {
    const { classes, deltaMs, sendWindowMs, answerWindowMs } = this.#options;
    const letter = classes[channel as "email" | "sms"]; // those two alone are configured
    const terms = {
      A: { class: "A", windowMs: REMEMBERS_MS, deltaMs },
      B: { class: "B", findableMs: REMEMBERS_MS, deltaMs },
      C: { class: "C", deltaMs },
    } as const;
    return {
      ...{ provider: "simulated", channel, terms: terms[letter] },
      limits: { maxInFlight: 50, perSecond: null, sendWindowMs, answerWindowMs },
      send: (batch) => batch.map((request) => this.#send(life, letter, request)),
      lookUp: letter === "B" ? (attemptId) => this.#lookUp(life, attemptId) : null,
      close: () => Promise.resolve(),
    };
  }

  #send(life: Life, letter: ProviderLetter, request: SendRequest): Promise<SendOutcome> {
    const { clock, draw, trace, chances, answerWindowMs, witness } = this.#options;
    const { attemptId, reference } = request;
    return new Promise((resolve) => {
      if (draw.chance(chances().noConnection)) {
        trace.inject("noConnection");
        life.system.clock.after(50, () => resolve({ ...LEFT_NOTHING, words: "no connection" }));
        return;
      }
      // a connection first, which takes its time
      const isSlow = draw.chance(chances().connectSlow);
      if (isSlow) trace.inject("connectSlow");
      life.system.clock.after(isSlow ? draw.within(...SLOW_CONNECTION_MS) : draw.within(1, 40), () => {
        if (!request.mayStillLeave()) {
          resolve({ ...LEFT_NOTHING, words: "too late to leave" });
          return;
        }
        const checked = { atMs: clock.nowMs, isLate: witness(attemptId, reference)?.isPastSendBy === true };
        let waits = true;
        const heard = (outcome: SendOutcome): void => {
          waits = false;
          resolve(outcome);
        };
        life.system.clock.after(answerWindowMs, () => heard({ kind: "unknown", words: "no answer came" }));
        const answered = (arrival: Arrival, outcome: SendOutcome): void => {
          const comes = (): void => {
            arrival.isAnswered = waits && outcome.kind !== "unknown";
            heard(outcome);
          };
          clock.after(draw.within(...LATENCY_MS), () => life.pass(comes));
        };
        this.#freezeNow(life, letter);
        life.pass(() => {
          clock.after(draw.within(...LATENCY_MS), () =>
            this.#arrive(life, letter, request, checked, answered),
          );
        });
      });
    });
  }

  /** A process may stand still between its look at the deadline and the first byte: under C3 not longer than Δ, at class C for ever. */
  #freezeNow(life: Life, letter: ProviderLetter): void {
    const { clock, draw, trace, chances, deltaMs } = this.#options;
    if (!draw.chance(chances().frozenBeforeFirstByte)) return;
    trace.inject("frozenBeforeFirstByte", life.name);
    life.freeze();
    clock.after(draw.within(1, letter === "C" ? 8_000 : deltaMs / 2), () => life.thaw());
  }

  #fateOf(): Fate {
    const { draw, chances } = this.#options;
    const { acceptedInSilence, swallowed, rejectedForGood, rejectedForNow, busy, garbled } = chances();
    const drawn: readonly [keyof Chances, number, Fate][] = [
      ["acceptedInSilence", acceptedInSilence, "says nothing"],
      ["swallowed", swallowed, "swallows"],
      ["rejectedForGood", rejectedForGood, "refuses for good"],
      ["rejectedForNow", rejectedForNow, "refuses for now"],
      ["busy", busy, "busy"],
      ["garbled", garbled, "garbled"],
    ];
    for (const [fault, share, fate] of drawn) {
      if (!draw.chance(share)) continue;
      this.#options.trace.inject(fault);
      return fate;
    }
    return "accepts";
  }

  #arrive(
    life: Life,
    letter: ProviderLetter,
    request: SendRequest,
    checked: { readonly atMs: number; readonly isLate: boolean },
    answers: (arrival: Arrival, outcome: SendOutcome) => void,
  ): void {
    const { clock, draw, trace, chances, deltaMs, witness } = this.#options;
    const { attemptId, providerKey, reference, channel } = request;
    const arrival: Arrival = {
      ...{ atMs: clock.nowMs, channel, attemptId, providerKey, reference, by: life.name },
      ...{ isAccepted: false, isAnswered: false },
      digest: digestOf(request),
      ...{ right: witness(attemptId, reference), leftLate: checked.isLate },
    };
    const answered = (outcome: SendOutcome): void => answers(arrival, outcome);
    const before = this.journal.filter((one) => one.channel === channel && one.providerKey === providerKey);
    this.journal.push(arrival);
    trace.tell(`${channel} has ${reference} by ${attemptId}`);
    const accepted: SendOutcome = {
      kind: "accepted",
      providerMessageId: `m-${attemptId}`,
      words: "accepted",
    };
    if (letter === "A" && before.some(({ isAccepted }) => isAccepted)) return answered(accepted);

    const accept = (then: () => void): void => {
      const slowMs = draw.chance(chances().providerSlow) ? draw.within(100, deltaMs) : 0;
      if (slowMs > 0) trace.inject("providerSlow");
      // within Δ of the look at the deadline, or never
      const leftMs = checked.atMs + deltaMs - clock.nowMs - 1;
      const afterMs = letter === "C" ? slowMs : Math.min(slowMs, leftMs);
      if (afterMs < 0) return;
      clock.after(afterMs, () => {
        // of two copies that are looked at together the second one is a repeat
        const isRepeat =
          letter === "A" &&
          this.journal.some(
            (one) => one.channel === channel && one.providerKey === providerKey && one.isAccepted,
          );
        if (!isRepeat) {
          arrival.isAccepted = true;
          trace.tell(`${channel} accepts ${reference}`);
        }
        then();
      });
    };
    switch (this.#fateOf()) {
      case "accepts":
        return accept(() => answered(accepted));
      case "says nothing":
        return accept(() => undefined);
      case "swallows":
        return;
      case "refuses for good":
        return answered({ kind: "rejected", forGood: true, words: FOR_GOOD });
      case "refuses for now":
        return answered({ kind: "rejected", forGood: false, words: "the mailbox is full" });
      case "busy":
        return answered({
          kind: "not-accepted",
          trouble: "busy",
          retryAfterMs: 1_000,
          words: "come back later",
        });
      case "garbled": {
        const garbage: SendOutcome = { kind: "unknown", words: "an answer that says nothing" };
        return draw.chance(0.5) ? accept(() => answered(garbage)) : answered(garbage);
      }
    }
  }

  #lookUp(life: Life, attemptId: AttemptId): Effect.Effect<LookUp, Failure> {
    const { clock, draw, trace, chances } = this.#options;
    return Effect.callback<LookUp, Failure>((resume) => {
      life.pass(() => {
        clock.after(draw.within(...LATENCY_MS), () => {
          const fails = draw.chance(chances().lookUpFails);
          if (fails) trace.inject("lookUpFails");
          const found = this.journal.find((one) => one.attemptId === attemptId && one.isAccepted);
          const answer: Effect.Effect<LookUp, Failure> = fails
            ? Effect.fail(new Transient({ message: "the provider could not be asked" }))
            : Effect.succeed(
                found === undefined
                  ? { found: false, words: "nothing is known of it" }
                  : { found: true, providerMessageId: `m-${attemptId}`, words: "found" },
              );
          clock.after(draw.within(...LATENCY_MS), () => life.pass(() => resume(answer)));
        });
      });
    });
  }
}

const digestOf = ({ to, message }: SendRequest): string =>
  createHash("sha256")
    .update(JSON.stringify([reveal(to), reveal(message)]))
    .digest("hex");
