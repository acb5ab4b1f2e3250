/**
 * Addresses that are made to fail: whoever writes demo candidates uses them, and the simulated provider refuses what is
 * sent to them, so that a demonstration shows a fall-back and a dead letter wherever it wants one.
 *
 * None of them can belong to a person: `.invalid` is reserved for names that never resolve, and no telephone in Korea has
 * a number that begins with `0000` after its `010`.
 */
const FAILING_DOMAIN = /@(?:[^@]+\.)?invalid\.?$/i;
/** `+8210 0000 …` or `010 0000 …`, with or without separators. */
const FAILING_PHONE = /^(?:8210|010)0000\d{4}$/;
const NOT_DIGITS = /\D/g;

/** @param address as a provider gets it: an e-mail address, or a telephone number in any spelling */
export const isMadeToFail = (address: string): boolean =>
  address.includes("@")
    ? FAILING_DOMAIN.test(address.trim())
    : FAILING_PHONE.test(address.replaceAll(NOT_DIGITS, ""));

/** The `nth` address that fails, by e-mail and by SMS; both pass the rules for contacts. */
export const failingEmail = (nth: number): string => `made-to-fail-${nth}@demo.invalid`;
export const failingPhone = (nth: number): string => `+82100000${String(nth % 10_000).padStart(4, "0")}`;
