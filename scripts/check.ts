/**
 * Everything that must hold before a change lands, in one command: `npm run check`, which `npm test` and CI run too.
 *
 *   npm run check                        format, types, lint, imports, then every test
 *   npm run check -- --quick             the same with the suites that need no server
 *   npm run check -- --only lint         one step: format | types | lint | imports | tests
 *   npm run check -- --only tests test/domain/   the tests under a path
 *
 * The cheap steps all run and all report, so that one look shows everything; the tests follow when those are green.
 * The last line is the count, alone on its line. With CI=true a test that was skipped is a failure: nothing is
 * optional there.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cheapSteps, QUICK_SUITES, root, type Step, testStep } from "./check/steps.ts";
import {
  closingLine,
  countTests,
  failureWords,
  objection,
  type TestCount,
  type TestReport,
} from "./check/test-count.ts";

interface Outcome {
  readonly step: Step;
  readonly exitCode: number;
  readonly seconds: number;
  readonly output: string;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const run = async (step: Step, show: "as it comes" | "when it failed"): Promise<Outcome> => {
  const begunAt = performance.now();
  const child = spawn(process.execPath, [step.script, ...step.args], {
    cwd: root,
    stdio: [
      "ignore",
      ...(show === "as it comes" ? (["inherit", "inherit"] as const) : (["pipe", "pipe"] as const)),
    ],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve(code ?? 1);
    });
  });
  return { step, exitCode, seconds: (performance.now() - begunAt) / 1000, output };
};

const report = ({ step, exitCode, seconds, output }: Outcome): void => {
  say(`${exitCode === 0 ? "ok    " : "FAILED"} ${step.name.padEnd(8)}${seconds.toFixed(1).padStart(6)} s`);
  if (exitCode !== 0 && output !== "") say(output.trimEnd());
};

const readReport = (file: string): TestReport | undefined => {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as TestReport;
  } catch {
    return undefined; // the run ended before it could write one; its exit code says the rest
  }
};

const runTests = async (suites: readonly string[]): Promise<{ outcome: Outcome; count: TestCount }> => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-check-"));
  try {
    const reportFile = join(folder, "tests.json");
    const outcome = await run(testStep(suites, reportFile), "as it comes");
    return { outcome, count: countTests(readReport(reportFile), outcome.exitCode) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** A failed step, with the words that a person needs to go on from there. */
const failureLine = ({ name, repeat, mend }: Step, reason?: string): string => {
  const notes = [reason, mend === undefined ? undefined : `mend: ${mend}`].filter(
    (note) => note !== undefined,
  );
  return `  ${name}: ${repeat}${notes.length === 0 ? "" : `   (${notes.join("; ")})`}`;
};

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    options: { only: { type: "string" }, quick: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const known = [...cheapSteps.map(({ name }) => name), "tests"];
  if (values.only !== undefined && !known.includes(values.only)) {
    say(`There is no step "${values.only}": it is one of ${known.join(", ")}.`);
    return 2;
  }
  const chosen = (name: string): boolean => values.only === undefined || values.only === name;
  const suites = [...positionals, ...(values.quick ? QUICK_SUITES : [])];
  const failures: string[] = [];

  const cheap = cheapSteps.filter(({ name }) => chosen(name)).map((step) => run(step, "when it failed"));
  for (const outcome of await Promise.all(cheap)) {
    report(outcome);
    if (outcome.exitCode !== 0) failures.push(failureLine(outcome.step));
  }

  let count: TestCount = { passed: 0, failed: failures.length, failures: [], notRun: [] };
  if (chosen("tests") && failures.length === 0) {
    const { outcome, count: tests } = await runTests(suites);
    count = tests;
    const reason = objection(tests, process.env["CI"] === "true");
    report({ ...outcome, exitCode: reason === undefined ? 0 : 1 });
    for (const name of tests.notRun) say(`       not run: ${name}`);
    if (reason !== undefined) {
      failures.push(
        failureLine(outcome.step, reason),
        ...tests.failures.map((failure) => `    ${failureWords(failure, root)}`),
      );
    }
  } else if (chosen("tests")) {
    say("       tests   not run: the steps above come first");
  }

  if (failures.length > 0) say(`\nWhat failed, and how to see it again:\n${failures.join("\n")}\n`);
  if (chosen("tests") || failures.length > 0) say(closingLine(count));
  return failures.length > 0 ? 1 : 0;
};

process.exitCode = await main();
