/**
 * The commands, in the order in which `millrace --help` lists them.
 */
import type { CommandModule } from "../command-line.ts";
import { configCommand } from "./config.ts";
import { demoCommand } from "./demo.ts";
import { templateCommand } from "./template.ts";

export const COMMANDS: readonly CommandModule[] = [demoCommand, configCommand, templateCommand];
