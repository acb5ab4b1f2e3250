/**
 * `millrace template`: look over the templates before anybody gets a message of theirs.
 *
 * `lint` says every mistake at once and tries every template with the set's sample bills; `preview` shows one message.
 * Neither needs a database, and neither sends anything. Without a folder it is the one that the configuration names, or
 * the templates that come with Millrace.
 */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { Result } from "effect";
import { mistakeInWords } from "../../adapters/templates/mistake.ts";
import { does, examples, withJson, type Call } from "../command-line.ts";
import type { ExitCode } from "../exit-codes.ts";
import {
  lintTemplates,
  previewTemplate,
  type SampleMessage,
  type TemplateLint,
  type TemplatePreview,
} from "../template-report.ts";
import { SHIPPED_TEMPLATES } from "../shipped.ts";

export const templateCommand = (): Command => {
  const group = new Command("template").description("Look over the templates of messages.");
  group.addCommand(lintCommand());
  group.addCommand(previewCommand());
  return examples(
    group,
    "millrace template lint templates",
    "millrace template preview --channel email --part html > bill.html",
  );
};

const FOLDER = "holds the versions, or is one of them (default: templates.folder of the configuration)";

const lintCommand = (): Command => {
  const command = withJson(
    new Command("lint")
      .description(
        "Say everything that is wrong with the templates, by file and line. Exit code 1 if anything is.",
      )
      .argument("[folder]", FOLDER),
  );
  examples(command, "millrace template lint", "millrace template lint templates/2026-11 --json");
  return does(command, (call) => inFolder(call, (folder) => lint(call, folder)));
};

const PARTS = ["subject", "html", "text"] as const;
type Part = (typeof PARTS)[number];

const previewCommand = (): Command => {
  const command = withJson(
    new Command("preview")
      .description("Show a message as it would be sent, made from a sample bill.")
      .argument("[folder]", FOLDER)
      .option("--channel <name>", "the channel", "email")
      .option("--kind <name>", "the kind of notice", "bill")
      .option("--of <version>", "the version of the templates (default: the last)")
      .option("--sample <file>", "a sample of the set, or a file of your own (default: the set's first)")
      .option("--part <name>", `only ${PARTS.join(", ")}, and nothing around it`),
  );
  examples(
    command,
    "millrace template preview --channel sms",
    "millrace template preview --part html > bill.html",
    "millrace template preview templates --of 2026-11 --sample bill/sample-plain.json --json",
  );
  return does(command, (call) => inFolder(call, (folder) => preview(call, folder)));
};

const inFolder = (call: Call, work: (folder: string) => ExitCode): ExitCode | Promise<ExitCode> => {
  const [named] = call.operands;
  if (named === undefined)
    return call.configured(({ config }) => work(config.templates.folder ?? SHIPPED_TEMPLATES));
  const folder = resolve(call.surroundings.folder, named);
  if (existsSync(folder) && statSync(folder).isDirectory()) return work(folder);
  return call.output.problem("usage", {
    message: `${named} is no folder`,
    fix: "name the folder that holds the versions of the templates, or one version",
  });
};

const lint = ({ output }: Call, folder: string): ExitCode => {
  const report = lintTemplates(folder);
  const { mistakes, messages, versions } = report;
  const object = { folder, versions, clean: mistakes.length === 0, mistakes, messages };
  return output.result(object, lintInLines(report), mistakes.length === 0 ? "ok" : "failed");
};

const lintInLines = ({ mistakes, messages, versions }: TemplateLint): readonly string[] => {
  const said = mistakes.map(mistakeInWords);
  const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
  const verdict =
    mistakes.length === 0 ? `no mistakes in ${versions.join(", ")}` : `${count} in ${versions.join(", ")}`;
  return [...messages.map(messageInWords), ...said, verdict];
};

const messageInWords = (message: SampleMessage): string => {
  const { version, kind, channel, sample, htmlBytes, textBytes, sms } = message;
  const sizes = [
    ...(htmlBytes === null ? [] : [`html ${htmlBytes} bytes`]),
    sms === null ? `text ${textBytes} bytes` : `${sms.kind.toUpperCase()} of ${sms.bytes} bytes`,
  ];
  return `${version} ${kind}/${channel} with ${sample}: ${sizes.join(", ")}`;
};

const preview = ({ output, options }: Call, folder: string): ExitCode => {
  const wish = options as PreviewOptions; // as declared above, with their defaults
  const { part } = wish;
  if (part !== undefined && !isPart(part))
    return output.problem("usage", {
      message: `there is no part ${part}`,
      fix: `parts are ${PARTS.join(", ")}`,
    });
  const made = previewTemplate(folder, {
    channel: wish.channel,
    kind: wish.kind,
    ...(wish.of === undefined ? {} : { version: wish.of }),
    ...(wish.sample === undefined ? {} : { sample: wish.sample }),
  });
  if (Result.isFailure(made))
    return output.problem("failed", { message: "the message cannot be made", details: made.failure });
  if (part === undefined) return output.result(made.success, previewInLines(made.success));
  const shown = made.success[part];
  return shown === null
    ? output.problem("failed", { message: `${wish.kind}/${wish.channel} has no ${part}` })
    : output.result(made.success, [shown]);
};

interface PreviewOptions {
  readonly channel: string;
  readonly kind: string;
  readonly of?: string;
  readonly sample?: string;
  readonly part?: string;
}

const isPart = (name: string): name is Part => PARTS.some((part) => part === name);

const previewInLines = (preview: TemplatePreview): readonly string[] => {
  const { version, kind, channel, sample, digest, subject, html, text, size } = preview;
  const counted = size === undefined ? "" : ` (${size.kind.toUpperCase()}, ${size.bytes} bytes)`;
  return [
    `${version} ${kind}/${channel} with ${sample}, digest ${digest}`,
    ...(subject === null ? [] : ["", "── subject", subject]),
    "",
    `── text${counted}`,
    text,
    ...(html === null ? [] : ["", "── html", html]),
  ];
};
