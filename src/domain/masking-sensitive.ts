/**
 * A value that shows itself masked, however it is printed, and is had in the clear by one explicit call.
 *
 * A contact travels as `Sensitive` from its decryption to the sender. It is no string, so it fits no field that takes
 * one, and whatever turns it into text by accident (a template, JSON, `console.log`, an error's message) gets the
 * mask. `reveal` is the only way to the value, and easy to search for.
 */
import { maskName, maskWhole, type Masked } from "./masking.ts";

/** `Kind` keeps a telephone number from being handed over for an address. */
export class Sensitive<out T, out Kind extends string = string> {
  readonly kind: Kind;
  readonly masked: Masked;
  readonly #value: T;

  constructor(kind: Kind, value: T, masked: Masked) {
    this.kind = kind;
    this.masked = masked;
    this.#value = value;
  }

  toString(): string {
    return this.masked;
  }

  toJSON(): string {
    return this.masked;
  }

  [Symbol.toPrimitive](): string {
    return this.masked;
  }

  /** What Node's own inspection asks for, by a name that needs no import. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.masked;
  }

  static reveal<T>(sensitive: Sensitive<T>): T {
    return sensitive.#value;
  }
}

/** The value in the clear. For the cipher, the renderer and the sender; never for anything that is kept. */
export const reveal = <T>(sensitive: Sensitive<T>): T => Sensitive.reveal(sensitive);

/** Concealed text of which nothing is known yet, such as a contact just decrypted. */
export type Concealed = Sensitive<string, "concealed">;
/** Text of which nothing is known yet; it shows itself as stars. */
export const conceal = (text: string): Concealed => new Sensitive("concealed", text, maskWhole(text));

export type PersonName = Sensitive<string, "person-name">;
export const personName = (written: Concealed): PersonName => {
  const text = reveal(written);
  return new Sensitive("person-name", text, maskName(text));
};
