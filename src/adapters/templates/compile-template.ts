/**
 * Makes a function of a template that was checked. Happens when a set is read, never while notices are sent: compiling
 * costs fifty times what rendering does, or more.
 *
 * Each template gets an environment of its own, with the formats that it names and no others. Its code is made by
 * Handlebars' own precompiler and given its file's name, so that the stack of a throw shows which template it was.
 */
import { Script } from "node:vm";
import Handlebars from "handlebars";
import type { TemplateSource } from "./check-template.ts";
import type { TemplateContext } from "./fit-values.ts";
import { Unfit, type TemplateFormat, type TemplateFormats, type TemplateValue } from "./template-formats.ts";

/** Throws `Unfit` where a format cannot write a value; whatever else it throws is a bug in a format. */
export type CompiledTemplate = (context: TemplateContext) => string;

/** Part of every digest: other versions of the engine or of the formats may write other bytes. */
export const RENDERER = `1/${Handlebars.VERSION}`;

const NOT_OURS = ["log", "lookup", "with", "helperMissing", "blockHelperMissing"];

export const compileTemplate = (
  source: TemplateSource,
  named: ReadonlySet<string>,
  formats: TemplateFormats,
): CompiledTemplate => {
  const environment = Handlebars.create();
  for (const name of NOT_OURS) environment.unregisterHelper(name);
  const knownHelpers: Record<string, boolean> = Object.fromEntries(NOT_OURS.map((name) => [name, false]));
  for (const [name, format] of Object.entries(formats)) {
    if (!named.has(name)) continue;
    knownHelpers[name] = true;
    environment.registerHelper(name, written(name, format));
  }
  const code = environment.precompile(source.text, {
    strict: true,
    knownHelpersOnly: true,
    knownHelpers,
    noEscape: !source.escaped,
  });
  const script = `(${code as string})`; // declared as an object; it is the object's source text
  const specification = new Script(script, {
    filename: source.file,
  }).runInThisContext() as TemplateSpecification; // what the precompiler writes
  return environment.template<TemplateContext>(specification);
};

/** Handlebars calls with the arguments, and behind them what it calls options. */
const written =
  (name: string, format: TemplateFormat) =>
  (...given: readonly unknown[]): string | number | boolean => {
    const options = given.at(-1) as { readonly hash: Readonly<Record<string, unknown>>; readonly loc: Place }; // by its contract
    try {
      return format.write(given.slice(0, -1) as readonly TemplateValue[], options.hash); // fitted to the list of variables
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      throw new Unfit(`line ${options.loc.start.line}, ${name}: ${error.message}`);
    }
  };

interface Place {
  readonly start: { readonly line: number };
}
