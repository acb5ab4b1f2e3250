/** Reads a command line as the program does, without running it. */
import { Command } from "commander";
import { allCommands } from "../../src/service/commands/all.ts";

const COMMANDS = await allCommands();

export interface ReadLine {
  /** `migrate up` */
  readonly path: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Rejects where the program would end with 2. */
export const reading = async (line: readonly string[]): Promise<ReadLine> => {
  const program = new Command("millrace").exitOverride().configureOutput({ writeErr: () => undefined });
  const read: ReadLine[] = [];
  const listen = (command: Command, path: string): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    if (command.commands.length === 0)
      command.action(() => void read.push({ path, options: command.opts() }));
    for (const inner of command.commands) listen(inner, `${path} ${inner.name()}`);
  };
  for (const module of COMMANDS) program.addCommand(module());
  for (const command of program.commands) listen(command, command.name());
  await program.parseAsync([...line], { from: "user" });
  const [first] = read;
  if (first === undefined) throw new Error(`${line.join(" ")} runs no command`);
  return first;
};
