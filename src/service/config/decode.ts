/**
 * From what was written, weakest first, to the configuration, or to everything that is wrong with it at once.
 *
 * Each written value is read by itself, also one that a stronger place overrules: it would bite on the day on which the
 * stronger one is taken away. Then what could be read is looked at as a whole.
 */
import { Result } from "effect";
import { type ChannelId, channelId } from "../../domain/ids.ts";
import type { Config, Effective } from "./config.ts";
import { contradictionsIn } from "./contradictions.ts";
import { settingAt } from "./names.ts";
import {
  PROVIDER_SETTINGS,
  providerContradictions,
  type ProviderConfig,
  providerFrom,
  providerInForce,
  type ProviderSettingName,
  type ProviderWritten,
  SIMULATED_CHANNELS,
} from "./providers.ts";
import { SECTIONS, type Sections } from "./sections.ts";
import { type ConfigError, type Layer, type Origin, placeOf } from "./written.ts";

export interface Decoded {
  readonly config: Config;
  readonly effective: readonly Effective[];
}

interface Found {
  readonly value: unknown;
  readonly origin: Origin;
}

export const decodeConfig = (
  layers: readonly Layer[],
  production: boolean,
): Result.Result<Decoded, readonly ConfigError[]> => {
  const errors: ConfigError[] = layers.flatMap((layer) => layer.errors);
  const { found, unreadable } = readWritten(layers, errors);
  const originOf = originIn(found);

  const sections = Object.fromEntries(
    Object.entries(SECTIONS).map(([section, settings]) => [section, valuesOf(section, settings, found)]),
  ) as unknown as Sections; // each section has the values of its own settings, written ones having been read by them

  const providers = new Map<ChannelId, ProviderConfig>();
  const channels = channelsOf([...found.keys(), ...unreadable]);
  for (const channel of channels) {
    const provider = readProvider(channel, { found, unreadable }, errors);
    if (provider !== null) providers.set(channel, provider);
  }
  const config: Config = { ...sections, providers, production };
  const isUnreadable = (path: string): boolean => unreadable.has(path);
  errors.push(...contradictionsIn(config, { originOf, isUnreadable, channels }));
  const effective = [
    ...Object.entries(sections).flatMap(([section, values]) => effectiveIn(section, values, originOf)),
    ...[...providers].flatMap(([channel, provider]) =>
      effectiveIn(`providers.${channel}`, providerInForce(provider), originOf),
    ),
  ];
  return errors.length > 0 ? Result.fail(errors) : Result.succeed({ config, effective });
};

interface ReadWritten {
  /** What could be read, by path; the strongest is the last. */
  readonly found: ReadonlyMap<string, Found>;
  /** Paths of what could not: nothing further is concluded from their defaults. */
  readonly unreadable: ReadonlySet<string>;
}

const readWritten = (layers: readonly Layer[], errors: ConfigError[]): ReadWritten => {
  const found = new Map<string, Found>();
  const unreadable = new Set<string>();
  for (const { path, value, origin } of layers.flatMap((layer) => layer.written)) {
    const setting = settingAt(path);
    if (setting === undefined) continue; // its layer has said so
    const read = setting.read(value);
    if (Result.isSuccess(read)) {
      found.set(path, { value: read.success, origin });
      continue;
    }
    unreadable.add(path);
    for (const { within, problem } of read.failure) {
      errors.push({ place: placeOf(origin), path: `${path}${within}`, problem, fix: setting.fix });
    }
  }
  return { found, unreadable };
};

const originIn =
  (found: ReadonlyMap<string, Found>) =>
  (path: string): Origin =>
    found.get(path)?.origin ?? { from: "default" };

/** The values of one group of settings. */
const valuesOf = (
  group: string,
  settings: Readonly<Record<string, { readonly default: unknown }>>,
  found: ReadonlyMap<string, Found>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => {
      const written = found.get(`${group}.${name}`);
      return [name, written === undefined ? setting.default : written.value];
    }),
  );

/** A note of each for `config print`. */
const effectiveIn = (
  group: string,
  values: Readonly<Record<string, unknown>>,
  originOf: (path: string) => Origin,
): readonly Effective[] =>
  Object.entries(values).map(([name, value]) => {
    const path = `${group}.${name}`;
    return { path, value, origin: originOf(path) };
  });

const channelsOf = (paths: readonly string[]): readonly ChannelId[] => {
  const written = paths.filter((path) => path.startsWith("providers."));
  const named = written.map((path) => channelId(path.split(".")[1] ?? ""));
  const ofTheirOwn = written.some((path) => path.endsWith(".kind"));
  return [...new Set(ofTheirOwn ? named : [...SIMULATED_CHANNELS, ...named])];
};

const readProvider = (
  channel: ChannelId,
  { found, unreadable }: ReadWritten,
  errors: ConfigError[],
): ProviderConfig | null => {
  const group = `providers.${channel}`;
  // Each value is its own setting's default or was read by it.
  const written = valuesOf(group, PROVIDER_SETTINGS, found) as unknown as ProviderWritten;
  const pathOf = (name: ProviderSettingName): string => `${group}.${name}`;
  const problems = providerContradictions(written, (name) => found.has(pathOf(name)));
  const guessed = (["kind", "class"] as const).some((name) => unreadable.has(pathOf(name)));
  const certain = problems.filter(({ name }) => !guessed && !unreadable.has(pathOf(name)));
  for (const { name, problem, fix } of certain) {
    const origin = found.get(pathOf(name))?.origin ?? originIn(found)(pathOf("kind"));
    errors.push({ place: placeOf(origin), path: pathOf(name), problem, fix });
  }
  return problems.length > 0 ? null : providerFrom(channel, written);
};
