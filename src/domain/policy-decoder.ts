/**
 * From an operator's JSON to a policy, or to everything that is wrong with it at once.
 *
 * Each field is read by itself, so that a slip in one does not hide the mistakes in the others; then what could be
 * read is looked at as a whole (policy-contradictions). An operator mends a policy once, not error by error.
 * Left out, `quietHours` is none, `sendDays` and `sendHours` are every, `paused` is false and `resend` is none.
 */
import { Result, Schema } from "effect";
import { channelId, policyVersion } from "./ids.ts";
import { contradictionsIn, readIntervals } from "./policy-contradictions.ts";
import { fixFor, NEEDED_FIELDS, POLICY_FIELDS, type PolicyField, type PolicyParts } from "./policy-fields.ts";
import type { ChannelRule, Policy } from "./policy.ts";
import { zoneId } from "./zone-time.ts";

/** One thing to mend. */
export interface PolicyError {
  /** Where, as `channels[1].maxAttempts`; empty for the whole. */
  readonly path: string;
  readonly problem: string;
  /** What to write there. */
  readonly fix: string;
}

/** The JSON as a policy, or everything in it that has to be mended. */
export const decodePolicy = (input: unknown): Result.Result<Policy, readonly PolicyError[]> => {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return Result.fail([errorAt("", "is no JSON object")]);
  }
  const written = new Map(Object.entries(input));
  const errors: PolicyError[] = [];
  for (const key of written.keys()) {
    if (!Object.hasOwn(POLICY_FIELDS, key)) errors.push(errorAt(key, "is no field of a policy"));
  }
  const parts = readParts(written, errors);
  for (const { path, problem } of contradictionsIn(parts)) errors.push(errorAt(path, problem));
  const { version, zone, channels, expiresAfterMs } = parts;
  // The four are missing only where an error has been noted; the compiler cannot know.
  if (errors.length > 0 || !version || zone === undefined || !channels || !expiresAfterMs)
    return Result.fail(errors);
  const [first, ...rest] = channels.map(readChannel);
  const foundZone = zoneId(zone);
  if (first === undefined || Result.isFailure(foundZone)) return Result.fail(errors);
  return Result.succeed({
    version: policyVersion(version),
    zone: foundZone.success,
    channels: [first, ...rest],
    quietHours: readIntervals(parts.quietHours ?? []),
    sendDays: { ofMonth: parts.sendDays?.ofMonth ?? "every", ofWeek: parts.sendDays?.ofWeek ?? "every" },
    sendHours: parts.sendHours ?? "every",
    paused: parts.paused ?? false,
    expiresAfterMs,
    resend: parts.resend ?? null,
  });
};

/** As one line for each error: `channels[1].maxAttempts is missing: write how often …`. */
export const policyErrorInWords = ({ path, problem, fix }: PolicyError): string =>
  `${path === "" ? "the policy" : path} ${problem}: ${fix}`;

const errorAt = (path: string, problem: string): PolicyError => ({ path, problem, fix: fixFor(path) });

const FIELD_NAMES = Object.keys(POLICY_FIELDS) as PolicyField[]; // the keys of a literal are what its type says

const readParts = (written: ReadonlyMap<string, unknown>, errors: PolicyError[]): Partial<PolicyParts> => {
  const parts: Partial<Record<PolicyField, unknown>> = {};
  for (const field of FIELD_NAMES) {
    if (!written.has(field)) {
      if (NEEDED_FIELDS.some((needed) => needed === field)) errors.push(errorAt(field, "is missing"));
      continue;
    }
    const read = validators[field](written.get(field));
    if (read.issues === undefined) parts[field] = read.value;
    else for (const { path = [], message } of read.issues) errors.push(errorAt(pathOf(field, path), message));
  }
  return parts as Partial<PolicyParts>; // each part was read by the schema of its own field
};

/** Schema's own words for what has no words of ours. */
const inWords = (tag: string, message: unknown): string => {
  if (typeof message === "string") return message;
  if (tag === "MissingKey") return "is missing";
  return tag === "UnexpectedKey" ? "is not known here" : "is of the wrong kind";
};

const validatorOf = (schema: Schema.ConstraintDecoder<unknown>) => {
  const { validate } = Schema.toStandardSchemaV1(schema, {
    parseOptions: { errors: "all", onExcessProperty: "error" },
    leafHook: (issue) =>
      inWords(issue._tag, "annotations" in issue ? issue.annotations?.["message"] : undefined),
  })["~standard"];
  return (value: unknown) => {
    const read = validate(value);
    if (read instanceof Promise) throw new Error("a policy's schemas answer at once");
    return read;
  };
};

const validators = Object.fromEntries(
  FIELD_NAMES.map((field) => [field, validatorOf(POLICY_FIELDS[field])]),
) as Record<PolicyField, ReturnType<typeof validatorOf>>; // one entry for each of the names

/** `["channels", 1, "maxAttempts"]` as `channels[1].maxAttempts`. */
const pathOf = (field: PolicyField, rest: readonly unknown[]): string =>
  rest.reduce<string>((path, step) => {
    const key = typeof step === "object" && step !== null && "key" in step ? step.key : step;
    return typeof key === "number" ? `${path}[${key}]` : `${path}.${String(key)}`;
  }, field);

const readChannel = ({ channel, maxAttempts, backoff }: PolicyParts["channels"][number]): ChannelRule => ({
  channel: channelId(channel),
  maxAttempts,
  backoff,
});
