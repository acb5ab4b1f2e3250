/**
 * The log: one line of JSON for each thing that somebody may have to look into, and none for what went well.
 *
 * What may stand in a line is decided by the compiler (`domain/masking-loggable`): numbers, ids, masked texts, words of our
 * own. Plain text does not compile. Lines are written at once, not gathered: there are few, and the last ones before a crash
 * are those that count.
 */
import { destination, pino, type Logger } from "pino";
import type { Brand } from "effect";
import type { Loggable } from "../../domain/masking-loggable.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** `noun:verb:phase`, as the events are named. */
export type LogEvent =
  | "service:start:done"
  | "service:drain:begin"
  | "service:end:done"
  | "letter:open:done"
  | "doubt:open:done"
  | "doubt:owe:done"
  | "broker:away:seen"
  | "group:join:done"
  | "group:rebalance:begin"
  | "log:gap:seen"
  | "log:begin-anew:seen"
  | "log:publish:failed"
  | "log:publish:done"
  | "run:open:done"
  | "run:end:done"
  | "provider:pause:begin"
  | "provider:pause:done"
  | "pipeline:restart:begin"
  | "pipeline:end:done"
  | "intake:stop:done"
  | "source:close:failed"
  | "item:stick:done"
  | "duty:fail:done"
  | "duty:break:done"
  | "bug:seen:done";

export interface Log {
  readonly write: <const Fields extends object>(
    level: LogLevel,
    event: LogEvent,
    fields: Fields & Loggable<Fields>,
  ) => void;
}

export interface LogOptions {
  /** The least that is written, beside the lines that are owed for letters. Default `info`. */
  readonly level?: LogLevel;
  /** Of this process, in every line. */
  readonly worker?: LogWord;
  /** Takes a whole line with its end. Default: standard error, since standard output belongs to results. */
  readonly sink?: { readonly write: (line: string) => void };
}

const STANDARD_ERROR = 2;

/** Promised for each entry into `failed` or `in_doubt`, and marked as told once written: no level leaves them out. */
const OWED: ReadonlySet<LogEvent> = new Set<LogEvent>(["letter:open:done", "doubt:open:done"]);

/**
 * Throws where a line that is owed cannot be written: who has to know that it was (`letter-lines`) learns it. Any other is lost there,
 * as on a full disk: who writes it listens to work, and a listener that throws once is never told again.
 */
export const openLog = ({ level = "info", worker, sink }: LogOptions = {}): Log => {
  const logger: Logger = pino(
    {
      level,
      base: worker === undefined ? null : { worker },
      timestamp: () => `,"at":"${new Date().toISOString()}"`,
      formatters: { level: (name) => ({ level: name }) },
    },
    sink ?? destination({ fd: STANDARD_ERROR, sync: true }),
  );
  const always = logger.child({}, { level: "debug" });
  return {
    write: (at, event, fields) => {
      if (OWED.has(event)) {
        always[at]({ event, ...fields });
        return;
      }
      try {
        logger[at]({ event, ...fields });
      } catch {
        // there is no other place to say it in
      }
    },
  };
};

/** A word such as a stage's name or a code; never a sentence, an address or a number, so it names nobody. */
export type LogWord = string & Brand.Brand<"LogWord">;

const WORD = /^[A-Za-z][A-Za-z0-9]*([-_:.]+[A-Za-z0-9]+)*$/;
const LONGEST_WORD = 80;

/**
 * The word that a text begins with, up to a space: of `render-notice: no name in the bill` the stage. What is no word is
 * `in-words`, which says: ask `millrace notice why`.
 */
export const logWord = (text: string): LogWord => {
  const [first = ""] = text.split(/[\s,;]/, 1);
  const word = first.replace(/:$/, "");
  return (word.length <= LONGEST_WORD && WORD.test(word) ? word : "in-words") as LogWord; // of a word's letters only
};

/** A record's name: `partition@offset`, or the id that its source gave it. */
const RECORD = /^[A-Za-z0-9_.:/-]{1,200}(@\d{1,20})?$/;

export const logRecord = (record: string): LogWord => (RECORD.test(record) ? record : "unnamed") as LogWord; // no address passes: behind an @ there are digits only
