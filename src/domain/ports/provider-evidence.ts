/**
 * What a provider itself has on record: the requests that it accepted. The ledger says what we believe; whether anybody got
 * two messages, only the provider's own record can show. Whoever implements it promises:
 *
 * - **Its own record.** Nothing in it is derived from the ledger.
 * - **An entry for every acceptance**, a second one for the same reference included: entries are counted.
 * - **One at a time**, however many there are; what cannot be read is thrown as a `Failure`, never left out.
 */
import type { AttemptId, ChannelId } from "../ids.ts";

export interface AcceptedRequest {
  readonly attemptId: AttemptId;
  /** `<notice id>/<generation>`. */
  readonly reference: string;
  readonly channel: ChannelId;
  /** The provider's own id of the message. */
  readonly id: string;
}

export interface ProviderEvidence {
  /** Where it is from, for an operator: a file's name, a provider's. */
  readonly name: string;
  readonly accepted: () => AsyncIterable<AcceptedRequest>;
}
