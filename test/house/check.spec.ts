/** How a run of the tests is counted: the closing line must never look better than the run was. */
import { describe, expect, it } from "vitest";
import { closingLine, countTests, objection, type TestReport } from "../../scripts/check/test-count.ts";

const file = (status: string, ...tests: string[]): TestReport["testResults"][number] => ({
  name: "a.spec.ts",
  status,
  assertionResults: tests.map((test, index) => ({ status: test, fullName: `test ${index}` })),
});
const report = (...testResults: TestReport["testResults"][number][]): TestReport => ({ testResults });

describe("the count of a test run", () => {
  it("adds up what passed and what failed over all files", () => {
    const count = countTests(report(file("passed", "passed"), file("failed", "passed", "failed")), 1);
    expect(closingLine(count)).toBe("2 passed, 1 failed");
    expect(objection(count, false)).toBe("1 failed");
  });

  it("counts a file that could not be loaded as a failure", () => {
    expect(countTests(report(file("failed")), 1)).toMatchObject({ passed: 0, failed: 1 });
  });

  it("counts a run that ended badly although every test passed as a failure", () => {
    expect(countTests(report(file("passed", "passed")), 1)).toMatchObject({ passed: 1, failed: 1 });
  });

  it("counts a run without a report as a failure", () => {
    expect(countTests(undefined, 137)).toMatchObject({ passed: 0, failed: 1 });
  });

  it("names the tests that were not run, and refuses them in CI", () => {
    const count = countTests(report(file("passed", "passed", "skipped", "todo", "pending")), 0);
    expect(count.notRun).toEqual(["test 1", "test 2", "test 3"]);
    expect(closingLine(count)).toBe("1 passed, 0 failed, 3 skipped");
    expect(objection(count, false)).toBeUndefined();
    expect(objection(count, true)).toMatch(/3 not run/);
  });

  it("has nothing to object to when every test was run and passed", () => {
    expect(objection(countTests(report(file("passed", "passed")), 0), true)).toBeUndefined();
  });
});
