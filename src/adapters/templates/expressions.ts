/**
 * What stands between two braces: a variable, `@index` and its like, or a format with its arguments. Says what it is, or
 * what is wrong with it.
 */
import type { Declared, Fields, ValueKind } from "./declared.ts";
import type { FormatSlot, TemplateFormat, TemplateFormats } from "./template-formats.ts";

/** Where a name is looked up: the bill, or inside `{{#each}}` an item of a list. */
export interface Scope {
  readonly fields: Fields;
  /** Before each of its names: empty, or `items[].`. */
  readonly path: string;
}

export type ExpressionKind = ValueKind | "list";

export interface Shown {
  readonly kind: ExpressionKind;
  /** The format that wrote it, if one did. */
  readonly format: string | null;
}

interface Named {
  readonly declared: Declared;
  readonly path: string;
}

type Say = (node: hbs.AST.Node, words: string) => void;

interface Call extends hbs.AST.Node {
  readonly path: hbs.AST.Node;
  readonly params: readonly hbs.AST.Node[];
  readonly hash?: hbs.AST.Hash;
}

const isPath = (node: hbs.AST.Node): node is hbs.AST.PathExpression => node.type === "PathExpression";
const isCall = (node: hbs.AST.Node): node is hbs.AST.SubExpression => node.type === "SubExpression";
const isNumber = (node: hbs.AST.Node): node is hbs.AST.NumberLiteral => node.type === "NumberLiteral";

/** Written in the template itself, by the parser's names. */
const LITERALS: Readonly<Record<string, ValueKind>> = {
  StringLiteral: "text",
  NumberLiteral: "number",
  BooleanLiteral: "flag",
};

/** What `{{#each}}` adds. */
const LOOP_VALUES: Readonly<Record<string, ValueKind>> = { index: "number", first: "flag", last: "flag" };

export class ExpressionReader {
  /** The formats that were named. */
  readonly named = new Set<string>();
  readonly #formats: TemplateFormats;
  readonly #say: Say;
  readonly #used: { readonly add: (path: string) => void };

  constructor(formats: TemplateFormats, say: Say, used: { readonly add: (path: string) => void }) {
    this.#formats = formats;
    this.#say = say;
    this.#used = used;
  }

  /** `{{…}}`: what is shown must be there. Nothing: said already. */
  shown(call: Call, scopes: readonly Scope[], there: ReadonlySet<string>): Shown | null {
    if (!isPath(call.path)) {
      this.#say(call, "a variable's or a format's name was expected");
      return null;
    }
    const format = this.#formatOf(call.path);
    if (format !== undefined) {
      this.#call(call, call.path.original, format, scopes, there);
      return { kind: format.gives, format: call.path.original };
    }
    if (call.params.length > 0 || (call.hash?.pairs.length ?? 0) > 0) {
      this.#say(call, `there is no format ${quoted(call.path.original)}: ${this.#choice()}`);
      return null;
    }
    const kind = this.#value(call.path, scopes, there);
    return kind === null ? null : { kind, format: null };
  }

  /** `{{#if …}}`: what it asks about may be absent. Gives the path of the variable that is there when it says yes. */
  asked(node: hbs.AST.Node, scopes: readonly Scope[], there: ReadonlySet<string>): string | null {
    if (isCall(node)) {
      this.shown(node, scopes, there);
      return null;
    }
    if (!isPath(node)) {
      this.#say(node, "a condition asks about a variable, or a format in parentheses");
      return null;
    }
    if (node.data) {
      this.#loopValue(node, scopes);
      return null;
    }
    return this.#variable(node, scopes)?.path ?? null;
  }

  /** `{{#each …}}`: a list, which may be absent. */
  list(
    node: hbs.AST.Node,
    scopes: readonly Scope[],
  ): { readonly fields: Fields; readonly path: string } | null {
    const named = isPath(node) ? this.#variable(node, scopes) : undefined;
    if (named === null) return null;
    if (named?.declared.kind === "list") return { fields: named.declared.fields, path: named.path };
    this.#say(node, "{{#each …}} takes a list");
    return null;
  }

  #formatOf(path: hbs.AST.PathExpression): TemplateFormat | undefined {
    const [name = ""] = path.parts;
    const plain = !path.data && path.depth === 0 && path.parts.length === 1 && path.original === name;
    return plain && Object.hasOwn(this.#formats, name) ? this.#formats[name] : undefined;
  }

  #call(
    call: Call,
    name: string,
    format: TemplateFormat,
    scopes: readonly Scope[],
    there: ReadonlySet<string>,
  ): void {
    this.named.add(name);
    if (call.params.length !== format.takes.length)
      this.#say(call, `${name} takes ${format.takes.length}, not ${call.params.length}`);
    for (const [place, slot] of format.takes.entries()) {
      const argument = call.params[place];
      if (argument !== undefined) this.#argument(argument, name, slot, scopes, there);
    }
    for (const { key, value } of call.hash?.pairs ?? []) {
      const [from, to] = format.settings?.[key] ?? [];
      if (from === undefined || to === undefined) this.#say(call, `${name} has no setting ${quoted(key)}`);
      else this.#written(value, `${key} of ${name}`, from, to);
    }
  }

  #argument(
    node: hbs.AST.Node,
    name: string,
    slot: FormatSlot,
    scopes: readonly Scope[],
    there: ReadonlySet<string>,
  ): void {
    if (slot.written !== undefined) {
      this.#written(node, `what ${name} takes`, ...slot.written);
      return;
    }
    const kind = this.#argumentKind(node, slot, scopes, there);
    if (kind !== null && !slot.kinds.includes(kind))
      this.#say(node, `${name} takes ${slot.kinds.join(" or ")}, and this is ${kind}`);
  }

  #argumentKind(
    node: hbs.AST.Node,
    slot: FormatSlot,
    scopes: readonly Scope[],
    there: ReadonlySet<string>,
  ): ExpressionKind | null {
    const literal = LITERALS[node.type];
    if (literal !== undefined) return literal;
    if (isCall(node)) return this.shown(node, scopes, there)?.kind ?? null;
    if (!isPath(node)) {
      this.#say(node, "neither null nor undefined can be written here");
      return null;
    }
    if (slot.optional === true && !node.data) return this.#variable(node, scopes)?.declared.kind ?? null;
    return this.#value(node, scopes, there);
  }

  #written(node: hbs.AST.Node, what: string, from: number, to: number): void {
    const value = isNumber(node) ? node.value : Number.NaN;
    if (!Number.isInteger(value) || value < from || value > to)
      this.#say(node, `${what} is a whole number from ${from} to ${to}, written in the template`);
  }

  /** A variable that must be there, or one of `{{#each}}`'s. */
  #value(
    path: hbs.AST.PathExpression,
    scopes: readonly Scope[],
    there: ReadonlySet<string>,
  ): ExpressionKind | null {
    if (path.data) return this.#loopValue(path, scopes);
    const named = this.#variable(path, scopes);
    if (named === null) return null;
    // A list may be counted and gone through without being there; it is empty then.
    if (named.declared.optional && named.declared.kind !== "list" && !there.has(named.path))
      this.#say(path, `${named.path} may be absent: show it inside {{#if ${path.original}}} only`);
    return named.declared.kind;
  }

  #loopValue(path: hbs.AST.PathExpression, scopes: readonly Scope[]): ValueKind | null {
    const [name = ""] = path.parts;
    const kind = path.parts.length === 1 && Object.hasOwn(LOOP_VALUES, name) ? LOOP_VALUES[name] : undefined;
    if (kind !== undefined && path.depth === 0 && scopes.length > 1) return kind;
    this.#say(path, `@ is for @index, @first and @last inside {{#each}}; ${quoted(path.original)} is none`);
    return null;
  }

  #variable(path: hbs.AST.PathExpression, scopes: readonly Scope[]): Named | null {
    const scope = scopes[scopes.length - 1 - path.depth];
    const [name, ...more] = path.parts;
    if (scope === undefined) {
      this.#say(path, `${quoted(path.original)} goes further out than there is`);
    } else if (name === undefined || more.length > 0) {
      this.#say(path, `${quoted(path.original)} is no variable: write one name, such as {{total}}`);
    } else {
      const declared = scope.fields.get(name);
      if (declared !== undefined) {
        this.#used.add(scope.path + name);
        return { declared, path: scope.path + name };
      }
      this.#say(path, this.#unknown(name, scope, scopes));
    }
    return null;
  }

  #unknown(name: string, scope: Scope, scopes: readonly Scope[]): string {
    const outside = scopes.findLastIndex(({ fields }) => fields.has(name));
    const out = scopes.length - 1 - outside;
    const hint =
      outside >= 0 ? `outside of it there is one: write ${"../".repeat(out)}${name}` : "list it in set.json";
    return `unknown variable ${scope.path}${name}: ${hint}`;
  }

  #choice(): string {
    return `there are ${Object.keys(this.#formats).join(", ")}`;
  }
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 80));
