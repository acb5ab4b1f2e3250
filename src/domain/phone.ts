/**
 * A telephone number that a person can be reached at: read strictly, kept in one form, shown masked.
 */
import { Result } from "effect";
import { maskPhone } from "./masking.ts";
import { reveal, Sensitive, type Concealed } from "./masking-sensitive.ts";
import { e164Form, nationalForm, readPhone, type PhoneKind, type PhoneRefusal } from "./phone-plan.ts";

export interface PhoneText {
  readonly kind: PhoneKind;
  /** `+821012345678`: the same for every spelling, so it can be compared and hashed. */
  readonly e164: string;
  /** `010-1234-5678`. */
  readonly national: string;
}

export type PhoneNumber = Sensitive<PhoneText, "phone-number">;

/** The refusal is a name of a rule (`PHONE_REFUSALS` has it in words) and may be logged. */
export const phoneNumber = (written: Concealed): Result.Result<PhoneNumber, PhoneRefusal> =>
  Result.map(readPhone(reveal(written)), (parts) => {
    const national = nationalForm(parts);
    const text: PhoneText = { kind: parts.kind, e164: e164Form(parts), national };
    return new Sensitive("phone-number", text, maskPhone(national));
  });
