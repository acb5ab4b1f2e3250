/**
 * Finds and reads the configuration of this process: file, environment and flags, in rising strength.
 *
 * The file is the one that is named (`--config`, else `MILLRACE_CONFIG`), or the one of the usual names in the working
 * directory. Two of those are refused: nobody could say which one holds.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Result } from "effect";
import type { LoadedConfig } from "./config.ts";
import { decodeConfig } from "./decode.ts";
import { readConfigFile } from "./file.ts";
import {
  type Environment,
  environmentLayer,
  FILE_VARIABLE,
  fileLayer,
  flagLayer,
  type FlagValue,
} from "./layers.ts";
import type { ConfigError, Layer } from "./written.ts";

export const CONFIG_FILES = ["millrace.config.json", "millrace.config.yaml", "millrace.config.yml"] as const;

export interface Places {
  /** Where the usual names are looked for. */
  readonly folder: string;
  /** `--config`. */
  readonly file?: string | undefined;
  readonly environment: Environment;
  readonly flags?: readonly FlagValue[];
}

export const loadConfig = (places: Places): Result.Result<LoadedConfig, readonly ConfigError[]> => {
  const { file, layer } = fileOf(places);
  const layers = [layer, environmentLayer(places.environment), flagLayer(places.flags ?? [])];
  const production = places.environment["NODE_ENV"] === "production";
  return Result.map(decodeConfig(layers, production), (decoded) => ({ ...decoded, file }));
};

const NOTHING: Layer = { written: [], errors: [] };

const fileOf = ({ folder, file, environment }: Places): { file: string | null; layer: Layer } => {
  const named = file ?? (environment[FILE_VARIABLE] || undefined);
  if (named !== undefined) return { file: named, layer: layerOf(named, named) };
  const [first, second] = CONFIG_FILES.filter((name) => existsSync(join(folder, name)));
  if (first === undefined) return { file: null, layer: NOTHING };
  if (second === undefined) return { file: join(folder, first), layer: layerOf(join(folder, first), first) };
  const problem = `is beside ${first}, and only one of them can hold`;
  const error = { place: second, path: "", problem, fix: "remove one, or name one with --config" };
  return { file: null, layer: { written: [], errors: [error] } };
};

const layerOf = (path: string, shown: string): Layer => {
  const answer = readConfigFile(path);
  if ("read" in answer) return fileLayer(shown, answer.read);
  // Named by the path that was given, not by where that lies on this machine.
  const errors = answer.mistakes.map((mistake) => ({
    ...mistake,
    place: mistake.place.replace(path, shown),
    path: "",
  }));
  return { written: [], errors };
};
