/**
 * After the bill was loaded: the contact of this channel and the bill in the clear, concealed in types that show themselves
 * masked. A key that is missing, a text that was tampered with, a contact that is none: each ends this channel (T5f).
 */
import { Result } from "effect";
import { type BillFields, billFields } from "../../domain/bill.ts";
import { type Concealed, reveal, Sensitive } from "../../domain/masking-sensitive.ts";
import { maskWhole } from "../../domain/masking.ts";
import { type Failure, Permanent } from "../../failure.ts";
import type { Stage } from "../runtime/stage.ts";
import { step } from "../runtime/step.ts";
import type { Loaded, Opened } from "./bodies.ts";
import type { DeliveryPorts } from "./delivery-ports.ts";

/** Opens contact and bill, concealed in types that show themselves masked. */
export const decryptContact = (ports: DeliveryPorts): Stage<"decrypt-contact", Loaded, Opened> =>
  step({
    name: "decrypt-contact",
    work: (loaded: Loaded): Opened => opened(ports, loaded),
  });

/** What decrypting takes. */
export type DecryptPorts = Pick<DeliveryPorts, "channel" | "cipher" | "readContact" | "sealedAbout">;

/** @throws a `Failure` */
export const opened = (ports: DecryptPorts, loaded: Loaded): Opened => {
  const { notice, contents, policy } = loaded;
  const about = ports.sealedAbout({ noticeId: notice.noticeId, userId: contents.userId });
  const to = demanded(contactOf(ports, loaded, about));
  const fields = {
    ...fieldsOf(loaded.fetched, ports, about),
    ...fieldsOf(loaded.stored.sealed, ports, about),
  };
  return { notice, contents, policy, to, bill: new Sensitive("bill", fields, maskWhole("bill")) };
};

/** A step's failure leaves the main track by being thrown. */
const demanded = <A>(result: Result.Result<A, Failure>): A => {
  if (Result.isFailure(result)) throw result.failure;
  return result.success;
};

const contactOf = (
  { channel, cipher, readContact }: DecryptPorts,
  { notice, contents }: Loaded,
  about: string,
): Result.Result<Sensitive<string>, Failure> => {
  const sealed = contents.contacts[channel];
  const doing = `reading the ${channel} contact of ${notice.noticeId}`;
  if (sealed === undefined)
    return Result.fail(new Permanent({ message: `${doing}: it has none`, code: "no-contact" }));
  return Result.flatMap(cipher.open(sealed, about), (written) =>
    Result.mapError(
      readContact(written),
      (rule) => new Permanent({ message: `${doing}: ${rule}`, code: "unusable-contact" }),
    ),
  );
};

const fieldsOf = (sealed: string | null, { cipher }: DecryptPorts, about: string): BillFields => {
  if (sealed === null) return {};
  const text: Concealed = demanded(cipher.open(sealed, about));
  return demanded(billFields(reveal(text)));
};
