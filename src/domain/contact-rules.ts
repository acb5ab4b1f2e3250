/**
 * How the contact of a channel is read. `email` and `sms` have rules of their own; a channel that somebody adds takes any text, or
 * a rule that is registered here by its configuration.
 */
import { Result } from "effect";
import { EMAIL_REFUSALS } from "./email-address-syntax.ts";
import { emailAddress } from "./email-address.ts";
import type { ChannelId } from "./ids.ts";
import { maskPhone, maskWhole } from "./masking.ts";
import { type Concealed, reveal, Sensitive } from "./masking-sensitive.ts";
import { PHONE_REFUSALS } from "./phone-plan.ts";
import { phoneNumber } from "./phone.ts";

/** Reads a decrypted contact; a refusal is the name of a rule and may be logged. */
export type ReadContact = (written: Concealed) => Result.Result<Sensitive<string>, string>;

const email: ReadContact = (written) =>
  Result.mapError(emailAddress(written), (refusal) => EMAIL_REFUSALS[refusal]);

const phone: ReadContact = (written) =>
  Result.mapBoth(phoneNumber(written), {
    onSuccess: (number) => {
      const { e164, national } = reveal(number);
      return new Sensitive("phone-number", e164, maskPhone(national));
    },
    onFailure: (refusal) => PHONE_REFUSALS[refusal],
  });

const anyText: ReadContact = (written) => {
  const text = reveal(written);
  return text.trim() === ""
    ? Result.fail("it is empty")
    : Result.succeed(new Sensitive("contact", text, maskWhole(text)));
};

const RULES: Readonly<Record<string, ReadContact>> = { email, sms: phone };

/** The rule for contacts of that channel. For a channel of one's own: any text that is not empty. */
export const contactRule = (channel: ChannelId): ReadContact => RULES[channel] ?? anyText;
