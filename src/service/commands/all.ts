/**
 * The commands, in the order in which `millrace --help` lists them.
 */
import type { CommandModule } from "../command-line.ts";
import { configCommand } from "./config.ts";
import { demoCommand } from "./demo.ts";
import { dltCommand } from "./dlt.ts";
import { doubtCommand } from "./doubt.ts";
import { ingestCommand } from "./ingest.ts";
import { noticeCommand } from "./notice.ts";
import { statusCommand } from "./status.ts";
import { suppressCommand } from "./suppress.ts";
import { templateCommand } from "./template.ts";
import { verifyCommand } from "./verify.ts";

export const COMMANDS: readonly CommandModule[] = [
  demoCommand,
  ingestCommand,
  statusCommand,
  noticeCommand,
  dltCommand,
  doubtCommand,
  suppressCommand,
  verifyCommand,
  configCommand,
  templateCommand,
];
