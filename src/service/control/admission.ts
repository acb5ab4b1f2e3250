/**
 * Who may ask what. With a token, whoever shows it; without one (loopback only), whoever is on this machine.
 *
 * "On this machine" includes a browser, and a page of anybody's may have its name point here. So without a token the
 * request must be addressed to this machine by a name of its own, which such a page cannot do.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { reveal } from "../../domain/masking-sensitive.ts";
import type { Secret } from "../config/secret.ts";

export type Admission = "full" | "no-token" | "wrong-host";

export const admission = (token: Secret | null): ((headers: IncomingHttpHeaders) => Admission) => {
  if (token === null) return ({ host }) => (isOfThisMachine(host ?? "") ? "full" : "wrong-host");
  const wanted = digest(`Bearer ${reveal(token)}`);
  // Digests are of one length, and comparing them takes the same time wherever they differ.
  return ({ authorization = "" }) => (timingSafeEqual(digest(authorization), wanted) ? "full" : "no-token");
};

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const isOfThisMachine = (host: string): boolean =>
  /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
