/**
 * What was learned of a doubt is told to the ledger: an acceptance (T8), or evidence that nothing was accepted and nothing still will
 * be (T12). The evidence cost a request, so a ledger that is away is waited for, up to a minute; after that it is asked for again.
 */
import { Effect, Result, Schedule } from "effect";
import type { NonAcceptance, NotAccepted } from "../../domain/attempt.ts";
import { type AttemptEnd, stepAfter } from "../../domain/fall-back.ts";
import type { ChannelId, Instant } from "../../domain/ids.ts";
import type { DoubtfulNotice } from "../../domain/ports/doubts.ts";
import type { Answer, ItemAnswer } from "../../domain/ports/notice-ledger.ts";
import type { Policy } from "../../domain/policy.ts";
import { type Failure, Permanent } from "../../failure.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts, UpkeepProvider } from "./upkeep-ports.ts";

/** What has come of helping one doubt. */
export type Help =
  | { readonly kind: "settled"; readonly words: string }
  /** Not before then; left out, after a back-off. */
  | { readonly kind: "again"; readonly words: string; readonly notBefore?: Instant }
  | { readonly kind: "owed"; readonly words: string };

export interface HelpPorts extends Omit<UpkeepPorts, "log" | "tell" | "letters"> {
  readonly limits: UpkeepLimits;
  readonly stopping: AbortSignal;
}

const TRIES = 60;
const BETWEEN_TRIES_MS = 1_000;

export const accepted = (
  { ledger, worker, stopping }: HelpPorts,
  { notice, attempt }: DoubtfulNotice,
  providerMessageId: string,
  evidence: string,
): Effect.Effect<Help, Failure> => {
  const { noticeId, period } = notice;
  const { attemptId } = attempt;
  const command = { type: "accept" as const, noticeId, period, attemptId, providerMessageId, evidence };
  return told(ledger.apply("accept", [{ ...command, actor: worker }]), stopping, `accepted: ${evidence}`);
};

export interface NoAcceptance {
  readonly outcome: NotAccepted;
  readonly evidence: NonAcceptance;
  readonly end: AttemptEnd;
}

/** What is next follows from the policy that the generation began with, as after any other "no". */
export const notAccepted = (
  { ledger, worker, system, limits, stopping }: HelpPorts,
  { sender }: UpkeepProvider,
  { notice, attempt, contents }: DoubtfulNotice,
  policy: Policy,
  { outcome, evidence, end }: NoAcceptance,
): Effect.Effect<Help, Failure> => {
  const { noticeId, period, attemptNo } = notice;
  const { attemptId, channel } = attempt;
  const usable = Object.keys(contents.contacts) as ChannelId[]; // its keys are channels, as ingested
  const next = stepAfter(policy, { channel, attemptNo, end }, usable, system.random());
  const command = {
    type: "resolve" as const,
    ...{ noticeId, period, attemptId, outcome, evidence, next },
    terms: sender.terms,
    republishInMs: limits.toldLaterMs,
    actor: worker,
  };
  return told(ledger.apply("resolve", [command]), stopping, `${evidence.by}: ${evidence.words}`);
};

const told = (
  call: Effect.Effect<readonly ItemAnswer<Answer>[], Failure>,
  stopping: AbortSignal,
  words: string,
): Effect.Effect<Help, Failure> =>
  Effect.map(
    Effect.retry(Effect.flatMap(call, theAnswer), {
      schedule: Schedule.spaced(BETWEEN_TRIES_MS),
      times: TRIES,
      while: (failure: Failure) => failure._tag !== "Permanent" && !stopping.aborted,
    }),
    ({ verdict, because }): Help =>
      verdict === "won" || verdict === "already-mine"
        ? { kind: "settled", words }
        : { kind: "again", words: `${words}; the ledger answers ${verdict}, ${because ?? "no reason"}` },
  );

/** The one answer of a batch of one. */
export const theAnswer = ([answer]: readonly ItemAnswer<Answer>[]): Effect.Effect<Answer, Failure> =>
  answer === undefined
    ? Effect.fail(new Permanent({ message: "the ledger answered nothing", code: "no-answer" }))
    : Result.isFailure(answer)
      ? Effect.fail(answer.failure)
      : Effect.succeed(answer.success);
