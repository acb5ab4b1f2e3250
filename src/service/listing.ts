/**
 * How long a list on a screen may be; more is read page by page.
 */
export const USUALLY_LISTED = 20;
export const MOST_LISTED = 10_000;
