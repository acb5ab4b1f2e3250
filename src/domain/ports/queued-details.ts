/**
 * What a log with readers outside says of a queued notice beyond "look at this one". Whoever implements it promises:
 *
 * - **One answer a key**, in order; empty where there is no such notice.
 * - **As it stands when asked**, without a lock: whoever publishes compares `epoch` and `status` with what it was about to say. A
 *   row that has moved on since need not be told of.
 * - **Nothing is opened**: the contact comes as it is stored.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { ChannelId, NoticeId, Period, PolicyVersion, RunId } from "../ids.ts";
import type { Status } from "../notice.ts";

/** A queued notice, for its record. */
export interface QueuedDetail {
  readonly epoch: number;
  readonly status: Status;
  readonly channel: ChannelId | null;
  readonly generation: number;
  readonly attemptNo: number;
  readonly policyVersion: PolicyVersion | null;
  readonly runId: RunId | null;
  readonly userId: string;
  readonly billId: string;
  readonly priority: number;
  /** Encrypted, as stored for the channel that it is queued for; empty where there is none. */
  readonly contact: string | null;
  /** Where the bill lies that the row does not hold. */
  readonly place: string | null;
}

/** Reads what is said of queued notices. */
export interface QueuedDetails {
  readonly read: (
    keys: readonly { readonly noticeId: NoticeId; readonly period: Period }[],
  ) => Effect.Effect<readonly (QueuedDetail | null)[], Failure>;
}
