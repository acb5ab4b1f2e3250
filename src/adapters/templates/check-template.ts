/**
 * Reads a template as a person would who has the list of variables beside it, and says everything that is wrong.
 *
 * What passes cannot miss a variable while it renders: each name is looked up here in the list, where it stands (inside
 * `{{#each}}` it is the item's), an optional one only where `{{#if}}` has asked for it, and each format gets what it can
 * write. Of Handlebars' language only showing, formats, `if`, `unless` and `each` are left; partials, decorators, raw
 * blocks and unescaped braces are refused in words.
 */
import Handlebars from "handlebars";
import { measureSms, type SmsLimits } from "../../domain/sms-text.ts";
import type { Fields } from "./declared.ts";
import { ExpressionReader, type Scope } from "./expressions.ts";
import { HtmlPlace } from "./html-place.ts";
import type { Mistakes } from "./mistake.ts";
import type { TemplateFormats } from "./template-formats.ts";

export interface TemplateSource {
  /** Relative to the folder of the sets. */
  readonly file: string;
  readonly text: string;
  /** HTML, so that values are escaped. */
  readonly escaped: boolean;
  /** For a text message: what it says itself must fit the character set. */
  readonly sms: SmsLimits | null;
}

/**
 * @param mistakes what is wrong is added here
 * @param used paths of variables that the template names, with the file that does so first: `items[].label`
 * @returns the formats that it names, or nothing where it cannot be compiled
 */
export const checkTemplate = (
  source: TemplateSource,
  fields: Fields,
  formats: TemplateFormats,
  mistakes: Mistakes,
  used: Map<string, string>,
): ReadonlySet<string> | null => {
  const before = mistakes.length;
  const program = parsed(source, mistakes);
  if (program === null) return null;
  const checker = new TemplateChecker(source, formats, mistakes, used);
  checker.program(program, [{ fields, path: "" }], new Set());
  return mistakes.length === before ? checker.reader.named : null;
};

const parsed = (source: TemplateSource, mistakes: Mistakes): hbs.AST.Program | null => {
  try {
    return Handlebars.parse(source.text);
  } catch (error) {
    // Two kinds of words: the grammar's ("Parse error on line 3: …", with a drawing) and its own ("… - 3:4").
    const words = error instanceof Error ? error.message : String(error);
    const line = /^Parse error on line (\d+)/.exec(words)?.[1] ?? / - (\d+):\d+$/.exec(words)?.[1];
    const grammar = words.startsWith("Parse error");
    mistakes.push({
      file: source.file,
      line: line === undefined ? null : Number(line),
      words: grammar ? "the braces on this line, or before it, do not close or do not match" : words,
    });
    return null;
  }
};

const isContent = (node: hbs.AST.Node): node is hbs.AST.ContentStatement => node.type === "ContentStatement";
const isMustache = (node: hbs.AST.Node): node is hbs.AST.MustacheStatement =>
  node.type === "MustacheStatement";
const isBlock = (node: hbs.AST.Node): node is hbs.AST.BlockStatement => node.type === "BlockStatement";

/** What Handlebars could do and a template here cannot, by the parser's names. */
const REFUSED: Readonly<Record<string, string>> = {
  PartialStatement: "a template is one file: {{> …}} is not possible",
  PartialBlockStatement: "a template is one file: {{#> …}} is not possible",
  Decorator: "{{* …}} is not possible",
  DecoratorBlock: "{{#* …}} is not possible",
};

const BLOCKS = "{{#if …}}, {{#unless …}} or {{#each …}}";

class TemplateChecker {
  readonly reader: ExpressionReader;
  readonly #source: TemplateSource;
  readonly #mistakes: Mistakes;
  readonly #place: HtmlPlace | null;

  constructor(
    source: TemplateSource,
    formats: TemplateFormats,
    mistakes: Mistakes,
    used: Map<string, string>,
  ) {
    this.#source = source;
    this.#mistakes = mistakes;
    this.#place = source.escaped ? new HtmlPlace() : null;
    this.reader = new ExpressionReader(formats, (node, words) => this.#say(node, words), {
      add: (path) => void (used.has(path) || used.set(path, source.file)),
    });
  }

  program(program: hbs.AST.Program | undefined, scopes: readonly Scope[], there: ReadonlySet<string>): void {
    for (const node of program?.body ?? []) {
      if (isContent(node)) this.#content(node);
      else if (isMustache(node)) this.#mustache(node, scopes, there);
      else if (isBlock(node)) this.#block(node, scopes, there);
      else if (node.type !== "CommentStatement") this.#say(node, REFUSED[node.type] ?? "not possible here");
    }
  }

  #content(node: hbs.AST.ContentStatement): void {
    const original: unknown = node.original; // declared as something else than the text that it is
    const text = typeof original === "string" ? original : node.value;
    this.#place?.read(node.value);
    if (this.#source.sms === null) return;
    const measured = measureSms(text, this.#source.sms);
    if (measured.kind !== "unencodable") return;
    for (const { codePoint, line } of measured.found) {
      this.#mistakes.push({
        file: this.#source.file,
        line: node.loc.start.line + line - 1,
        words: `a text message cannot carry ${codePoint} (character set ${this.#source.sms.charset})`,
      });
    }
  }

  #mustache(node: hbs.AST.MustacheStatement, scopes: readonly Scope[], there: ReadonlySet<string>): void {
    if (!node.escaped) {
      this.#say(node, "three braces or & switch escaping off: write two braces");
      return;
    }
    const shown = this.reader.shown(node, scopes, there);
    if (shown === null) return;
    if (shown.kind === "list") this.#say(node, "a list is shown item by item: {{#each …}}");
    const objection = this.#place?.objection(shown.format) ?? null;
    if (objection !== null) this.#say(node, objection);
  }

  #block(node: hbs.AST.BlockStatement, scopes: readonly Scope[], there: ReadonlySet<string>): void {
    const name = node.path.type === "PathExpression" ? node.path.original : "";
    const [subject] = node.params;
    const bindsNames = (node.program as hbs.AST.Program | undefined)?.blockParams?.length ?? 0; // neither is sure to be there
    if (!["if", "unless", "each"].includes(name)) {
      this.#say(node, `a block is ${BLOCKS}`);
      return;
    }
    if (subject === undefined || node.params.length > 1 || (node.hash?.pairs.length ?? 0) > 0) {
      this.#say(node, `{{#${name} …}} takes one thing to look at`);
      return;
    }
    if (bindsNames > 0) {
      this.#say(node, `"as |…|" is not possible: inside {{#each}} write the item's own names`);
      return;
    }
    if (name === "each") this.#each(node, subject, scopes, there);
    else this.#condition(node, subject, name === "if", scopes, there);
  }

  #condition(
    node: hbs.AST.BlockStatement,
    subject: hbs.AST.Expression,
    positive: boolean,
    scopes: readonly Scope[],
    there: ReadonlySet<string>,
  ): void {
    const asked = this.reader.asked(subject, scopes, there);
    const known = asked === null ? there : new Set([...there, asked]);
    this.program(node.program, scopes, positive ? known : there);
    this.program(node.inverse, scopes, positive ? there : known);
  }

  #each(
    node: hbs.AST.BlockStatement,
    subject: hbs.AST.Expression,
    scopes: readonly Scope[],
    there: ReadonlySet<string>,
  ): void {
    const list = this.reader.list(subject, scopes);
    if (list === null) return;
    // What is known of one item of a list says nothing of the next one.
    const known = new Set([...there].filter((path) => !path.startsWith(`${list.path}[]`)));
    this.program(node.program, [...scopes, { fields: list.fields, path: `${list.path}[].` }], known);
    this.program(node.inverse, scopes, there);
  }

  #say(node: hbs.AST.Node, words: string): void {
    this.#mistakes.push({ file: this.#source.file, line: node.loc.start.line, words });
  }
}
