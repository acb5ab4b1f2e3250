/**
 * The header `Retry-After` in both of its forms: seconds, or a date of HTTP (RFC 9110). What is neither is not there; a
 * date that has passed asks for nothing.
 */
const SECONDS = /^\d{1,9}$/;
/** `Sun, 06 Nov 1994 08:49:37 GMT`: the form that is sent; the two obsolete ones are not read. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

export const retryAfterMs = (header: string | undefined, wallMs: number): number | null => {
  const text = header?.trim() ?? "";
  if (SECONDS.test(text)) return Number(text) * 1_000;
  if (!HTTP_DATE.test(text)) return null;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - wallMs);
};
