import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { policyCommand } from "../../../src/service/commands/policy.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";
import { calling, lastLine, urlOf } from "../calling.ts";

const written = (version: number, more = ""): string => `version: ${version}
zone: Asia/Seoul
channels:
  - { channel: email, maxAttempts: 3, backoff: { firstMs: 500, factor: 2, capMs: 2000 } }
expiresAfterMs: 259200000
${more}`;

let database: TestDatabase;
let folder: string;
let call: ReturnType<typeof calling>;
beforeAll(async () => {
  database = await freshDatabase();
  folder = mkdtempSync(join(tmpdir(), "millrace-policy-"));
  call = calling([policyCommand], { folder, environment: { MILLRACE_DATABASE_URL: urlOf(database) } });
});
beforeEach(() => database.clear());
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const fileOf = (text: string): string => {
  const file = join(folder, "policy.yaml");
  writeFileSync(file, text);
  return file;
};

describe("millrace policy", () => {
  it("puts the policy of a file into force, shows it, and shows in what another differs", async () => {
    expect(await call("policy", "show")).toMatchObject({ code: 1 });
    const first = fileOf(written(1));
    expect(await call("policy", "activate", first)).toMatchObject({
      ...{ code: 0, out: "Policy 1 is in force.\n" },
    });
    expect(lastLine(await call("policy", "show", "--json"))).toMatchObject({
      ...{ version: 1, policy: { zone: "Asia/Seoul" } },
    });
    const second = fileOf(written(2, 'quietHours:\n  - { from: "21:00", until: "08:00" }\n'));
    expect(lastLine(await call("policy", "diff", second, "--json"))).toMatchObject({
      active: 1,
      differences: [{ field: "version" }, { field: "quietHours" }],
    });
    expect(await call("policy", "activate", second)).toMatchObject({ code: 0 });
    expect(lastLine(await call("policy", "show", "1", "--json"))).toMatchObject({ version: 1 });
    expect(lastLine(await call("policy", "show", "--json"))).toMatchObject({ version: 2 });
  });

  it("never gives a number to two policies: the second one is a conflict, and says what to do", async () => {
    await call("policy", "activate", fileOf(written(1)));
    const other = await call("policy", "activate", fileOf(written(1).replace("259200000", "86400000")));
    expect(other).toMatchObject({ code: 4 });
    expect(other.error).toContain("give the changed one the next number");
  });

  it("says everything that is wrong with a file at once, with lines, without asking a database", async () => {
    const nowhere = calling([policyCommand], {
      environment: { MILLRACE_DATABASE_URL: "postgres://nobody:x@127.0.0.1:1/none" },
    });
    const wrong = fileOf(
      written(1).replace("Asia/Seoul", "Asia/Seul").replace("maxAttempts: 3", "maxAttempts: 0"),
    );
    const called = await nowhere("policy", "check", wrong);
    expect(called).toMatchObject({ code: 2 });
    expect(called.error).toContain("has 2 mistakes");
    expect(called.error).toMatch(/policy\.yaml:2: zone[^]*policy\.yaml:4: channels\[0\]\.maxAttempts/);
    expect(await nowhere("policy", "check", fileOf(written(1)))).toMatchObject({ code: 0 });
  });

  it("says that a file is not there", async () => {
    const called = await call("policy", "check", join(folder, "none.yaml"));
    expect(called).toMatchObject({ code: 2 });
    expect(called.error).toContain("none.yaml");
  });
});
