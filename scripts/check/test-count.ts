/**
 * What a test run came to, from vitest's JSON report: how many tests passed, failed, and were not run.
 *
 * A file that could not even be loaded has no tests in the report and still failed; a run that ended badly without
 * saying so in its report (an error outside any test, a killed worker) counts as one failure. A test that was
 * skipped has proved nothing, so it is named.
 */

export interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  /** The full names of the tests that were not run. */
  readonly notRun: readonly string[];
}

export const countTests = (report: TestReport | undefined, exitCode: number): TestCount => {
  let passed = 0;
  let failed = 0;
  const notRun: string[] = [];
  for (const file of report?.testResults ?? []) {
    let failedHere = 0;
    for (const test of file.assertionResults) {
      if (test.status === "passed") passed += 1;
      else if (test.status === "failed") failedHere += 1;
      else notRun.push(test.fullName);
    }
    failed += failedHere === 0 && file.status === "failed" ? 1 : failedHere;
  }
  if (exitCode !== 0 && failed === 0) failed = 1;
  return { passed, failed, notRun };
};

/** The closing line, alone on its line: the one thing a machine needs to read. */
export const closingLine = ({ passed, failed, notRun }: TestCount): string =>
  `${passed} passed, ${failed} failed${notRun.length > 0 ? `, ${notRun.length} skipped` : ""}`;

/** Why the tests do not let a change land, or nothing. In CI a test that was not run is a reason: nothing is optional there. */
export const objection = ({ failed, notRun }: TestCount, inCi: boolean): string | undefined => {
  if (failed > 0) return `${failed} failed`;
  if (inCi && notRun.length > 0) return `${notRun.length} not run, and in CI nothing is optional`;
  return undefined;
};
