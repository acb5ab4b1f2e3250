/**
 * The commands, in the order in which `millrace --help` lists them.
 */
import type { CommandModule } from "../command-line.ts";
import { configCommand } from "./config.ts";
import { demoCommand } from "./demo.ts";
import { dltCommand } from "./dlt.ts";
import { doctorCommand } from "./doctor.ts";
import { doubtCommand } from "./doubt.ts";
import { ingestCommand } from "./ingest.ts";
import { migrateCommand } from "./migrate.ts";
import { noticeCommand } from "./notice.ts";
import { pauseCommand, resumeCommand } from "./pause.ts";
import { policyCommand } from "./policy.ts";
import { runCommand } from "./run.ts";
import { serveCommand } from "./serve.ts";
import { statusCommand } from "./status.ts";
import { suppressCommand } from "./suppress.ts";
import { templateCommand } from "./template.ts";
import { topicsCommand } from "./topics.ts";
import { verifyCommand } from "./verify.ts";

export const COMMANDS: readonly CommandModule[] = [
  demoCommand,
  serveCommand,
  runCommand,
  migrateCommand,
  topicsCommand,
  ingestCommand,
  policyCommand,
  pauseCommand,
  resumeCommand,
  statusCommand,
  noticeCommand,
  dltCommand,
  doubtCommand,
  suppressCommand,
  verifyCommand,
  configCommand,
  templateCommand,
  doctorCommand,
];
