/**
 * One setting: what may be written for it, what holds where nothing is, and how it is said to people.
 *
 * Every setting is decoded by itself, so that a mistake in one does not hide those in the others. The same record makes
 * the JSON Schema and the page of documentation, so neither can say something else than the decoder does. What is found
 * wrong is said without the value: it may be a secret that slipped into the wrong place.
 */
import { Result, Schema } from "effect";

export interface Setting<out Value> {
  readonly schema: Schema.Decoder<unknown>;
  /** Where nothing is written. */
  readonly default: Value;
  /** The same in words, where the value alone does not say it. */
  readonly defaultInWords: string | null;
  readonly says: string;
  /** What to write there. */
  readonly fix: string;
  /** Environment and flags are text; what cannot be read stays text, so that the schema refuses it. */
  readonly fromText: (text: string) => unknown;
  readonly secret: boolean;
  readonly read: (written: unknown) => Result.Result<Value, readonly SettingProblem[]>;
}

export interface SettingProblem {
  /** Within the setting, as `[1]`; empty for the whole. */
  readonly within: string;
  readonly problem: string;
}

export interface Words {
  readonly says: string;
  readonly fix?: string;
  readonly defaultInWords?: string;
}

export interface Making<Accepted, Value> {
  readonly schema: Schema.Decoder<unknown> & { readonly Type: Accepted };
  readonly fallback: Value;
  readonly fix: string;
  readonly fromText: (text: string) => unknown;
  readonly keep: (accepted: Accepted) => Value;
  readonly secret?: boolean;
}

export const makeSetting = <Accepted, Value>(
  making: Making<Accepted, Value>,
  words: Words,
): Setting<Value> => {
  const validate = validatorOf(making.schema);
  return {
    schema: making.schema,
    default: making.fallback,
    defaultInWords: words.defaultInWords ?? null,
    says: words.says,
    fix: words.fix ?? making.fix,
    fromText: making.fromText,
    secret: making.secret ?? false,
    read: (written) =>
      Result.map(
        validate(written),
        (accepted) => making.keep(accepted as Accepted), // the schema of this type has just accepted it
      ),
  };
};

type Leaf = Parameters<
  NonNullable<NonNullable<Parameters<typeof Schema.toStandardSchemaV1>[1]>["leafHook"]>
>[0];

/** A value of another type is reported with the schema's node: its words are on that, or on its last check. */
const ownWords = (issue: Leaf): string | undefined => {
  const notes =
    issue._tag === "InvalidType"
      ? [issue.ast.annotations, ...(issue.ast.checks ?? []).map((check) => check.annotations)]
      : ["annotations" in issue ? issue.annotations : undefined];
  return notes.map((note) => note?.["message"]).find((message) => typeof message === "string");
};

const validatorOf = (schema: Schema.Decoder<unknown>) => {
  const { validate } = Schema.toStandardSchemaV1(schema, {
    parseOptions: { errors: "all", onExcessProperty: "error" },
    leafHook: (issue) => ownWords(issue) ?? "is of the wrong kind",
  })["~standard"];
  return (written: unknown): Result.Result<unknown, readonly SettingProblem[]> => {
    const read = validate(written);
    if (read instanceof Promise) throw new Error("a setting's schema answers at once");
    if (read.issues === undefined) return Result.succeed(read.value);
    const problems = new Map(
      read.issues.map(({ path = [], message }) => [
        path.map((step) => (typeof step === "number" ? `[${step}]` : "")).join(""),
        message,
      ]),
    );
    return Result.fail([...problems].map(([within, problem]) => ({ within, problem })));
  };
};
