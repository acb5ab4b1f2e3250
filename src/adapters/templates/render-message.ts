/**
 * Makes one message: the listed variables out of the bill, the parts out of the templates, and what a mail header or a
 * carrier would not take refused. Says in words what is wrong, by template and variable and never with a value.
 */
import { Result } from "effect";
import type { MessageParts } from "../../domain/message.ts";
import { measureSms } from "../../domain/sms-text.ts";
import { fitValues, type TemplateContext } from "./fit-values.ts";
import type { ChannelTemplates, TemplatePart } from "./read-set.ts";
import { Unfit } from "./template-formats.ts";

/** In UTF-16 units. Mail programs show about 60. */
export const MAX_SUBJECT_LENGTH = 250;
/** In UTF-16 units, of each part. Some mail programs cut what is longer than 102 KB. */
export const MAX_PART_LENGTH = 1_048_576;

/** Everything that any mail program might take for the end of a header, and what nobody can see. */
const NO_HEADER = /[\p{Cc}\u2028\u2029]/u;

/** @param sources what has a variable, the first one counts */
export const renderMessage = (
  templates: ChannelTemplates,
  sources: readonly TemplateContext[],
): Result.Result<MessageParts, string> => {
  const fitted = fitValues(templates.fields, sources);
  if (Result.isFailure(fitted)) {
    const { path, words } = fitted.failure;
    const file = templates.used.get(path.replace(/\[\d+\]/g, "[]").replace(/\[\]$/, ""));
    return Result.fail(`${file ?? templates.text.file}: variable ${path} ${words}`);
  }
  const context = fitted.success;
  return Result.gen(function* () {
    const subject = templates.subject === null ? null : yield* headerLine(templates.subject, context);
    const html = templates.html === null ? null : yield* part(templates.html, context);
    const text = yield* part(templates.text, context);
    return templates.size === null
      ? { subject, html, text }
      : yield* textMessage(templates, templates.size, text);
  });
};

const part = ({ file, render }: TemplatePart, context: TemplateContext): Result.Result<string, string> => {
  try {
    const rendered = render(context);
    return rendered.length > MAX_PART_LENGTH
      ? Result.fail(`${file}: it comes out longer than ${MAX_PART_LENGTH} characters`)
      : Result.succeed(rendered);
  } catch (error) {
    if (error instanceof Unfit) return Result.fail(`${file}, ${error.message}`);
    throw error; // a bug in a format: the runtime's breaker counts it
  }
};

const headerLine = (template: TemplatePart, context: TemplateContext): Result.Result<string, string> =>
  Result.flatMap(part(template, context), (rendered) => {
    const subject = rendered.trim();
    if (NO_HEADER.test(subject))
      return Result.fail(
        `${template.file}: a value puts a line break or a control character into the subject`,
      );
    if (subject === "") return Result.fail(`${template.file}: the subject comes out empty`);
    return subject.length > MAX_SUBJECT_LENGTH
      ? Result.fail(`${template.file}: the subject comes out longer than ${MAX_SUBJECT_LENGTH} characters`)
      : Result.succeed(subject);
  });

const textMessage = (
  { text: { file } }: ChannelTemplates,
  size: NonNullable<ChannelTemplates["size"]>,
  rendered: string,
): Result.Result<MessageParts, string> => {
  // Composed, because the carriers' character set knows syllables and not the letters that they are made of.
  const text = rendered.normalize("NFC");
  const measured = measureSms(text, size.limits);
  switch (measured.kind) {
    case "unencodable":
      return Result.fail(
        `${file}: a value has a character that a text message cannot carry (${size.limits.charset})`,
      );
    case "sms":
    case "lms":
      if (measured.kind === "sms" || size.upTo === "lms")
        return Result.succeed({
          subject: null,
          html: null,
          text,
          size: { kind: measured.kind, bytes: measured.bytes },
        });
      return Result.fail(`${file}: it comes out ${tooLong(measured.bytes, size.limits.smsBytes)}`);
    case "too-long":
      return Result.fail(`${file}: it comes out ${tooLong(measured.bytes, size.limits.lmsBytes)}`);
  }
};

const tooLong = (bytes: number, most: number): string => `${bytes} bytes long, and ${most} is the most`;
