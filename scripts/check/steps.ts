/**
 * The steps of a check, in the order in which they are reported: the cheap ones first, then the tests.
 *
 * Each is one tool with one command, started with the Node that runs the check, so that the same check can be made
 * with another Node.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");

export interface Step {
  readonly name: string;
  /** What a person types to see this failure again, alone. */
  readonly repeat: string;
  /** What a person types to mend it, where a machine can. */
  readonly mend?: string;
  readonly script: string;
  readonly args: readonly string[];
}

const ROOMS = ["src", "test", "scripts", "examples", "bench", "console"].filter((room) =>
  existsSync(join(root, room)),
);

export const cheapSteps: readonly Step[] = [
  {
    name: "format",
    repeat: "npm run check -- --only format",
    mend: "npm run format",
    script: "node_modules/oxfmt/bin/oxfmt",
    args: ["--check", "."],
  },
  {
    name: "types",
    repeat: "npm run check -- --only types",
    script: "node_modules/typescript-native/bin/tsc",
    args: ["-p", "tsconfig.json", "--pretty", "false"],
  },
  {
    name: "lint",
    repeat: "npm run check -- --only lint",
    script: "node_modules/oxlint/bin/oxlint",
    args: ["--config", "oxlint.config.js", "."],
  },
  {
    name: "imports",
    repeat: "npm run check -- --only imports",
    script: "node_modules/dependency-cruiser/bin/dependency-cruise.mjs",
    args: ["--config", ".dependency-cruiser.cjs", "--output-type", "err-long", ...ROOMS],
  },
];

/** The suites that need no server: the domain and the streams. */
export const QUICK_SUITES: readonly string[] = ["test/domain/", "test/streams/"];

export const testStep = (suites: readonly string[], reportFile: string): Step => ({
  name: "tests",
  repeat: ["npm run check -- --only tests", ...suites].join(" "),
  script: "node_modules/vitest/vitest.mjs",
  args: ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`, ...suites],
});
