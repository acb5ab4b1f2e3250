/**
 * Templates, by version. Whoever implements it promises:
 *
 * - **The same bytes from the same inputs**, today and after a restart, for as long as a version exists: no clock, no
 *   randomness, no environment. A version never changes once it was used.
 * - **A mistake is a value.** A missing variable is `Permanent` (`code: "template"`) and names the variable and the template;
 *   a version that is not there is `Permanent` too. A bug thrown by a helper is thrown: the breaker counts those.
 * - **At once**: everything is read and compiled when the store is made.
 */
import type { Result } from "effect";
import type { Failure } from "../../failure.ts";
import type { Bill } from "../bill.ts";
import type { ChannelId } from "../ids.ts";
import type { Rendered, TemplateVersion } from "../message.ts";

/** What is to be rendered: for which channel, out of which bill. */
export interface RenderRequest {
  readonly channel: ChannelId;
  readonly kind: string;
  readonly bill: Bill;
  /** What is not personal and comes from the row: `billId`, `period`, `purpose`. */
  readonly about: Readonly<Record<string, string | number>>;
  /** The version to use; left out, the present one. A copy of an attempt names the one that it was rendered with. */
  readonly version?: TemplateVersion;
}

/** Templates, by version. */
export interface TemplateStore {
  readonly version: TemplateVersion;
  readonly render: (request: RenderRequest) => Result.Result<Rendered, Failure>;
}
