/**
 * One copy of a message to its provider: the first one, or a resent one under the same key. Whoever calls this holds a committed right
 * for just this copy, and the sender asks `mayStillLeave` right before the first byte.
 */
import type { Attempt } from "../../domain/attempt.ts";
import type { Notice } from "../../domain/notice.ts";
import type { SendOutcome, SendRequest } from "../../domain/ports/sender.ts";
import type { Prepared } from "./bodies.ts";
import type { SendPorts } from "./delivery-ports.ts";

/** The right, as the ledger has it: the generation too, by which the provider's own record is compared with it. */
export interface Copy extends Pick<Attempt, "attemptId" | "providerKey">, Pick<SendRequest, "mayStillLeave"> {
  readonly notice: Pick<Notice, "noticeId" | "generation">;
}

/** Rejects only for a bug in the sender. */
export const sendOneCopy = async (
  { sender, channel }: Pick<SendPorts, "sender" | "channel">,
  { to, rendered }: Pick<Prepared, "to" | "rendered">,
  { notice, attemptId, providerKey, mayStillLeave }: Copy,
): Promise<SendOutcome> => {
  const reference = `${notice.noticeId}/${notice.generation}`;
  const { message } = rendered;
  const [outcome] = sender.send([{ attemptId, providerKey, reference, channel, to, message, mayStillLeave }]);
  return outcome ?? { kind: "unknown", words: "the sender gave no answer" };
};
