/**
 * The names of settings: by path (`delivery.leaseMs`), as a variable (`MILLRACE_DELIVERY_LEASE_MS`), and the nearest
 * known name to one that is not, since most unknown names are slips.
 */
import { channelId } from "../../domain/ids.ts";
import { PROVIDER_SETTINGS } from "./providers.ts";
import { SECTIONS } from "./sections.ts";
import type { Setting } from "./setting.ts";

export const PREFIX = "MILLRACE_";

/** By path; of the providers those of no channel, which `settingAt` finds. */
const FIXED: ReadonlyMap<string, Setting<unknown>> = new Map(
  Object.entries(SECTIONS).flatMap(([section, settings]) =>
    Object.entries(settings).map(([name, setting]) => [`${section}.${name}`, setting] as const),
  ),
);
export const FIXED_PATHS: readonly string[] = [...FIXED.keys()];
export const SECTION_NAMES: readonly string[] = [...Object.keys(SECTIONS), "providers"];
export const PROVIDER_NAMES: readonly string[] = Object.keys(PROVIDER_SETTINGS);

export const isChannelName = (name: string): boolean => {
  try {
    channelId(name);
    return true;
  } catch {
    return false;
  }
};

const providerSetting = (name: string): Setting<unknown> | undefined =>
  new Map<string, Setting<unknown>>(Object.entries(PROVIDER_SETTINGS)).get(name);

export const settingAt = (path: string): Setting<unknown> | undefined => {
  const [section, channel, name, ...more] = path.split(".");
  if (section !== "providers") return FIXED.get(path);
  if (channel === undefined || name === undefined || more.length > 0 || !isChannelName(channel))
    return undefined;
  return providerSetting(name);
};

const inCapitals = (name: string): string =>
  name.replaceAll(/[A-Z]/g, "_$&").replaceAll("-", "_").toUpperCase();

/** `delivery.leaseMs` as `MILLRACE_DELIVERY_LEASE_MS`. */
export const variableFor = (path: string): string => PREFIX + path.split(".").map(inCapitals).join("_");

const PATH_BY_VARIABLE: ReadonlyMap<string, string> = new Map(
  FIXED_PATHS.map((path) => [variableFor(path), path]),
);
const PROVIDER_ENDINGS: readonly (readonly [ending: string, name: string])[] = PROVIDER_NAMES.map(
  (name) => [`_${inCapitals(name)}`, name] as const,
).sort(([one], [other]) => other.length - one.length); // the longest first: LOOK_UP_URL ends in URL, too

/** The other way round. A channel's `-` is `_` in a variable, so channels whose names differ in that only have to be written in a file. */
export const pathForVariable = (variable: string): string | undefined => {
  const start = `${PREFIX}PROVIDERS_`;
  if (!variable.startsWith(start)) return PATH_BY_VARIABLE.get(variable);
  const rest = variable.slice(start.length);
  const found = PROVIDER_ENDINGS.find(([ending]) => rest.endsWith(ending));
  if (found === undefined) return undefined;
  const [ending, name] = found;
  const channel = rest.slice(0, -ending.length).toLowerCase().replaceAll("_", "-");
  return isChannelName(channel) ? `providers.${channel}.${name}` : undefined;
};

/** Further away than this, a name is somebody else's and no slip. */
const MOST_SLIPS = 3;
const LONGEST_COMPARED = 80;

/** The nearest of the names, by letters to change, add, drop or swap; nothing where none is near. */
export const nearest = (name: string, known: Iterable<string>): string | undefined => {
  let best: string | undefined;
  let fewest = Math.min(MOST_SLIPS, Math.floor(name.length / 2)) + 1;
  for (const candidate of known) {
    const slips = slipsBetween(name.slice(0, LONGEST_COMPARED).toLowerCase(), candidate.toLowerCase());
    if (slips < fewest) [best, fewest] = [candidate, slips];
  }
  return best;
};

const slipsBetween = (one: string, other: string): number => {
  if (Math.abs(one.length - other.length) > MOST_SLIPS) return Infinity;
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1] ? 0 : 1;
      const swapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
          ? at(before, column - 2) + 1
          : Infinity;
      next.push(
        Math.min(at(last, column) + 1, at(next, column - 1) + 1, at(last, column - 1) + same, swapped),
      );
    }
    [before, last] = [last, next];
  }
  return at(last, other.length);
};

const at = (row: readonly number[], column: number): number => row[column] ?? Infinity;

/** What to do about a name that nobody knows. */
export const fixForUnknown = (name: string, known: Iterable<string>): string => {
  const near = nearest(name, known);
  return near === undefined
    ? "remove it; `millrace config schema` lists what there is"
    : `did you mean ${near}?`;
};
