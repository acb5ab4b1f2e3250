/**
 * The program as it is built: from its sources a process needs two seconds of CPU to begin, from this less than half a second. Each file
 * lies where its source does, the examples too, for which the package is what is compiled here. Of types nothing is checked; that is a
 * step of its own.
 */
import { execFile } from "node:child_process";
import { copyFile, cp, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { bundle, bundleCommand } from "../../scripts/bundle.ts";

const ROOT = join(import.meta.dirname, "../..");
const COMPILER = join(ROOT, "node_modules/typescript-native/bin/tsc");

/** What specs start beside the command, by the dozen, */
const HELPERS = ["test/support/fake-gateway-process.ts", "test/service/end-to-end/broken-helper.ts"];
/** and once or twice. */
const PROOFS = ["scripts/prove-kills.ts", "scripts/prove-kafka.ts"];

/** A compiler that takes longer hangs; on an idle machine it takes 2 s. */
const PATIENCE_MS = 300_000;

/** Compiles it; the caller takes the folder away. */
export const buildProgram = async (): Promise<string> => {
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
      include: ["src", "examples"].map((room) => join(ROOT, room)),
      files: PROOFS.map((script) => join(ROOT, script)),
    }),
  );
  await promisify(execFile)(process.execPath, [COMPILER, "-p", project], {
    cwd: ROOT,
    timeout: PATIENCE_MS,
  }).catch((error: unknown) => {
    const { stdout = "" } = error as { readonly stdout?: string }; // execFile rejects with the output on it
    throw new Error(`the program could not be compiled: ${stdout || String(error)}`);
  });
  const helpers = Object.fromEntries(
    HELPERS.map((source) => [source.replace(/\.ts$/, ""), join(ROOT, source)]),
  );
  await bundle({ programs: helpers, into: folder, sourcemap: false });
  await bundleCommand(join(folder, "src"), { sourcemap: false });
  await copyFile(join(ROOT, "package.json"), join(folder, "package.json"));
  for (const name of ["node_modules", "templates"]) await symlink(join(ROOT, name), join(folder, name));
  // what a user of the package gets by its name
  await symlink(join(folder, "src"), join(folder, "dist"));
  // what the examples read and are compared with
  await cp(join(ROOT, "examples"), join(folder, "examples"), {
    recursive: true,
    filter: (path) => !path.endsWith(".ts"),
  });
  return folder;
};

/** For Node: its flags, and the script, by the path of its source. */
export type Started = (source: string) => readonly string[];

/** How a program is called that lies in `folder`. */
export const startedIn =
  (folder: string): Started =>
  (source) => [join(folder, relative(ROOT, source).replace(/\.ts$/, ".js"))];
