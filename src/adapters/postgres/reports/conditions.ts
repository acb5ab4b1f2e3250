/**
 * The WHERE of a report, put together from what was asked for: fixed phrases, with every value as a parameter.
 */

export interface Conditions {
  /** Adds `phrase` with `?` as the value, where there is one. */
  readonly when: (value: unknown, phrase: string) => void;
  /** Adds a phrase as it is; `?` in it are the values, in order. */
  readonly always: (phrase: string, ...values: readonly unknown[]) => void;
  /** The next parameter. */
  readonly parameter: (value: unknown) => string;
  readonly where: () => string;
  readonly values: () => unknown[];
}

export const conditions = (): Conditions => {
  const phrases: string[] = [];
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const always = (phrase: string, ...given: readonly unknown[]): void => {
    let at = 0;
    phrases.push(phrase.replaceAll("?", () => parameter(given[at++])));
  };
  return {
    when: (value, phrase) => {
      if (value !== undefined && value !== null) always(phrase, value);
    },
    always,
    parameter,
    where: () => (phrases.length === 0 ? "" : `WHERE ${phrases.join(" AND ")}`),
    values: () => values,
  };
};

/** A text as a part of a LIKE pattern: `%` and `_` in it mean themselves. */
export const likePart = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;
