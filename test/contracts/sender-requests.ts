/**
 * Requests for senders under test, with personal data that must show nowhere.
 */
import { attemptId, channelId } from "../../src/domain/ids.ts";
import { maskWhole } from "../../src/domain/masking.ts";
import { Sensitive } from "../../src/domain/masking-sensitive.ts";
import type { SendRequest } from "../../src/domain/ports/sender.ts";

export const EMAIL = channelId("email");

/** Texts of a request that no outcome may repeat. */
export const SECRETS = [
  "recipient@example.com",
  "the-subject-of-the-bill",
  "<b>the-bill</b>",
  "the-bill-as-text",
];
const [TO = "", SUBJECT = "", HTML = "", TEXT = ""] = SECRETS;

export const aRequest = (about: string, more: Partial<SendRequest> = {}): SendRequest => {
  const message = { subject: SUBJECT, html: HTML, text: TEXT };
  return {
    attemptId: attemptId(`attempt-${about}`),
    providerKey: `attempt-${about}`,
    reference: `${about}/1`,
    channel: EMAIL,
    to: new Sensitive("email-address", TO, maskWhole(TO)),
    message: new Sensitive("message", message, maskWhole(TEXT)),
    mayStillLeave: () => true,
    ...more,
  };
};
