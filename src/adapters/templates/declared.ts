/**
 * The variables that a template may use, as `set.json` lists them for each channel:
 *
 *     { "name": "text", "grade?": "text", "items": [{ "label": "text", "amount": "amount" }] }
 *
 * A `?` says that the bill may lack it. Whatever else is in a bill is not seen by the template. What is listed here
 * is what makes a missing variable a failure that names it, instead of a hole in somebody's bill.
 */

export const VALUE_KINDS = ["text", "number", "amount", "month", "date", "flag"] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

export type Declared =
  | { readonly kind: ValueKind; readonly optional: boolean }
  | { readonly kind: "list"; readonly optional: boolean; readonly fields: Fields };

export type Fields = ReadonlyMap<string, Declared>;

/** Lists in lists in lists: no bill has more, and a person cannot read more. */
export const MAX_LIST_DEPTH = 3;
/** Of one channel, those of its lists included. */
export const MAX_VARIABLES = 200;

const NAME = /^([A-Za-z][A-Za-z0-9]{0,63})(\?)?$/;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isValueKind = (value: unknown): value is ValueKind => VALUE_KINDS.some((kind) => kind === value);

/**
 * @param taken names of formats: `{{month}}` would call the format and not show the variable
 * @param say called with each mistake, and the key in the file at which it is
 */
export const declaredFields = (
  listed: unknown,
  taken: ReadonlySet<string>,
  say: (words: string, key: string) => void,
): Fields => {
  let count = 0;
  const read = (record: unknown, path: string, depth: number): Fields => {
    const fields = new Map<string, Declared>();
    if (!isRecord(record)) {
      say(`${path === "" ? '"variables"' : path} must be an object of names`, "variables");
      return fields;
    }
    for (const [key, value] of Object.entries(record)) {
      count += 1;
      if (count === MAX_VARIABLES + 1) say(`more than ${MAX_VARIABLES} variables`, key);
      if (count > MAX_VARIABLES) return fields;
      const [, name, mark] = NAME.exec(key) ?? [];
      if (name === undefined) {
        say(
          `${quoted(key)} is no name: a letter, then letters and digits, and "?" where it may be absent`,
          key,
        );
      } else if (name in Object.prototype || taken.has(name)) {
        const whose = taken.has(name) ? "a format" : "something that every object has";
        say(`a variable cannot be called ${quoted(name)}: that is the name of ${whose}`, key);
      } else if (fields.has(name)) {
        say(`${quoted(name)} is listed twice`, key);
      } else {
        const declared = readOne(value, path + name, mark !== undefined, depth, key);
        if (declared !== null) fields.set(name, declared);
      }
    }
    return fields;
  };
  const readOne = (
    value: unknown,
    path: string,
    optional: boolean,
    depth: number,
    key: string,
  ): Declared | null => {
    if (isValueKind(value)) return { kind: value, optional };
    if (Array.isArray(value) && value.length === 1 && isRecord(value[0])) {
      if (depth < MAX_LIST_DEPTH)
        return { kind: "list", optional, fields: read(value[0], `${path}[].`, depth + 1) };
      say(`${path}: lists stand in lists at most ${MAX_LIST_DEPTH} deep`, key);
      return null;
    }
    const kinds = VALUE_KINDS.map((kind) => `"${kind}"`).join(", ");
    say(`${path} must be one of ${kinds}, or a list written [{ … }]`, key);
    return null;
  };
  return read(listed, "", 0);
};

const quoted = (text: string): string => JSON.stringify(text.slice(0, 80));

/** Finds the line of a key by its text, which is right for the first of that name: near enough to click on. */
export const lineOfKey = (source: string, key: string): number | null => {
  const at = source.indexOf(`${JSON.stringify(key)}`);
  return at < 0 ? null : lineAt(source, at);
};

export const lineAt = (source: string, index: number): number => source.slice(0, index).split("\n").length;
