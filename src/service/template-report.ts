/**
 * What there is to say about templates before anybody gets a message of theirs: every mistake at once, and what the
 * messages look like with the set's own sample bills.
 *
 * A sample is made up, so unlike everything else here it may be shown.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Result } from "effect";
import { mistakeInWords, type TemplateMistake } from "../adapters/templates/mistake.ts";
import {
  readSet,
  SET_FILE,
  type ChannelTemplates,
  type TemplateSet,
} from "../adapters/templates/read-set.ts";
import { TEMPLATE_FORMATS } from "../adapters/templates/template-formats.ts";
import { readSets, renderWith } from "../adapters/templates/template-store.ts";
import { channelId } from "../domain/ids.ts";
import { maskWhole } from "../domain/masking.ts";
import { reveal, Sensitive } from "../domain/masking-sensitive.ts";
import type { MessageParts } from "../domain/message.ts";
import type { RenderRequest } from "../domain/ports/template-store.ts";

/** A bill as it could come out of the ledger. */
export interface TemplateSample {
  readonly bill: Readonly<Record<string, unknown>>;
  readonly about: Readonly<Record<string, string | number>>;
}

export interface SampleMessage {
  readonly version: string;
  readonly kind: string;
  readonly channel: string;
  readonly sample: string;
  readonly subject: string | null;
  /** In UTF-8. */
  readonly htmlBytes: number | null;
  readonly textBytes: number;
  /** Text messages: as the carriers count them. */
  readonly sms: { readonly kind: "sms" | "lms"; readonly bytes: number } | null;
}

export interface TemplateLint {
  readonly folder: string;
  readonly versions: readonly string[];
  readonly mistakes: readonly TemplateMistake[];
  /** What came out of the samples. */
  readonly messages: readonly SampleMessage[];
}

export interface TemplatePreview extends MessageParts {
  readonly version: string;
  readonly kind: string;
  readonly channel: string;
  readonly sample: string;
  readonly digest: string;
}

/** @param folder of all versions, or of one */
export const lintTemplates = (folder: string): TemplateLint => {
  const { sets, mistakes } = setsIn(folder);
  const found = [...mistakes];
  const messages: SampleMessage[] = [];
  for (const set of sets) {
    for (const [kind, files] of set.samples) {
      for (const file of files) {
        const sample = readSample(set, folder, file);
        if (Result.isFailure(sample)) {
          // A file that is not there was said when the set was read.
          if (sample.failure !== null) found.push(sample.failure);
          continue;
        }
        for (const templates of set.channels.values()) {
          if (templates.kind !== kind) continue;
          const message = rendered(set, templates, sample.success, file);
          if (Result.isSuccess(message)) messages.push(inShort(message.success));
          else found.push(mistakeWith(set, file, message.failure));
        }
      }
    }
  }
  return { folder, versions: sets.map(({ version }) => version), mistakes: found, messages };
};

export interface PreviewWish {
  /** Default: the last in the order of names. */
  readonly version?: string;
  readonly channel: string;
  readonly kind: string;
  /** A file of the set, or somewhere else. Default: the kind's first. */
  readonly sample?: string;
}

/** The failure is for people: what is wrong with the set, the wish or the sample. */
export const previewTemplate = (
  folder: string,
  wish: PreviewWish,
): Result.Result<TemplatePreview, readonly string[]> => {
  const { sets, mistakes } = setsIn(folder);
  const set = wish.version === undefined ? sets.at(-1) : sets.find(({ version }) => version === wish.version);
  if (set === undefined) {
    const there = sets.map(({ version }) => version).join(", ");
    return Result.fail(
      wish.version === undefined || sets.length === 0
        ? mistakes.map(mistakeInWords)
        : [`there is no version ${wish.version}, only ${there}`],
    );
  }
  const ownMistakes = mistakes.filter(({ file }) => file.startsWith(`${set.version}/`));
  if (ownMistakes.length > 0) return Result.fail(ownMistakes.map(mistakeInWords));
  const templates = set.channels.get(`${wish.kind}/${wish.channel}`);
  if (templates === undefined) {
    const there = [...set.channels.keys()].join(", ");
    return Result.fail([`templates ${set.version} have no ${wish.kind}/${wish.channel}, only ${there}`]);
  }
  const file = wish.sample ?? set.samples.get(wish.kind)?.[0] ?? "";
  const sample = readSample(set, folder, file);
  if (Result.isFailure(sample))
    return Result.fail([
      sample.failure === null ? `there is no sample ${file}` : mistakeInWords(sample.failure),
    ]);
  return Result.mapError(rendered(set, templates, sample.success, file), (words) => [words]);
};

/** A folder with a `set.json` is one set, any other one holds versions. */
const setsIn = (folder: string): ReturnType<typeof readSets> => {
  if (!existsSync(join(folder, SET_FILE))) return readSets(folder);
  const mistakes: TemplateMistake[] = [];
  return { sets: [readSet(resolve(folder), TEMPLATE_FORMATS, mistakes)], mistakes };
};

const folderOf = (set: TemplateSet, folder: string): string =>
  existsSync(join(folder, SET_FILE)) ? folder : join(folder, set.version);

/** Nothing as a failure: the file is not there. A file outside the set may be named too. */
const readSample = (
  set: TemplateSet,
  folder: string,
  file: string,
): Result.Result<TemplateSample, TemplateMistake | null> => {
  const own = join(folderOf(set, folder), file);
  const path = existsSync(own) ? own : file;
  if (file === "" || !existsSync(path)) return Result.fail(null);
  try {
    const written: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (isRecord(written) && isRecord(written["bill"]) && isRecord(written["about"]))
      return Result.succeed({ bill: written["bill"], about: written["about"] as TemplateSample["about"] }); // fitted like a row's
    return Result.fail(mistakeWith(set, file, 'a sample is {"about": {…}, "bill": {…}}'));
  } catch {
    return Result.fail(mistakeWith(set, file, "is no JSON"));
  }
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const mistakeWith = (set: TemplateSet, file: string, words: string): TemplateMistake => ({
  file: `${set.version}/${file}`,
  line: null,
  words,
});

const rendered = (
  set: TemplateSet,
  templates: ChannelTemplates,
  { bill, about }: TemplateSample,
  sample: string,
): Result.Result<TemplatePreview, string> => {
  const { kind, channel } = templates;
  const request: RenderRequest = {
    channel: channelId(channel),
    kind,
    about,
    bill: new Sensitive("bill", bill, maskWhole("a sample")),
  };
  return Result.mapBoth(renderWith(set.version, templates, request), {
    onSuccess: ({ message, digest }) => ({
      version: set.version,
      kind,
      channel,
      sample,
      ...reveal(message),
      digest,
    }),
    onFailure: ({ message }) => `${message} (with this sample)`,
  });
};

const inShort = ({
  version,
  kind,
  channel,
  sample,
  subject,
  html,
  text,
  size,
}: TemplatePreview): SampleMessage => ({
  ...{ version, kind, channel, sample, subject },
  htmlBytes: html === null ? null : Buffer.byteLength(html),
  textBytes: Buffer.byteLength(text),
  sms: size ?? null,
});
