/**
 * An e-mail address that we send to: read strictly, kept in one form, shown masked.
 */
import { Result } from "effect";
import { readEmail, type EmailRefusal } from "./email-address-syntax.ts";
import { maskEmail } from "./masking.ts";
import { reveal, Sensitive, type Concealed } from "./masking-sensitive.ts";

export type EmailAddress = Sensitive<string, "email-address">;

/** The refusal is a name of a rule (`EMAIL_REFUSALS` has it in words) and may be logged. */
export const emailAddress = (written: Concealed): Result.Result<EmailAddress, EmailRefusal> =>
  Result.map(readEmail(reveal(written)), ({ local, domain }) => {
    const address = `${local}@${domain}`;
    return new Sensitive("email-address", address, maskEmail(address));
  });
