/**
 * The three places in which settings are written, each turned into the same list: a file, the environment, flags.
 * What nobody knows is an error in each of them: a setting that is silently ignored is found out on billing day.
 */
import {
  FIXED_PATHS,
  fixForUnknown,
  isChannelName,
  pathForVariable,
  PREFIX,
  PROVIDER_NAMES,
  SECTION_NAMES,
  settingAt,
  variableFor,
} from "./names.ts";
import { type ReadFile } from "./file.ts";
import { SIMULATED_CHANNELS } from "./providers.ts";
import { SECTIONS } from "./sections.ts";
import type { ConfigError, Layer, Written } from "./written.ts";

const CHANNEL_FIX = 'write a name of a-z, 0-9 and "-", at most 32 long, such as "email"';

/** @param file its name, as it is shown */
export const fileLayer = (file: string, { value, lineOf }: ReadFile): Layer => {
  const written: Written[] = [];
  const errors: ConfigError[] = [];
  const wrong = (steps: readonly string[], problem: string, fix: string): void => {
    errors.push({ place: `${file}:${lineOf(steps)}`, path: steps.join("."), problem, fix });
  };
  const entriesOf = (steps: readonly string[], found: unknown): readonly (readonly [string, unknown])[] => {
    if (found === null || found === undefined) return []; // a heading with nothing under it
    if (typeof found === "object" && !Array.isArray(found)) return Object.entries(found);
    wrong(steps, "is no object with settings in it", "write the settings under it by name");
    return [];
  };
  const settings = (steps: readonly string[], found: unknown, known: readonly string[]): void => {
    for (const [name, one] of entriesOf(steps, found)) {
      const at = [...steps, name];
      if (known.includes(name)) {
        written.push({ path: at.join("."), value: one, origin: { from: "file", file, line: lineOf(at) } });
      } else wrong(at, "is no setting", fixForUnknown(name, known));
    }
  };
  for (const [section, found] of entriesOf([], value)) {
    if (section === "$schema") continue; // for editors that complete by a schema
    if (section === "providers") {
      for (const [channel, provider] of entriesOf([section], found)) {
        if (isChannelName(channel)) settings([section, channel], provider, PROVIDER_NAMES);
        else wrong([section, channel], "is no name of a channel", CHANNEL_FIX);
      }
    } else if (Object.hasOwn(SECTIONS, section)) {
      const known = SECTIONS[section as keyof typeof SECTIONS]; // one of its own keys, as just seen
      settings([section], found, Object.keys(known));
    } else wrong([section], "is no section", fixForUnknown(section, SECTION_NAMES));
  }
  return { written, errors };
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the file. */
export const FILE_VARIABLE = `${PREFIX}CONFIG`;

/** What our tests and benches are told by; the service has no ear for it. */
const OF_OTHERS = /^MILLRACE_(SEED|RUNS|PLAN_ROWS|TEST_\w+|BENCH_\w+)$/;
/** What Kubernetes tells every container of a service that is called `millrace`. */
const OF_KUBERNETES = /^MILLRACE_(\w+_)?(SERVICE_(HOST|PORT\w*)|PORT(_\d+_(TCP|UDP|SCTP)\w*)?)$/;

const KNOWN_VARIABLES: readonly string[] = [
  FILE_VARIABLE,
  ...FIXED_PATHS.map(variableFor),
  ...SIMULATED_CHANNELS.flatMap((channel) =>
    PROVIDER_NAMES.map((name) => variableFor(`providers.${channel}.${name}`)),
  ),
];

/** An empty variable counts as none: that is how a compose file passes on what is not set. */
export const environmentLayer = (environment: Environment): Layer => {
  const written: Written[] = [];
  const errors: ConfigError[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || variable === FILE_VARIABLE || text === undefined || text === "")
      continue;
    const path = pathForVariable(variable);
    const setting = path === undefined ? undefined : settingAt(path);
    if (path !== undefined && setting !== undefined) {
      written.push({ path, value: setting.fromText(text), origin: { from: "environment", variable } });
    } else if (!OF_OTHERS.test(variable) && !OF_KUBERNETES.test(variable)) {
      const fix = fixForUnknown(variable, KNOWN_VARIABLES);
      errors.push({ place: variable, path: "", problem: "is no setting", fix });
    }
  }
  return { written, errors };
};

/** What a flag of the command line says of a setting. */
export interface FlagValue {
  /** As it was typed: `--role`. */
  readonly flag: string;
  readonly path: string;
  readonly text: string;
}

export const flagLayer = (flags: readonly FlagValue[]): Layer => {
  const written: Written[] = [];
  const errors: ConfigError[] = [];
  for (const { flag, path, text } of flags) {
    const setting = settingAt(path);
    if (setting !== undefined) {
      written.push({ path, value: setting.fromText(text), origin: { from: "flag", flag } });
    } else {
      errors.push({ place: flag, path, problem: "is no setting", fix: fixForUnknown(path, knownPaths()) });
    }
  }
  return { written, errors };
};

const knownPaths = (): readonly string[] => [
  ...FIXED_PATHS,
  ...SIMULATED_CHANNELS.flatMap((channel) => PROVIDER_NAMES.map((name) => `providers.${channel}.${name}`)),
];
