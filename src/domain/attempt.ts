/**
 * An attempt: one consumed right to send. Its state moves forward only. For one notice and generation at most one
 * attempt is *live* (`intent`, `in_doubt` or `accepted`): that single rule is what keeps two messages from existing.
 */
import type { AttemptId, ChannelId, Instant, NoticeId, Period, WorkerId } from "./ids.ts";

export const ATTEMPT_STATES = ["intent", "in_doubt", "accepted", "rejected", "not_handed_over"] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];

/** The two ways an attempt ends without an acceptance. */
export type NotAccepted = Extract<AttemptState, "rejected" | "not_handed_over">;

export type LiveAttemptState = Exclude<AttemptState, NotAccepted>;
const LIVE: ReadonlySet<AttemptState> = new Set<LiveAttemptState>(["intent", "in_doubt", "accepted"]);
export const isLive = (state: AttemptState): state is LiveAttemptState => LIVE.has(state);

/** One consumed right to send, and what became of it. */
export interface Attempt {
  readonly attemptId: AttemptId;
  readonly noticeId: NoticeId;
  readonly period: Period;
  readonly generation: number;
  readonly attemptNo: number;
  /** The notice's epoch when the right was consumed. */
  readonly epoch: number;
  readonly channel: ChannelId;
  readonly provider: string;
  /** What the provider recognises a repeat by. */
  readonly providerKey: string;
  /** Template version and inputs; a resend that would render to another digest is refused. */
  readonly contentDigest: string;
  readonly intentAt: Instant;
  /** No first byte of the newest copy leaves after this. */
  readonly sendBy: Instant;
  /** How many copies of the request were permitted to leave. */
  readonly copies: number;
  readonly state: AttemptState;
  readonly providerMessageId: string | null;
  /** How it was closed, in words without personal data; empty while it is not. */
  readonly evidence: string | null;
  /** A later acceptance of an attempt that was closed as not accepted: the provider broke its class. */
  readonly contradiction: string | null;
}

/** How long after the deadline check a copy may still be accepted; `never` takes time out of the evidence altogether. */
export type DeltaMs = number | "never";

/**
 * What a provider promises, declared by its sender. **A**: within `windowMs` of first seeing a key it never accepts a
 * second time and answers a repeat as accepted. **B**: what it accepted is found by our reference, from its acceptance
 * until `findableMs` after. **C**: neither.
 */
export type ProviderClass =
  | { readonly class: "A"; readonly windowMs: number }
  | { readonly class: "B"; readonly findableMs: number }
  | { readonly class: "C" };

/** What a provider promises, and within which time. */
export type ProviderTerms = ProviderClass & { readonly deltaMs: DeltaMs };

/**
 * Why an attempt is known not to have been accepted; `copies` is the count when the evidence was taken.
 * `owner` is the definite answer that the right's own holder received · `rejection` the provider's own judgement of
 * the newest copy · `look-up` a search by reference that found nothing, asked at `askedAt` by the database's clock ·
 * `operator` a person, in words.
 */
export type NonAcceptance =
  | { readonly by: "owner"; readonly owner: WorkerId; readonly copies: number; readonly words: string }
  | { readonly by: "rejection"; readonly copies: number; readonly words: string }
  | { readonly by: "look-up"; readonly askedAt: Instant; readonly copies: number; readonly words: string }
  | { readonly by: "operator"; readonly copies: number; readonly words: string };
