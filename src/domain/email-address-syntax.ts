/**
 * Which strings are e-mail addresses that we send to: the part of RFC 5321 that mailboxes in use keep to.
 *
 * Works on the plain text, so it stays inside the domain: outside, an address is an `EmailAddress` (email-address)
 * that shows itself masked. A refusal names the rule and never the address.
 *
 * Refused although the standards know them: quoted local parts, comments and IP literals (in no customer's mailbox,
 * in many injections), letters beyond ASCII before the `@` (needs SMTPUTF8 on the whole way), and domains written in
 * their own script: these are taken in their `xn--` form, because two spellings would be two keys for one address.
 */
import { Result } from "effect";

export interface EmailParts {
  /** As written: only the receiving host knows whether case matters. */
  readonly local: string;
  /** In lower case. */
  readonly domain: string;
}

export const EMAIL_REFUSALS = {
  empty: "there is nothing written",
  "control-or-space": "it holds a space, a line break or another control character",
  "at-sign": "it does not have exactly one @",
  "too-long": "it is longer than 254 characters",
  "local-length": "there are no, or more than 64, characters before the @",
  "local-not-ascii": "there are letters beyond ASCII before the @",
  "local-characters": "there is a character before the @ that needs quoting, which is not taken",
  dots: "a dot stands first, last or beside another dot before the @",
  "domain-not-ascii": "the domain is not in its xn-- form",
  "domain-shape": "the domain is not two or more labels of letters, digits and inner hyphens",
} as const;
export type EmailRefusal = keyof typeof EMAIL_REFUSALS;

const MAX_ADDRESS = 254;
const MAX_LOCAL = 64;
const MAX_LABEL = 63;
const ASCII = /^[\x00-\x7f]*$/;
/** Separators, controls, format characters, unassigned ones and lone surrogates: nothing that a person can see. */
const UNSEEN = /[\p{Z}\p{C}]/u;
const LOCAL_CHARACTERS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

export const readEmail = (written: string): Result.Result<EmailParts, EmailRefusal> => {
  if (written === "") return Result.fail("empty");
  // First, so that nothing below is done at the length of somebody's attack.
  if (written.length > MAX_ADDRESS) return Result.fail("too-long");
  if (UNSEEN.test(written)) return Result.fail("control-or-space");
  const [local, domain, ...more] = written.split("@");
  if (local === undefined || domain === undefined || more.length > 0) return Result.fail("at-sign");
  const refusal = refuseLocal(local) ?? refuseDomain(domain.toLowerCase());
  return refusal === undefined
    ? Result.succeed({ local, domain: domain.toLowerCase() })
    : Result.fail(refusal);
};

const refuseLocal = (local: string): EmailRefusal | undefined => {
  if (local.length === 0 || local.length > MAX_LOCAL) return "local-length";
  if (!ASCII.test(local)) return "local-not-ascii";
  if (!LOCAL_CHARACTERS.test(local)) return "local-characters";
  return local.split(".").includes("") ? "dots" : undefined;
};

const refuseDomain = (domain: string): EmailRefusal | undefined => {
  if (!ASCII.test(domain)) return "domain-not-ascii";
  const labels = domain.split(".");
  const wellShaped = labels.every((label) => label.length <= MAX_LABEL && LABEL.test(label));
  // A top level of digits is an IP address, or nothing.
  return wellShaped && labels.length >= 2 && !/^[0-9]+$/.test(labels.at(-1) ?? "")
    ? undefined
    : "domain-shape";
};
