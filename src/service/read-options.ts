/**
 * What stands on the command line, read as what the domain calls it. A mistake is a refusal that says what to write instead.
 */
import type { OptionValues } from "commander";
import {
  channelId,
  instant,
  noticeId,
  period,
  runId,
  type ChannelId,
  type Instant,
  type NoticeId,
  type Period,
  type RunId,
} from "../domain/ids.ts";
import { Refusal } from "./refusal.ts";

const written = (options: OptionValues, name: string): string | undefined => {
  const value: unknown = options[name];
  return typeof value === "string" ? value : undefined;
};

/** The domain's own check, its words made into a refusal. */
const checked = <A>(flag: string, read: () => A): A => {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal("usage", `${flag}: ${error.message}`, error);
    throw error;
  }
};

const optional =
  <A>(read: (text: string) => A) =>
  (options: OptionValues, name: string): A | undefined => {
    const text = written(options, name);
    return text === undefined ? undefined : checked(flagOf(name), () => read(text));
  };

/** `openedFrom` stands on the line as `--opened-from`. */
const flagOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;

export const textIn: (options: OptionValues, name: string) => string | undefined = optional((text) => text);
export const channelIn: (options: OptionValues, name: string) => ChannelId | undefined = optional(channelId);
export const runIn: (options: OptionValues, name: string) => RunId | undefined = optional(runId);
export const periodIn: (options: OptionValues, name: string) => Period | undefined = optional((text) =>
  period(Number(text)),
);
export const instantIn: (options: OptionValues, name: string) => Instant | undefined = optional((text) => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new RangeError(`write an instant such as 2026-11-21T09:00:00Z, not ${JSON.stringify(text)}`);
  return instant(ms);
});

/** A whole number within bounds. */
export const countIn = (
  options: OptionValues,
  name: string,
  {
    least = 1,
    most,
    otherwise,
  }: { readonly least?: number; readonly most: number; readonly otherwise: number },
): number => {
  const text = written(options, name);
  if (text === undefined) return otherwise;
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < least || count > most)
    throw new Refusal("usage", `${flagOf(name)} takes a whole number from ${least} to ${most}`);
  return count;
};

/** One of a few words. */
export const wordIn = <W extends string>(
  options: OptionValues,
  name: string,
  words: readonly W[],
): W | undefined => {
  const text = written(options, name);
  if (text === undefined) return undefined;
  const word = words.find((each) => each === text);
  if (word === undefined) throw new Refusal("usage", `${flagOf(name)} is one of ${words.join(", ")}`);
  return word;
};

/** A text that has to be there: a reason, an evidence. */
export const demanded = (options: OptionValues, name: string, example: string): string => {
  const text = written(options, name)?.trim() ?? "";
  if (text === "")
    throw new Refusal(
      "usage",
      `${flagOf(name)} is missing: say it in words, such as ${flagOf(name)} "${example}"`,
    );
  return text;
};

/** The first operand, as the id of a notice. */
export const noticeNamed = ([text]: readonly string[]): NoticeId =>
  checked("the notice", () => noticeId(text ?? ""));
