/**
 * What an answer of an HTTP gateway means, in one table. What is not in it is not known.
 *
 * | answer                                            | outcome                                             |
 * | ------------------------------------------------- | --------------------------------------------------- |
 * | 2xx with JSON `{"id"}`                            | accepted                                            |
 * | 400, 410, 413, 422                                | rejected for good: the provider judged this request |
 * | 429, 503 with JSON `{"accepted": false}`          | not accepted; the provider is busy, or down         |
 * | 401, 403                                          | not accepted; the credentials are wrong             |
 * | 404                                               | not accepted; the address is wrong                  |
 * | all else: 2xx without an id, 3xx, 408, 409, 425, a bare 429 or 503, other 5xx | unknown                 |
 *
 * And of a look-up: 200 with `{"id"}` is found (unless its `status` is `rejected`), 404 **with** `{"accepted": false}` is not
 * found; a bare 404 may be a wrong address and says nothing, like all else.
 */
import { Result } from "effect";
import type { LookUp, ProviderTrouble, SendOutcome } from "../../domain/ports/sender.ts";
import { retryAfterMs } from "./retry-after.ts";

/** An answer that came whole. */
export interface GatewayAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** `null`: longer than the limit, and not read. */
  readonly body: string | null;
  readonly tookMs: number;
}

const JUDGED: ReadonlySet<number> = new Set([400, 410, 413, 422]);
const TROUBLE: Readonly<Record<number, ProviderTrouble>> = {
  401: "credentials",
  403: "credentials",
  404: "address",
};
/** Only with the provider's own word that it did not accept. */
const TROUBLE_IF_SAID: Readonly<Record<number, ProviderTrouble>> = { 429: "busy", 503: "down" };

const TROUBLE_WORDS: Readonly<Record<ProviderTrouble, string>> = {
  busy: "the provider is busy",
  down: "the provider is down",
  credentials: "the provider does not take our credentials",
  address: "the provider does not know the address that we call",
};

/** An id that can be kept and shown: no spaces, no control characters. */
const ID = /^[\x21-\x7e]{1,200}$/;

export const outcomeOf = (answer: GatewayAnswer, wallMs: number): SendOutcome => {
  const { status } = answer;
  const words = (what: string): string => `${status} after ${Math.round(answer.tookMs)} ms: ${what}`;
  const asked = fieldsOf(answer.body);
  if (status >= 200 && status <= 299) {
    const id = idIn(asked);
    return id === null
      ? { kind: "unknown", words: words("an answer without an id that can be read") }
      : { kind: "accepted", providerMessageId: id, words: words("accepted") };
  }
  if (JUDGED.has(status)) {
    return { kind: "rejected", forGood: true, words: words("the provider refused this request") };
  }
  const trouble = TROUBLE[status] ?? (saysNotAccepted(asked) ? TROUBLE_IF_SAID[status] : undefined);
  if (trouble === undefined) return { kind: "unknown", words: words("it may have been accepted") };
  return {
    kind: "not-accepted",
    trouble,
    retryAfterMs: retryAfterMs(answer.retryAfter, wallMs),
    words: words(TROUBLE_WORDS[trouble]),
  };
};

/** A failure is in words: why this answer cannot be believed. */
export const lookUpOf = ({ status, body }: GatewayAnswer): Result.Result<LookUp, string> => {
  const asked = fieldsOf(body);
  if (status === 404 && saysNotAccepted(asked)) {
    return Result.succeed({ found: false, words: "the provider says that it has not accepted it" });
  }
  const id = idIn(asked);
  if (status !== 200 || id === null) {
    return Result.fail(status === 404 ? "a bare 404, which may be a wrong address" : `${status}`);
  }
  return Result.succeed(
    asked?.["status"] === "rejected"
      ? { found: false, words: "the provider says that it has rejected it" }
      : { found: true, providerMessageId: id, words: "the provider found it by its attempt" },
  );
};

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (body: string | null): Fields | null => {
  try {
    const value: unknown = body === null ? null : JSON.parse(body);
    // whatever is neither null nor a list has fields, or none
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
};

const saysNotAccepted = (fields: Fields | null): boolean => fields?.["accepted"] === false;

/** Also a number, which some providers count with. An answer that denies its own acceptance has none. */
const idIn = (fields: Fields | null): string | null => {
  if (fields === null || saysNotAccepted(fields)) return null;
  const { id } = fields as { readonly id?: unknown }; // any object may or may not have it
  const text = typeof id === "number" && Number.isSafeInteger(id) ? String(id) : id;
  return typeof text === "string" && ID.test(text) ? text : null;
};
