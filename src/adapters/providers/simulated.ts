/**
 * A provider that exists in this program only: for the demonstration, for tests and for measurements. It behaves as one
 * across a network would: it judges a request when it arrives, writes that into its own journal, takes its time, and
 * sometimes its answer is lost.
 *
 * A process that is killed in that time leaves a doubt, and the journal resolves it, because it was written before. The
 * class that it declares is the one it keeps: A remembers attempts for `windowMs`, B finds what it accepted for
 * `findableMs`, C does neither, and B and C accept every copy anew.
 */
import { Effect, Exit, Option } from "effect";
import type { ProviderClass, ProviderTerms } from "../../domain/attempt.ts";
import type { ChannelId } from "../../domain/ids.ts";
import { reveal } from "../../domain/masking-sensitive.ts";
import type { Arrival, ArrivingRequest, ProviderJournal } from "../../domain/ports/provider-journal.ts";
import type { LookUp, Sender, SenderLimits, SendOutcome, SendRequest } from "../../domain/ports/sender.ts";
import type { Failure } from "../../failure.ts";
import { systemPorts, type SystemPorts } from "../../streams/runtime/system-ports.ts";
import { DelayWheel } from "./delay-wheel.ts";
import { GatheredCalls } from "./gathered-calls.ts";
import { allowsToLeave } from "./may-leave.ts";
import { fateDrawer, type Fate, type SimulatedFaults } from "./simulated-fate.ts";

/** How the simulated provider behaves. */
export interface SimulatedOptions {
  readonly channel: ChannelId;
  /** Shared by all processes of the folder, or its evidence is worth nothing. */
  readonly journal: ProviderJournal;
  /** Default `simulated-<channel>`. */
  readonly provider?: string;
  /** Default 1. */
  readonly seed?: number;
  /** From its arrival to its answer. Default 1,000. */
  readonly latencyMs?: number;
  /** Up to so much more or less. Default a fifth of the latency. */
  readonly jitterMs?: number;
  readonly faults?: SimulatedFaults;
  /** Default B, findable for a day. */
  readonly class?: ProviderClass;
  /** Default 5,000. Nothing is accepted later than half of it after the deadline check. */
  readonly deltaMs?: ProviderTerms["deltaMs"];
  readonly limits?: Partial<SenderLimits>;
  /** Asked for each request: while it says yes the provider answers that it is down, and accepts nothing. */
  readonly isDown?: () => boolean;
  readonly ports?: Pick<SystemPorts, "clock">;
}

/** What it takes where nothing else is said. */
export const SIMULATED_LIMITS: SenderLimits = {
  maxInFlight: 20_000,
  perSecond: null,
  sendWindowMs: 10_000,
  answerWindowMs: 30_000,
};

const DAY_MS = 86_400_000;
const DEFAULT_DELTA_MS = 5_000;
/** Of one call to the journal, and such calls at once. */
const MAX_BATCH = 1_000;
const JOURNAL_CALLS = 2;

interface Pending {
  readonly request: SendRequest;
  readonly fate: Fate;
  readonly settle: (outcome: SendOutcome) => void;
}

const NOT_IN_TIME: SendOutcome = {
  kind: "not-handed-over",
  trouble: null,
  words: "it was no longer allowed to leave when it could",
};
const CLOSED_BEFORE: SendOutcome = {
  kind: "not-handed-over",
  trouble: null,
  words: "the sender was closed before the request left",
};
const down = (words: string): SendOutcome => ({
  kind: "not-accepted",
  trouble: "down",
  retryAfterMs: null,
  words,
});

/** A provider without a network, and the sender to it. */
export const simulatedSender = (options: SimulatedOptions): Sender => {
  const {
    channel,
    journal,
    provider = `simulated-${channel}`,
    seed = 1,
    latencyMs = 1_000,
    jitterMs = latencyMs / 5,
    class: providerClass = { class: "B", findableMs: DAY_MS },
    deltaMs = DEFAULT_DELTA_MS,
    isDown = () => false,
    ports: { clock } = systemPorts,
  } = options;
  if (!(latencyMs >= 0 && jitterMs >= 0 && jitterMs <= latencyMs)) {
    throw new RangeError(`jitterMs is ${jitterMs}: it must be from 0 to latencyMs, which is ${latencyMs}`);
  }
  const limits: SenderLimits = { ...SIMULATED_LIMITS, ...options.limits };
  const drawFate = fateDrawer(seed, options.faults);
  const remembersMs = providerClass.class === "A" ? providerClass.windowMs : 0;
  /** The other half is for the journal's commit, so that a look-up past Δ never overtakes an acceptance. */
  const acceptWithinMs = (deltaMs === "never" ? DEFAULT_DELTA_MS : deltaMs) / 2;
  const wheel = new DelayWheel(clock);
  const underWay = new Set<Pending>();
  let isClosed = false;

  const arriving = ({ request, fate }: Pending, now: number): ArrivingRequest => ({
    attemptId: request.attemptId,
    reference: request.reference,
    channel,
    arrivedAt: now,
    acceptUntil: now + acceptWithinMs,
    judgement: fate.judgement,
    providerMessageId: `${provider}-${request.attemptId}`,
    remembersMs,
  });

  const answerLater = (pending: Pending, outcome: SendOutcome): void => {
    wheel.after(latencyMs + (2 * pending.fate.pace - 1) * jitterMs, () => pending.settle(outcome));
  };

  const answer = (pending: Pending, arrival: Arrival): void => {
    if (arrival.kind === "too-late") {
      answerLater(pending, down("it arrived later than the provider takes requests"));
      return;
    }
    // A repeat is a request of its own: it gets its answer.
    const way = arrival.kind === "remembered" ? "told" : pending.fate.answer;
    if (way === "told" && arrival.judgement !== "dropped") answerLater(pending, told(arrival));
    else if (way === "never") {
      wheel.after(limits.answerWindowMs, () => pending.settle(unknown("no answer within the answer window")));
    } else answerLater(pending, unknown("the answer could not be read"));
  };

  const call = async (gathered: readonly Pending[]): Promise<void> => {
    const leaving: Pending[] = [];
    for (const pending of gathered) {
      if (isDown()) answerLater(pending, down("the provider says that it is down"));
      else if (allowsToLeave(pending.request.mayStillLeave)) leaving.push(pending);
      else pending.settle(NOT_IN_TIME);
    }
    if (leaving.length === 0) return;
    const now = clock.wallMs();
    const exit = await Effect.runPromiseExit(
      journal.arrived(leaving.map((pending) => arriving(pending, now))),
    );
    if (isClosed) return;
    leaving.forEach((pending, place) => {
      if (Exit.isSuccess(exit)) {
        const arrival = exit.value[place];
        if (arrival === undefined) pending.settle(unknown("the journal gave no answer for it"));
        else answer(pending, arrival);
      } else pending.settle(withoutJournal(exit));
    });
  };

  const calls = new GatheredCalls<Pending>({
    concurrency: JOURNAL_CALLS,
    maxBatch: MAX_BATCH,
    soon: clock.soon,
    call,
  });

  const sendOne = (request: SendRequest): Promise<SendOutcome> =>
    new Promise((resolve) => {
      if (isClosed) {
        resolve(CLOSED_BEFORE);
        return;
      }
      const pending: Pending = {
        request,
        fate: drawFate(request.attemptId, channel, reveal(request.to)),
        settle: (outcome) => {
          underWay.delete(pending);
          resolve(outcome);
        },
      };
      underWay.add(pending);
      calls.add(pending);
    });

  return {
    provider,
    channel,
    terms: { ...providerClass, deltaMs },
    limits,
    send: (batch) => batch.map(sendOne),
    lookUp:
      providerClass.class === "B"
        ? (attemptId) =>
            Effect.map(journal.lookUp(attemptId), (found): LookUp => {
              const isFound = found !== null && clock.wallMs() - found.acceptedAt <= providerClass.findableMs;
              return isFound
                ? { found: true, providerMessageId: found.providerMessageId, words: "found by its attempt" }
                : { found: false, words: "the provider has accepted no request of this attempt" };
            })
        : null,
    close: async () => {
      isClosed = true;
      wheel.clear();
      for (const pending of calls.takeWaiting()) pending.settle(CLOSED_BEFORE);
      for (const pending of [...underWay]) pending.settle(unknown("the sender was closed before the answer"));
    },
  };
};

const unknown = (words: string): SendOutcome => ({ kind: "unknown", words });

const told = ({ judgement, providerMessageId }: Exclude<Arrival, { kind: "too-late" }>): SendOutcome =>
  judgement === "accepted"
    ? { kind: "accepted", providerMessageId, words: "accepted" }
    : {
        kind: "rejected",
        forGood: judgement === "rejected-for-good",
        words: judgement === "rejected-for-good" ? "refused for good" : "refused this time",
      };

/** Without its journal the provider accepts nothing; only where the journal may have been written nobody knows. */
const withoutJournal = (exit: Exit.Failure<unknown, Failure>): SendOutcome => {
  const failure = Exit.findErrorOption(exit);
  return Option.isSome(failure) && failure.value._tag === "Transient"
    ? down("the provider's journal cannot be reached, and nothing was written")
    : unknown("the provider's journal was cut off before it answered");
};
