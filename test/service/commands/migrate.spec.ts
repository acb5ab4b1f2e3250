import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrateCommand } from "../../../src/service/commands/migrate.ts";
import { statusCommand } from "../../../src/service/commands/status.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";
import { calling, lastLine, urlOf } from "../calling.ts";

let empty: TestDatabase;
let call: ReturnType<typeof calling>;
beforeAll(async () => {
  empty = await freshDatabase("template0");
  call = calling([migrateCommand, statusCommand], { environment: { MILLRACE_DATABASE_URL: urlOf(empty) } });
});
afterAll(() => empty.drop());

describe("millrace migrate", () => {
  it("shows what it would run and runs nothing, then runs it, then has nothing to do", async () => {
    const plan = await call("migrate", "plan");
    expect(plan).toMatchObject({ code: 0 });
    expect(plan.out).toContain("CREATE TABLE millrace.notice");
    expect(lastLine(await call("migrate", "status", "--json"))).toMatchObject({ state: "behind" });
    expect(await call("migrate", "status")).toMatchObject({ code: 3 });

    const ran = await call("migrate", "up", "--json");
    expect(lastLine(ran)).toMatchObject({ ran: expect.arrayContaining(["0001-ledger"]) as unknown });
    expect(await call("migrate", "status")).toMatchObject({ code: 0, out: "The schema is current.\n" });
    expect((await call("migrate", "up")).out).toContain("The schema was current already.");
    expect((await call("migrate", "plan")).out).toContain("Nothing is pending.");
    expect(await call("status")).toMatchObject({ code: 0 });
  });

  it("says that a password is wrong in the words of every other command", async () => {
    const wrong = calling([migrateCommand], {
      environment: { MILLRACE_DATABASE_URL: urlOf(empty, { password: "a-wrong-secret" }) },
    });
    for (const what of ["up", "status", "plan"]) {
      const called = await wrong("migrate", what);
      expect(called.error).toContain("does not accept our password: look at MILLRACE_DATABASE_URL");
      expect(called).toMatchObject({ code: 3 });
    }
  });
});
