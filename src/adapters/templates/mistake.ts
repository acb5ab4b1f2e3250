/**
 * What is wrong with a set of templates, in words for the person who writes them: all of it at once, each with its
 * place. A mistake is found before anything is sent, so it may quote the template; it never sees a bill.
 */
export interface TemplateMistake {
  /** Relative to the folder of the sets: `2026-11/bill/email.html.hbs`. */
  readonly file: string;
  /** Counts from 1; `null` where the mistake has no line, such as a file that is not there. */
  readonly line: number | null;
  readonly words: string;
}

/** `2026-11/bill/sms.txt.hbs:3: …`, as an editor can jump to. */
export const mistakeInWords = ({ file, line, words }: TemplateMistake): string =>
  `${line === null ? file : `${file}:${line}`}: ${words}`;

/** What reading a set adds to. */
export type Mistakes = TemplateMistake[];
