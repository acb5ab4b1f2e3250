/**
 * A provider, as the journey sees it. Whoever implements it promises:
 *
 * - **One copy a request.** No retries of its own, no redirects followed, nothing sent again on a new connection.
 * - **`mayStillLeave` is asked last**: after permit and connection are in hand, right before the first byte. When it says no,
 *   nothing leaves and the answer is `not-handed-over`.
 * - **An honest outcome, for each request.** `rejected` and `not-accepted` are only what the provider itself said of this request;
 *   a timeout, a reset, an answer that cannot be read: all that is `unknown`. It never fails and never throws: what is not known is
 *   said as `unknown`. Its words show no address and no text of the message.
 * - **The class that it declares** (`terms`), as its contract suite measures it.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { ProviderTerms } from "../attempt.ts";
import type { AttemptId, ChannelId } from "../ids.ts";
import type { Sensitive } from "../masking-sensitive.ts";
import type { Message } from "../message.ts";

/** One message to be handed over, once. */
export interface SendRequest {
  readonly attemptId: AttemptId;
  /** What the provider recognises a repeat by. */
  readonly providerKey: string;
  /** `<notice id>/<generation>`. */
  readonly reference: string;
  readonly channel: ChannelId;
  readonly to: Sensitive<string>;
  readonly message: Message;
  /** The deadline of T7, on the monotonic and on the wall clock. */
  readonly mayStillLeave: () => boolean;
}

/** What is known of a request after it was handed over, or could not be. */
export type SendOutcome =
  | { readonly kind: "accepted"; readonly providerMessageId: string; readonly words: string }
  /** The provider's own judgement of this request. */
  | { readonly kind: "rejected"; readonly forGood: boolean; readonly words: string }
  /** Not accepted, through no fault of the notice; it costs no attempt, and the provider is left alone for a while. */
  | {
      readonly kind: "not-accepted";
      readonly trouble: ProviderTrouble;
      readonly retryAfterMs: number | null;
      readonly words: string;
    }
  /** Known not to have left. */
  | { readonly kind: "not-handed-over"; readonly trouble: ProviderTrouble | null; readonly words: string }
  | { readonly kind: "unknown"; readonly words: string };

/**
 * `busy`, `down`: goes by itself · `credentials`, `address`: until somebody mends the configuration.
 */
export type ProviderTrouble = "busy" | "down" | "credentials" | "address";

/** What a provider of class B answers when it is asked by our reference. */
export type LookUp =
  | { readonly found: true; readonly providerMessageId: string; readonly words: string }
  | { readonly found: false; readonly words: string };

/** How much a provider is given at once, and how long it is waited for. */
export interface SenderLimits {
  /** Requests under way at once. */
  readonly maxInFlight: number;
  /** `null`: as fast as it answers. */
  readonly perSecond: number | null;
  /** From the right to send to the first byte. */
  readonly sendWindowMs: number;
  /** From the first byte to the end of waiting for an answer. */
  readonly answerWindowMs: number;
}

/** The adapter to one provider, for one channel. */
export interface Sender {
  /** Goes into the attempt, and names it in metrics. */
  readonly provider: string;
  readonly channel: ChannelId;
  readonly terms: ProviderTerms;
  readonly limits: SenderLimits;
  /** A batch in, an outcome for each, as it comes. Never rejects. */
  readonly send: (batch: readonly SendRequest[]) => readonly Promise<SendOutcome>[];
  /** Class B: asks by our reference. Fails where no answer can be believed. */
  readonly lookUp: ((attemptId: AttemptId) => Effect.Effect<LookUp, Failure>) | null;
  readonly close: () => Promise<void>;
}
