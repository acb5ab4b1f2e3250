/**
 * What a provider knows by itself, outside the ledger: its key table. The simulated provider keeps one, so that a doubt
 * after a crash can be resolved by asking, and so that somebody else than the ledger can say whether anything was sent
 * twice. Whoever implements it promises:
 *
 * - **Written when it arrives.** When `arrived` answers, the request and its judgement outlast every crash of this program;
 *   the time that a provider then takes to answer comes after it.
 * - **Never late.** Nothing is written after the request's `acceptUntil`: it is `too-late`, and was not accepted.
 * - **One judge.** Of all processes that bring the same attempt, exactly one is answered `recorded` within `remembersMs`;
 *   the others get what was recorded for it.
 * - **An honest failure.** `Transient` only if nothing of the batch was written and nothing will be; else `Unconfirmed`.
 *   Never repeated inside: a repeat is another request, to a provider that does not know keys.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { AttemptId, ChannelId } from "../ids.ts";

/** `dropped`: arrived, and neither accepted nor remembered, like a request that met a crash on the other side. */
export type Judgement = "accepted" | "rejected" | "rejected-for-good" | "dropped";

/** A request as it arrives at the provider, and how it is judged. */
export interface ArrivingRequest {
  readonly attemptId: AttemptId;
  /** `<notice id>/<generation>`: what must not be accepted twice. */
  readonly reference: string;
  readonly channel: ChannelId;
  /** Epoch milliseconds by the provider's clock. */
  readonly arrivedAt: number;
  readonly acceptUntil: number;
  readonly judgement: Judgement;
  /** Of the first acceptance; further ones add their number to it. */
  readonly providerMessageId: string;
  /**
   * A repeat of an attempt that was first seen no longer ago than this is answered as that one was; where that was
   * dropped, or is longer ago, it is judged anew (and not dropped again). 0: every request is a new one.
   */
  readonly remembersMs: number;
}

/** What the journal says to a request that arrives. */
export type Arrival =
  | {
      readonly kind: "recorded" | "remembered";
      readonly judgement: Judgement;
      readonly providerMessageId: string;
    }
  | { readonly kind: "too-late" };

/** One request that was accepted. */
export interface Acceptance {
  readonly attemptId: AttemptId;
  readonly reference: string;
  readonly channel: ChannelId;
  /** Epoch milliseconds by the provider's clock. */
  readonly acceptedAt: number;
  readonly providerMessageId: string;
}

/** Keyset cursor of `acceptances`. */
export interface AcceptanceCursor {
  readonly attemptId: AttemptId;
  readonly copy: number;
}

/** A part of the journal. */
export interface AcceptancePage {
  readonly acceptances: readonly Acceptance[];
  readonly next: AcceptanceCursor | null;
}

/** A reference that was accepted more than once: somebody got two messages. */
export interface DoubleAcceptance {
  readonly reference: string;
  readonly times: number;
}

/** What can be read back from it: the provider's word on what it accepted. */
export interface JournalReading {
  /** References with more than one accepted request, over all channels, by reference, at most `limit`. */
  readonly acceptedMoreThanOnce: (limit: number) => Effect.Effect<readonly DoubleAcceptance[], Failure>;
  /** All acceptances of these references; those without one have none here. */
  readonly accepted: (references: readonly string[]) => Effect.Effect<readonly Acceptance[], Failure>;
  /** Everything, page by page, in no order that means anything. */
  readonly acceptances: (
    limit: number,
    after: AcceptanceCursor | null,
  ) => Effect.Effect<AcceptancePage, Failure>;
}

/** The key table of a provider. */
export interface ProviderJournal extends JournalReading {
  /** One answer an item, in order. */
  readonly arrived: (batch: readonly ArrivingRequest[]) => Effect.Effect<readonly Arrival[], Failure>;
  /** The first acceptance of this attempt. */
  readonly lookUp: (attemptId: AttemptId) => Effect.Effect<Acceptance | null, Failure>;
}
