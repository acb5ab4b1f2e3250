/**
 * What a command says, and where: results on standard output, everything else on standard error.
 *
 * With `--json` the last line of standard output is one JSON object, whatever happened, so that a script reads that line
 * and nothing else; what is meant for people goes to standard error then. What is undefined or a secret prints as it
 * should: nothing, or stars.
 */
import { EXIT, type Ending, type ExitCode } from "./exit-codes.ts";
import { openProgress, type Progress, type Screen } from "./progress.ts";

export interface Streams {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Standard error is looked at by a person. */
  readonly isTerminal: boolean;
  readonly columns: () => number;
  /** For rates; a test turns it by hand. */
  readonly monotonicMs: () => number;
}

export interface Problem {
  /** What was being done, and what became of it. */
  readonly message: string;
  /** What to do about it. */
  readonly fix?: string;
  /** Further lines, such as one for each mistake in a file. */
  readonly details?: readonly string[];
}

export interface Output {
  readonly json: boolean;
  /** For people, while the work goes on. */
  readonly say: (text: string) => void;
  readonly progress: () => Progress;
  /** The result, once: the object for scripts, the lines for people. Answers the number to end with. */
  readonly result: (object: object, lines: readonly string[], ending?: Ending) => ExitCode;
  /** Instead of a result. */
  readonly problem: (ending: Exclude<Ending, "ok">, problem: Problem) => ExitCode;
}

export const openOutput = (streams: Streams, json: boolean): Output => {
  const { stdout, stderr } = streams;
  const forPeople = json ? stderr : stdout;
  const screen: Screen = { write: stderr, isTerminal: streams.isTerminal, columns: streams.columns };
  return {
    json,
    say: (text) => {
      forPeople(`${text}\n`);
    },
    progress: () => openProgress(screen, streams.monotonicMs),
    result: (object, lines, ending = "ok") => {
      for (const line of json ? [] : lines) stdout(`${line}\n`);
      if (json) stdout(`${JSON.stringify(object)}\n`);
      return EXIT[ending];
    },
    problem: (ending, { message, fix, details = [] }) => {
      const lines = [`millrace: ${message}`, ...details.map((detail) => `  ${detail}`)];
      if (fix !== undefined) lines.push(`  ${fix}`);
      stderr(`${lines.join("\n")}\n`);
      if (json) stdout(`${JSON.stringify({ error: { ending, message, fix, details } })}\n`);
      return EXIT[ending];
    },
  };
};

/** A terminal that says nothing of its width. */
const USUAL_COLUMNS = 80;

/** Those of this process. */
export const processStreams = (): Streams => ({
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  isTerminal: process.stderr.isTTY,
  columns: () => process.stderr.columns || USUAL_COLUMNS,
  monotonicMs: () => performance.now(),
});
