/**
 * What may enter a log line, an event, an error or a metric, decided by the compiler.
 *
 * Plain `string` may not: nobody can see from the type what is in it. Numbers, literals, ids and other branded texts,
 * masked texts and sentences built by `logText` may. `Sensitive` values may not either: log their `masked`.
 *
 * ```ts
 * const log = <const Fields extends object>(fields: Fields & Loggable<Fields>): void => …;
 * log({ notice: noticeId("n-1"), to: contact.masked }); // compiles
 * log({ to: reveal(contact) }); // does not: plain text may hold personal data
 * ```
 */
import type { Brand } from "effect";
import type { Sensitive } from "./masking-sensitive.ts";

/** A sentence whose fixed parts are in the source and whose other parts were loggable. */
export type LogText = string & Brand.Brand<"LogText">;

/** No value has this type; its name is what the compiler prints. */
export interface NotLoggable<Why extends string> {
  readonly notLoggable: Why;
  readonly [unmakeable]: never;
}
declare const unmakeable: unique symbol;

/**
 * True for a literal, which is in the source, and for a branded text, which was checked or masked. Not for a pattern:
 * the compiler takes `sent to ${plain}` for one, and a record keyed by a pattern needs no key, as one by a literal does.
 */
type IsOwnWords<T extends string> =
  T extends Brand.Brand<infer _Name> ? true : Record<never, never> extends Record<T, never> ? false : true;

/** `T` itself where it may be logged; where a part may not, a type at that part that no value has. */
export type Loggable<T> = unknown extends T
  ? never // also refuses `any`, which would fit into every other type
  : T extends number | boolean | null | undefined
    ? T
    : T extends string
      ? IsOwnWords<T> extends true
        ? T
        : NotLoggable<"plain text may hold personal data: mask it, or build it with logText">
      : T extends Sensitive<unknown>
        ? NotLoggable<"log its mask instead">
        : T extends (...parameters: never[]) => unknown
          ? NotLoggable<"it is a function">
          : T extends Error
            ? NotLoggable<"an error's message is plain text: log its tag and code">
            : string extends keyof T
              ? NotLoggable<"its keys are plain text">
              : { readonly [Key in keyof T]: Loggable<T[Key]> };

/** logText`claim of ${noticeId} lost` */
export const logText = <const Parts extends readonly unknown[]>(
  fixed: TemplateStringsArray,
  ...parts: Parts & Loggable<Parts>
): LogText => {
  const words = fixed.map((text, place) => (place < parts.length ? `${text}${String(parts[place])}` : text));
  return words.join("") as LogText; // built from the source's own words and parts that may be logged
};
