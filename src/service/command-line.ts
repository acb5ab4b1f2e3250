/**
 * The frame of every command: what it is given, how it answers, and how its mistakes are said.
 *
 * A command is a function from a call to an exit code. It writes through `Output` only and never ends the process, so that
 * a test can call it, and so that nothing that was written is cut off.
 */
import { Command, CommanderError, type OptionValues } from "commander";
import { Result } from "effect";
import { isFailure } from "../failure.ts";
import type { LoadedConfig } from "./config/config.ts";
import type { Environment, FlagValue } from "./config/layers.ts";
import { loadConfig } from "./config/load.ts";
import { configErrorInWords } from "./config/written.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { openOutput, type Output, type Streams } from "./output.ts";
import { Refusal } from "./refusal.ts";

/** What a process has around it; a test brings its own. */
export interface Surroundings {
  readonly streams: Streams;
  readonly environment: Environment;
  /** The working directory. */
  readonly folder: string;
}

export interface Call {
  /** The command's own flags and those of the whole program. */
  readonly options: OptionValues;
  /** What stands without a flag, in order. */
  readonly operands: readonly string[];
  readonly output: Output;
  readonly surroundings: Surroundings;
  /** Reads the configuration and goes on with it, or says everything that is wrong with it. */
  readonly configured: (
    work: (loaded: LoadedConfig) => ExitCode | Promise<ExitCode>,
    flags?: readonly FlagValue[],
  ) => Promise<ExitCode>;
}

export type CommandWork = (call: Call) => ExitCode | Promise<ExitCode>;

/** How a command of one word or a group of them is made; `commands/all.ts` loads them. */
export type CommandModule = () => Command;

/** The work of each command, found again when commander has read the line. */
const WORK = new WeakMap<Command, CommandWork>();

/** Says what a command does. */
export const does = (command: Command, work: CommandWork): Command => {
  WORK.set(command, work);
  return command;
};

/** For whatever reports something. */
export const withJson = (command: Command): Command =>
  command.option("--json", "end standard output with one line of JSON, for scripts");

/** `examples(command, "millrace config print", "millrace config print --json")` */
export const examples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText("after", `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`);

export interface Program {
  readonly version: string;
  readonly modules: readonly CommandModule[];
}

/** Runs one line, `["config", "print"]`, and answers the number to end with. */
export const runCommandLine = async (
  program: Program,
  line: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> => {
  let code: ExitCode = EXIT.ok;
  const root = rootOf(program);
  forEachCommand(root, (command) => {
    command.exitOverride();
    command.configureOutput({
      writeOut: surroundings.streams.stdout,
      writeErr: surroundings.streams.stderr,
      outputError: (text, write) => {
        write(text.replace(/^error: /, "millrace: "));
      },
    });
    command.showHelpAfterError(`(millrace${pathOf(command)} --help shows what there is)`);
    const work = WORK.get(command);
    if (work !== undefined) {
      command.action(async () => {
        code = await workOn(command, work, surroundings);
      });
    }
  });
  try {
    await root.parseAsync([...line], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return commanderEnding(error);
    throw error;
  }
};

const rootOf = ({ version, modules }: Program): Command => {
  const root = new Command("millrace")
    .description("Sends every notice once: from candidate rows to settled notices.")
    .version(version, "-V, --version", "show the version")
    .option("--config <file>", "the configuration file (default: millrace.config.json, .yaml or .yml here)")
    .option(
      "--set <name=value>",
      "a setting, such as --set delivery.leaseMs=60000; as often as needed, stronger than file and environment",
      (text: string, before: readonly string[] | undefined) => [...(before ?? []), text],
    )
    .helpCommand(true);
  for (const module of modules) root.addCommand(module());
  return examples(
    root,
    "millrace demo",
    "millrace serve --role deliver --help",
    "millrace --config staging.yaml config print",
  );
};

const forEachCommand = (command: Command, visit: (command: Command) => void): void => {
  visit(command);
  for (const inner of command.commands) forEachCommand(inner, visit);
};

/** ` config print`; nothing for the program itself. */
const pathOf = (command: Command): string =>
  command.parent === null ? "" : `${pathOf(command.parent)} ${command.name()}`;

/** Help and version that were asked for are fine; everything else that commander ends with is a mistake in the line. */
const commanderEnding = ({ code }: CommanderError): ExitCode =>
  code === "commander.helpDisplayed" || code === "commander.version" ? EXIT.ok : EXIT.usage;

const workOn = async (command: Command, work: CommandWork, surroundings: Surroundings): Promise<ExitCode> => {
  const options = command.optsWithGlobals();
  const output = openOutput(surroundings.streams, options["json"] === true);
  const call: Call = {
    options,
    operands: command.args,
    output,
    surroundings,
    configured: async (configuredWork, flags = []) => {
      const loaded = load(options, surroundings, flags);
      if (Result.isSuccess(loaded)) return configuredWork(loaded.success);
      const count = loaded.failure.length;
      const message = `the configuration has ${count === 1 ? "a mistake" : `${count} mistakes`}`;
      return output.problem("usage", { message, details: loaded.failure.map(configErrorInWords) });
    },
  };
  try {
    return await work(call);
  } catch (error) {
    if (error instanceof Refusal && error.ending !== "ok") {
      return output.problem(error.ending, { message: error.message });
    }
    return output.problem("failed", { message: wordsOf(error), details: framesOf(error) });
  }
};

const load = (options: OptionValues, { environment, folder }: Surroundings, flags: readonly FlagValue[]) => {
  const { config, set = [] } = options as { config?: string; set?: readonly string[] }; // declared so on the root
  return loadConfig({ folder, environment, file: config, flags: [...set.map(settingOf), ...flags] });
};

const settingOf = (text: string): FlagValue => {
  const end = text.indexOf("=");
  const path = end === -1 ? text : text.slice(0, end);
  return { flag: "--set", path, text: end === -1 ? "" : text.slice(end + 1) };
};

/** A driver's error quotes the row that it tripped over, so of that only the code is shown. */
const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return "something was thrown that is no error";
  if ("severity" in error && "code" in error)
    return `the database refused a statement (${String(error.code)})`;
  return error.message === "" ? error.name : error.message;
};

const MOST_FRAMES = 8;

/** Where a bug is; an expected failure says enough by its message. */
const framesOf = (error: unknown): readonly string[] =>
  error instanceof Error && !isFailure(error)
    ? (error.stack ?? "")
        .split("\n")
        .filter((line) => /^\s+at /.test(line))
        .slice(0, MOST_FRAMES)
        .map((line) => line.trim())
    : [];
