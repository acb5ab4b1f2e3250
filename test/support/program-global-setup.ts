/**
 * The program as JavaScript, compiled once for a test run and only when a spec asks for it: from its sources a process needs two
 * seconds of CPU to begin, from this one a third of it, and the end-to-end suites start dozens.
 *
 * It lies in the run's own folder, in the same places as the sources: never older than the run, and gone with it. Of types nothing is
 * checked here; that is a step of its own.
 */
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { hangDoorbell } from "./doorbell.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where a spec asks for the folder of the compiled program. */
    readonly programDoorbell: number;
  }
}

const ROOT = join(import.meta.dirname, "../..");
const COMPILER = join(ROOT, "node_modules/typescript/bin/tsc");

/** What specs start beside the command. */
const SCRIPTS = ["test/support/fake-gateway-process.ts", "test/service/end-to-end/broken-helper.ts"];

/** A compiler that takes longer hangs; on an idle machine it takes 6 s. */
const PATIENCE_MS = 300_000;

const build = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "program-"));
  const project = join(folder, "tsconfig.json");
  const compilerOptions = {
    rootDir: ROOT,
    outDir: folder,
    noCheck: true,
    typeRoots: [join(ROOT, "node_modules/@types")],
  };
  await writeFile(
    project,
    JSON.stringify({
      extends: join(ROOT, "tsconfig.build.json"),
      compilerOptions,
      include: [join(ROOT, "src")],
      files: SCRIPTS.map((script) => join(ROOT, script)),
    }),
  );
  await promisify(execFile)(process.execPath, [COMPILER, "-p", project], {
    cwd: ROOT,
    timeout: PATIENCE_MS,
  }).catch((error: unknown) => {
    const { stdout = "" } = error as { readonly stdout?: string }; // execFile rejects with the output on it
    throw new Error(`the program could not be compiled: ${stdout || String(error)}`);
  });
  await copyFile(join(ROOT, "package.json"), join(folder, "package.json"));
  for (const name of ["node_modules", "templates"]) await symlink(join(ROOT, name), join(folder, name));
  return folder;
};

export const setup = async (project: TestProject): Promise<() => void> => {
  let folder: Promise<string> | undefined;
  const doorbell = await hangDoorbell(() => (folder ??= build()));
  project.provide("programDoorbell", doorbell.port);
  // who watches changes the sources between two runs
  project.onTestsRerun(() => {
    folder = undefined;
  });
  return doorbell.close;
};
