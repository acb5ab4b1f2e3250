/** Calls the command as a shell would, in this process, and keeps what it writes; `heard` is told of each result line as it comes. */
import { tmpdir } from "node:os";
import { type CommandModule, runCommandLine, type Surroundings } from "../../src/service/command-line.ts";
import { addressOf, type TestDatabase } from "../support/postgres.ts";
import type { ExitCode } from "../../src/service/exit-codes.ts";

export interface Called {
  readonly code: ExitCode;
  readonly out: string;
  readonly error: string;
}

export const calling =
  (
    modules: readonly CommandModule[],
    around: Partial<Omit<Surroundings, "streams">> = {},
    heard: (text: string) => void = () => undefined,
  ) =>
  async (...line: readonly string[]): Promise<Called> => {
    const out: string[] = [];
    const error: string[] = [];
    const code = await runCommandLine({ version: "1.2.3", modules }, line, {
      // Nobody keeps a configuration in the folder of temporary files.
      folder: tmpdir(),
      environment: {},
      ...around,
      streams: {
        stdout: (text) => {
          out.push(text);
          heard(text);
        },
        stderr: (text) => error.push(text),
        isTerminal: false,
        columns: () => 80,
        monotonicMs: () => 0,
      },
    });
    return { code, out: out.join(""), error: error.join("") };
  };

/** As an operator writes it. */
export const urlOf = (
  { admin }: Pick<TestDatabase, "admin">,
  change: Partial<TestDatabase["admin"]> = {},
): string => addressOf({ ...admin, ...change });

/** What a script reads: the last line of standard output. */
export const lastLine = ({ out }: Called): unknown => JSON.parse(out.trimEnd().split("\n").at(-1) ?? "");
