/**
 * The commands, in the order in which `millrace --help` lists them.
 *
 * Each is loaded when a line asks for it: what a service needs takes a second to load, and who reads a policy should not wait for it.
 */
import type { CommandModule } from "../command-line.ts";

const LOADERS: ReadonlyMap<string, () => Promise<CommandModule>> = new Map([
  ["demo", async () => (await import("./demo.ts")).demoCommand],
  ["serve", async () => (await import("./serve.ts")).serveCommand],
  ["run", async () => (await import("./run.ts")).runCommand],
  ["migrate", async () => (await import("./migrate.ts")).migrateCommand],
  ["topics", async () => (await import("./topics.ts")).topicsCommand],
  ["ingest", async () => (await import("./ingest.ts")).ingestCommand],
  ["policy", async () => (await import("./policy.ts")).policyCommand],
  ["pause", async () => (await import("./pause.ts")).pauseCommand],
  ["resume", async () => (await import("./pause.ts")).resumeCommand],
  ["status", async () => (await import("./status.ts")).statusCommand],
  ["notice", async () => (await import("./notice.ts")).noticeCommand],
  ["dlt", async () => (await import("./dlt.ts")).dltCommand],
  ["doubt", async () => (await import("./doubt.ts")).doubtCommand],
  ["suppress", async () => (await import("./suppress.ts")).suppressCommand],
  ["verify", async () => (await import("./verify.ts")).verifyCommand],
  ["config", async () => (await import("./config.ts")).configCommand],
  ["template", async () => (await import("./template.ts")).templateCommand],
  ["doctor", async () => (await import("./doctor.ts")).doctorCommand],
]);

export const allCommands = (): Promise<readonly CommandModule[]> =>
  Promise.all([...LOADERS.values()].map((load) => load()));

/** The one that the line's first word names; all, where it names none: somebody asks for help, or gives the program's flags first. */
export const commandsFor = async ([first = ""]: readonly string[]): Promise<readonly CommandModule[]> => {
  const load = LOADERS.get(first);
  return load === undefined ? allCommands() : [await load()];
};
