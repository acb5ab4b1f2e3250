/** A configuration as a process would have it that is given these variables and nothing else. */
import { tmpdir } from "node:os";
import { Result } from "effect";
import type { Config } from "../../src/service/config/config.ts";
import { loadConfig } from "../../src/service/config/load.ts";

export const configOf = (environment: Readonly<Record<string, string>>): Config => {
  // nobody keeps a configuration in the folder of temporary files
  const loaded = loadConfig({ folder: tmpdir(), environment });
  if (Result.isFailure(loaded)) throw new Error(JSON.stringify(loaded.failure));
  return loaded.success.config;
};
