/**
 * What is kept of a person is kept encrypted; this is the only way in and out. Whoever implements it promises:
 *
 * - **Bound to its place.** `about` (which notice or member it belongs to) is authenticated with the text: what was sealed
 *   for one cannot be opened as another's.
 * - **A mistake is a value.** An unknown key, a changed byte, an old format that is not configured: each is `Permanent` with
 *   a `code` of its own (`unknown-key`, `tampered`, `unreadable`), and its message shows neither text nor key.
 * - **At once.** Keys are imported when it is made; neither call waits.
 */
import type { Result } from "effect";
import type { Failure } from "../../failure.ts";
import type { Concealed } from "../masking-sensitive.ts";

/** Seals and opens what is kept of a person. */
export interface ContentCipher {
  /** Always the present key and format; never the same output twice. */
  readonly seal: (text: Concealed, about: string) => string;
  readonly open: (sealed: string, about: string) => Result.Result<Concealed, Failure>;
}
