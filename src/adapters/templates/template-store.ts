/**
 * Templates out of a folder, `templates/<version>/`, each version with its `set.json`. All of them are read, checked and
 * compiled when the store is made; a store with a mistake in it is not made. Rendering then opens no file, compiles
 * nothing, and asks no clock: what it writes depends on the request and the set alone.
 *
 * Older versions stay, because a copy of a message must come out as the first one did. Take a version away when no doubt
 * names it any more.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Result } from "effect";
import { Permanent, type Failure } from "../../failure.ts";
import { maskWhole } from "../../domain/masking.ts";
import { reveal, Sensitive } from "../../domain/masking-sensitive.ts";
import type { MessageParts, Rendered } from "../../domain/message.ts";
import type { RenderRequest, TemplateStore } from "../../domain/ports/template-store.ts";
import { canonicalJson } from "./canonical-json.ts";
import { RENDERER } from "./compile-template.ts";
import { mistakeInWords, type TemplateMistake } from "./mistake.ts";
import { readSet, sha256, type ChannelTemplates, type TemplateSet } from "./read-set.ts";
import { renderMessage } from "./render-message.ts";
import { TEMPLATE_FORMATS, type TemplateFormats } from "./template-formats.ts";

/** Which folder, and which version of the set. */
export interface TemplateStoreOptions {
  /** Holds a folder for each version. */
  readonly folder: string;
  /** What is used where a request names none. Default: the last in the order of their names. */
  readonly version?: string;
  /** Beside the shipped ones. Functions of their arguments alone; who changes one makes a new version of the set. */
  readonly formats?: TemplateFormats;
}

/** Years of monthly versions. */
export const MAX_VERSIONS = 200;
/** Mistakes that a failure's message quotes; `template lint` says them all. */
const QUOTED_MISTAKES = 5;

/** Reads every version in the folder. The sets are whole only where there is no mistake. */
export const readSets = (
  folder: string,
  formats: TemplateFormats = {},
): { readonly sets: readonly TemplateSet[]; readonly mistakes: readonly TemplateMistake[] } => {
  const mistakes: TemplateMistake[] = [];
  const versions = versionsIn(folder);
  if (versions.length === 0)
    mistakes.push({ file: folder, line: null, words: "holds no set: <version>/set.json is looked for" });
  if (versions.length > MAX_VERSIONS)
    mistakes.push({ file: folder, line: null, words: `holds more than ${MAX_VERSIONS} versions` });
  const all = { ...TEMPLATE_FORMATS, ...formats };
  const sets = versions
    .slice(0, MAX_VERSIONS)
    .map((version) => readSet(join(folder, version), all, mistakes));
  return { sets, mistakes };
};

/** In the order of their names. A folder that cannot be read has none. */
const versionsIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
};

/** The templates of a folder, all read, checked and compiled; or what is wrong with them. */
export const templateStore = (options: TemplateStoreOptions): Result.Result<TemplateStore, Permanent> => {
  const { sets, mistakes } = readSets(options.folder, options.formats);
  if (mistakes.length > 0) {
    const shown = mistakes.slice(0, QUOTED_MISTAKES).map(mistakeInWords);
    const more = mistakes.length - shown.length;
    return refused(
      `reading the templates: ${shown.join("; ")}${more > 0 ? `; and ${more} more (template lint says all)` : ""}`,
    );
  }
  const byVersion = new Map(sets.map((set) => [set.version, set]));
  const version = options.version ?? sets.at(-1)?.version ?? "";
  if (!byVersion.has(version))
    return refused(
      `reading the templates: there is no version ${version}, only ${[...byVersion.keys()].join(", ")}`,
    );
  return Result.succeed({ version, render: (request) => renderFrom(byVersion, version, request) });
};

const renderFrom = (
  sets: ReadonlyMap<string, TemplateSet>,
  present: string,
  request: RenderRequest,
): Result.Result<Rendered, Failure> => {
  const version = request.version ?? present;
  const set = sets.get(version);
  if (set === undefined)
    return refused(
      `rendering: template version ${shortened(version)} is not there; put it back to send copies of it`,
    );
  const templates = set.channels.get(`${request.kind}/${request.channel}`);
  if (templates === undefined)
    return refused(
      `rendering: templates ${version} have nothing for ${shortened(request.kind)} by ${request.channel}`,
    );
  return renderWith(set.version, templates, request);
};

/** One message by one set, which the store does for each notice and the preview for a sample. */
export const renderWith = (
  version: string,
  templates: ChannelTemplates,
  { channel, kind, bill, about }: RenderRequest,
): Result.Result<Rendered, Permanent> => {
  const fields = reveal(bill);
  const inputs = {
    about,
    bill: fields,
    channel,
    kind,
    renderer: RENDERER,
    templates: templates.sha256,
    version,
  };
  const canonical = canonicalJson(inputs);
  if (Result.isFailure(canonical))
    return refused(`rendering ${version}/${kind}: the bill ${canonical.failure}`);
  // What the row says counts for more than what the bill says of itself.
  const parts = renderMessage(templates, [about, fields]);
  if (Result.isFailure(parts)) return refused(`rendering ${parts.failure}`);
  return Result.succeed({
    message: new Sensitive<MessageParts, "message">("message", parts.success, maskWhole(parts.success.text)),
    digest: `${version}:${sha256(canonical.success)}`,
  });
};

const shortened = (text: string): string => JSON.stringify(text.slice(0, 40));

const refused = (message: string): Result.Result<never, Permanent> =>
  Result.fail(new Permanent({ message, code: "template" }));
