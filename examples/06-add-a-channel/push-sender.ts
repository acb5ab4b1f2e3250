/**
 * The one file that a new channel needs: what speaks to its provider. Everything else about a channel is configuration.
 */
import { channelId, reveal, type Sender, type SendOutcome, type SendRequest } from "millrace";

export const PUSH = channelId("push");

/** The provider's own interface: a device token and a line of text in, a number out. Here it is a page of code. */
export interface PushService {
  readonly push: (token: string, text: string, key: string) => Promise<{ readonly status: number }>;
}

export const pushSender = (service: PushService): Sender => {
  const sendOne = async (request: SendRequest): Promise<SendOutcome> => {
    // asked last, right before the first byte: a right to send does not last for ever
    if (!request.mayStillLeave())
      return { kind: "not-handed-over", trouble: null, words: "the send window had passed" };
    try {
      const token = reveal(request.to);
      const { status } = await service.push(token, reveal(request.message).text, request.providerKey);
      // only what the provider itself says of this request is a yes or a no …
      if (status === 200) return { kind: "accepted", providerMessageId: request.attemptId, words: "pushed" };
      if (status === 410)
        return { kind: "rejected", forGood: true, words: "the app is not installed any more" };
      if (status === 429)
        return { kind: "not-accepted", trouble: "busy", retryAfterMs: 1_000, words: "too many at once" };
      return { kind: "unknown", words: `it answered ${status}` };
    } catch {
      // … whatever else happened, it may have been accepted: then nobody sends a second message on a guess
      return { kind: "unknown", words: "the connection broke" };
    }
  };
  return {
    provider: "push-service",
    channel: PUSH,
    // C: it neither recognises a repeat nor can be asked. Promise only what its contract with you says.
    terms: { class: "C", deltaMs: "never" },
    limits: { maxInFlight: 100, perSecond: 500, sendWindowMs: 10_000, answerWindowMs: 10_000 },
    send: (batch) => batch.map(sendOne),
    lookUp: null,
    close: async () => {},
  };
};
