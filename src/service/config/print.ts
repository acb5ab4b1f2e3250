/**
 * The configuration in force, with the place that each value came from, and stars for what is secret: what an operator
 * looks at first when a process does not do what its file says.
 */
import { Sensitive } from "../../domain/masking-sensitive.ts";
import type { Effective, LoadedConfig } from "./config.ts";
import { placeOf } from "./written.ts";

export interface PrintedConfig {
  readonly file: string | null;
  readonly settings: Readonly<Record<string, { readonly value: unknown; readonly from: string }>>;
}

export const configAsObject = ({ file, effective }: LoadedConfig): PrintedConfig => ({
  file,
  settings: Object.fromEntries(
    effective.map(({ path, value, origin }) => [path, { value, from: fromOf({ origin }) }]),
  ),
});

export const configInLines = ({ effective }: LoadedConfig): readonly string[] => {
  const lines = effective.map((one) => ({ text: `${one.path} = ${shown(one.value)}`, from: fromOf(one) }));
  const width = Math.min(WIDEST, Math.max(...lines.map(({ text }) => text.length)));
  return lines.map(({ text, from }) => `${text.padEnd(width)}  # ${from}`);
};

/** So that one long value does not push all the places off the screen. */
const WIDEST = 60;

const fromOf = ({ origin }: Pick<Effective, "origin">): string =>
  origin.from === "default" ? "default" : placeOf(origin);

const shown = (value: unknown): string => (value instanceof Sensitive ? value.masked : JSON.stringify(value));
