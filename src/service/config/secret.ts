/**
 * A credential from the configuration. It prints, serialises and inspects as `***`, whatever it is put into; only
 * `reveal` (`domain/masking-sensitive`) gives the text, and it does not enter a log line.
 */
import { maskWhole } from "../../domain/masking.ts";
import { Sensitive } from "../../domain/masking-sensitive.ts";

export type Secret = Sensitive<string, "secret">;

const STARS = maskWhole("any");

/** An empty one prints the same: whether there is something is nobody's business either. */
export const secret = (text: string): Secret => new Sensitive("secret", text, STARS);
