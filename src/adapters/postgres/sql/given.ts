/**
 * How a batch of commands becomes typed arrays: one array a column, written as Postgres array literals by hand, because
 * the driver's own way costs several times as much for each element.
 */

import { Permanent } from "../../../failure.ts";

/** The code of the failure of an item that brings a NaN. */
export const NOT_A_NUMBER = "not-a-number";

export type ColumnType = "text" | "integer" | "bigint" | "double precision" | "boolean" | "json";

/** A column of the batch. In SQL its name begins with `c_`, for "command". */
export interface Given<C> {
  readonly name: `c_${string}`;
  readonly type: ColumnType;
  readonly of: (command: C) => string | number | boolean | null;
}

const NEEDS_ESCAPE = /["\\]/;
const ESCAPED = /["\\]/g;

/** Postgres holds NaN to be larger than every number: a window of NaN would never close. */
const element = (value: string | number | boolean | null): string => {
  if (value === null) return "NULL";
  if (typeof value !== "string") {
    if (Number.isNaN(value))
      throw new Permanent({ message: "a number of the command is NaN", code: NOT_A_NUMBER });
    return String(value);
  }
  return `"${NEEDS_ESCAPE.test(value) ? value.replace(ESCAPED, "\\$&") : value}"`;
};

export const arrayLiteral = <C>(items: readonly C[], of: Given<C>["of"]): string => {
  let literal = "{";
  for (let at = 0; at < items.length; at++) {
    // Within the bounds, so never missing; `C` may itself allow undefined, so an assertion of presence would not do.
    const item = items[at] as C;
    literal += (at === 0 ? "" : ",") + element(of(item));
  }
  return `${literal}}`;
};

/** `unnest($from::a[], $from+1::b[], …) WITH ORDINALITY AS g(c_a, c_b, …, n)`: the batch as rows, numbered from 1. */
export const unnested = <C>(columns: readonly Given<C>[], firstParameter: number): string => {
  const arrays = columns.map(({ type }, at) => `$${firstParameter + at}::${type}[]`);
  return `unnest(${arrays.join(", ")}) WITH ORDINALITY AS g(${columns.map(({ name }) => name).join(", ")}, n)`;
};
