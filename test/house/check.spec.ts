/** How a run of the tests is counted: the closing line must never look better than the run was. */
import { describe, expect, it } from "vitest";
import {
  closingLine,
  countTests,
  failureWords,
  objection,
  type TestReport,
} from "../../scripts/check/test-count.ts";

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

  it("names what failed, by file and with its first words, and a file that could not be loaded", () => {
    const red = "\u001B[31m";
    const broken = {
      ...file("failed"),
      message: "no such module",
    };
    const wrong = {
      ...file("failed", "passed"),
      assertionResults: [
        {
          status: "failed",
          fullName: "a pipeline settles",
          failureMessages: [`${red}Error: timed out\n  in 5 s\n    at somewhere.ts:3:4\n    at else.ts:1:1`],
        },
      ],
    };
    const { failures } = countTests(report(broken, { ...wrong, name: "/here/test/b.spec.ts" }), 1);
    expect(failures.map((failure) => failureWords(failure, "/here"))).toEqual([
      "a.spec.ts > (the whole file) > no such module",
      "test/b.spec.ts > a pipeline settles > Error: timed out in 5 s",
    ]);
  });

  it("has nothing to object to when every test was run and passed", () => {
    expect(objection(countTests(report(file("passed", "passed")), 0), true)).toBeUndefined();
  });
});
