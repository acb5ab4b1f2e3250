/**
 * The configuration as the rest of the service sees it: decoded, complete, free of contradictions.
 */
import type { ChannelId } from "../../domain/ids.ts";
import type { ProviderConfig } from "./providers.ts";
import type { Sections } from "./sections.ts";
import type { Origin } from "./written.ts";

export interface Config extends Sections {
  readonly providers: ReadonlyMap<ChannelId, ProviderConfig>;
  /** NODE_ENV is `production`: what is for a first try only is refused. */
  readonly production: boolean;
}

/** One value in force, for `config print`. */
export interface Effective {
  readonly path: string;
  /** Decoded; a secret is still one, and prints as stars. */
  readonly value: unknown;
  readonly origin: Origin;
}

export interface LoadedConfig {
  readonly config: Config;
  /** The file that was read, if there was one. */
  readonly file: string | null;
  /** Every setting, in the order of the documentation. */
  readonly effective: readonly Effective[];
}
