/**
 * What a test run came to, from vitest's JSON report: how many tests passed, failed, and were not run.
 *
 * A file that could not even be loaded has no tests in the report and still failed; a run that ended badly without
 * saying so in its report (an error outside any test, a killed worker) counts as one failure. A test that was
 * skipped has proved nothing, so it is named. So is a failure, with its first words: whoever reads only the end of a long output
 * has to see what failed.
 */
import { stripVTControlCharacters } from "node:util";

export interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

export interface TestFailure {
  readonly file: string;
  /** Its full name; none where the file itself could not be loaded. */
  readonly test: string | undefined;
  /** The first words of what it said. */
  readonly why: string;
}

export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  /** Which, and why; fewer than `failed` where a run ended badly without naming anybody. */
  readonly failures: readonly TestFailure[];
  /** The full names of the tests that were not run. */
  readonly notRun: readonly string[];
}

/** A stack and a difference of two objects stand above, in the run's own output. */
const WORDS_LIMIT = 300;

const firstWords = (message: string | undefined): string => {
  const [before = ""] = stripVTControlCharacters(message ?? "").split(/\n\s+at /);
  const words = before.replaceAll(/\s+/g, " ").trim();
  return words.length > WORDS_LIMIT ? `${words.slice(0, WORDS_LIMIT)} …` : words;
};

export const countTests = (report: TestReport | undefined, exitCode: number): TestCount => {
  let passed = 0;
  let failed = 0;
  const failures: TestFailure[] = [];
  const notRun: string[] = [];
  for (const file of report?.testResults ?? []) {
    let failedHere = 0;
    for (const test of file.assertionResults) {
      if (test.status === "passed") passed += 1;
      else if (test.status === "failed") {
        failedHere += 1;
        failures.push({
          file: file.name,
          test: test.fullName,
          why: firstWords(test.failureMessages?.[0]),
        });
      } else notRun.push(test.fullName);
    }
    if (failedHere === 0 && file.status === "failed") {
      failures.push({ file: file.name, test: undefined, why: firstWords(file.message) });
      failedHere = 1;
    }
    failed += failedHere;
  }
  if (exitCode !== 0 && failed === 0) failed = 1;
  return { passed, failed, failures, notRun };
};

/** The closing line, alone on its line: the one thing a machine needs to read. */
export const closingLine = ({ passed, failed, notRun }: TestCount): string =>
  `${passed} passed, ${failed} failed${notRun.length > 0 ? `, ${notRun.length} skipped` : ""}`;

/** A failure on a line of its own. @param root paths are shortened by it */
export const failureWords = ({ file, test, why }: TestFailure, root: string): string =>
  [file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file, test ?? "(the whole file)", why]
    .filter((part) => part !== "")
    .join(" > ");

/** Why the tests do not let a change land, or nothing. In CI a test that was not run is a reason: nothing is optional there. */
export const objection = ({ failed, notRun }: TestCount, inCi: boolean): string | undefined => {
  if (failed > 0) return `${failed} failed`;
  if (inCi && notRun.length > 0) return `${notRun.length} not run, and in CI nothing is optional`;
  return undefined;
};
