/** Sets of templates made for one test, in a folder that is taken away at the end of the run; and requests to them. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Result } from "effect";
import type { TemplateFormats } from "../../../src/adapters/templates/template-formats.ts";
import { templateStore } from "../../../src/adapters/templates/template-store.ts";
import { channelId } from "../../../src/domain/ids.ts";
import { maskWhole } from "../../../src/domain/masking.ts";
import { reveal, Sensitive } from "../../../src/domain/masking-sensitive.ts";
import type { MessageParts } from "../../../src/domain/message.ts";
import type { RenderRequest, TemplateStore } from "../../../src/domain/ports/template-store.ts";

/** Files by their path below a new folder; bytes where the text is to be broken. */
export const folderOf = (files: Readonly<Record<string, string | Uint8Array>>): string => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-templates-"));
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents);
  }
  return folder;
};

export const SAMPLE = JSON.stringify({ about: {}, bill: {} });

export interface OneTemplate {
  readonly subject?: string;
  readonly html?: string;
  readonly text?: string;
  readonly size?: string;
  readonly charset?: string;
  readonly variables?: unknown;
  readonly sample?: string;
  readonly version?: string;
}

/** The files of a set with one kind, `bill`, and one channel: `email` where it has a subject, else `sms`. */
export const filesOf = (one: OneTemplate): Record<string, string> => {
  const { version = "v1", text = "hello", subject, html, size, charset, variables = {} } = one;
  const email = subject !== undefined || html !== undefined;
  const entry = {
    text: "text.hbs",
    ...(subject === undefined ? {} : { subject: "subject.hbs" }),
    ...(html === undefined ? {} : { html: "html.hbs" }),
    ...(email && size === undefined ? {} : { size: size ?? "any" }),
    ...(charset === undefined ? {} : { charset }),
    variables,
  };
  const set = {
    kinds: { bill: { samples: ["sample.json"], channels: { [email ? "email" : "sms"]: entry } } },
  };
  return {
    [`${version}/set.json`]: JSON.stringify(set, null, 2),
    [`${version}/text.hbs`]: text,
    [`${version}/sample.json`]: one.sample ?? SAMPLE,
    ...(subject === undefined ? {} : { [`${version}/subject.hbs`]: subject }),
    ...(html === undefined ? {} : { [`${version}/html.hbs`]: html }),
  };
};

export const storeOf = (one: OneTemplate, formats: TemplateFormats = {}): TemplateStore =>
  Result.getOrThrow(templateStore({ folder: folderOf(filesOf(one)), formats }));

export const requestOf = (
  bill: Readonly<Record<string, unknown>>,
  more: Partial<Pick<RenderRequest, "about" | "kind" | "version">> & { readonly channel?: string } = {},
): RenderRequest => ({
  about: {},
  kind: "bill",
  ...more,
  channel: channelId(more.channel ?? "sms"),
  bill: new Sensitive("bill", bill, maskWhole("bill")),
});

/** The parts of a message; throws the failure. */
export const partsOf = (store: TemplateStore, request: RenderRequest): MessageParts =>
  reveal(Result.getOrThrow(store.render(request)).message);

/** What a text template makes of a bill. */
export const written = (text: string, variables: unknown, bill: Readonly<Record<string, unknown>>): string =>
  partsOf(storeOf({ text, variables }), requestOf(bill)).text;

/** Why it is not rendered. */
export const refusalOf = (
  store: TemplateStore,
  request: RenderRequest,
): { readonly tag: string; readonly code: string | undefined; readonly message: string } => {
  const rendered = store.render(request);
  if (Result.isSuccess(rendered)) throw new Error("it was rendered");
  return {
    tag: rendered.failure._tag,
    code: rendered.failure.code,
    message: rendered.failure.message,
  };
};

/** What is wrong with a set, when a store is asked for. */
export const mistakesOf = (one: OneTemplate): string => {
  const made = templateStore({ folder: folderOf(filesOf(one)) });
  return Result.isFailure(made) ? made.failure.message : "none";
};
