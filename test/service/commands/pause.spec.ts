import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pauseCommand, resumeCommand } from "../../../src/service/commands/pause.ts";
import { statusCommand } from "../../../src/service/commands/status.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";
import { calling, lastLine, urlOf } from "../calling.ts";

let database: TestDatabase;
let call: ReturnType<typeof calling>;
beforeAll(async () => {
  database = await freshDatabase();
  call = calling([pauseCommand, resumeCommand, statusCommand], {
    environment: { MILLRACE_DATABASE_URL: urlOf(database) },
  });
});
beforeEach(() => database.clear());
afterAll(() => database.drop());

const history = () =>
  database.query("SELECT action, subject, reason FROM millrace.gate_history ORDER BY at, action");

describe("millrace pause and resume", () => {
  it("shut the gate of everything and open it again, with the reason of each kept", async () => {
    expect(await call("pause", "--reason", "wrong amounts", "--json")).toMatchObject({ code: 0 });
    expect(lastLine(await call("status", "--json"))).toMatchObject({
      pauses: [{ scope: "*", reason: "wrong amounts" }],
    });
    const resumed = await call("resume", "--reason", "the amounts are right now", "--json");
    expect(resumed.code).toBe(0);
    expect(lastLine(resumed)).toEqual({ resumed: "*", reason: "the amounts are right now" });
    expect(lastLine(await call("status", "--json"))).toMatchObject({ pauses: [] });
    expect(await history()).toEqual([
      { action: "pause", subject: "*", reason: "wrong amounts" },
      { action: "resume", subject: "*", reason: "the amounts are right now" },
    ]);
  });

  it("take one channel by itself, and say how to go on with it", async () => {
    const paused = await call("pause", "sms", "--reason", "provider asks");
    expect(paused.out).toContain('Paused sms: no right to send commits from now on. "millrace resume sms"');
    expect((await call("resume", "sms")).code).toBe(0);
    expect(await history()).toMatchObject([{ subject: "sms" }, { subject: "sms", reason: null }]);
  });

  it("ask for a reason before anything is stopped, and for a channel that can be one", async () => {
    const unsaid = await call("pause", "sms");
    expect(unsaid).toMatchObject({ code: 2 });
    expect(unsaid.error).toContain('--reason is missing: say it in words, such as --reason "wrong amounts');
    expect(await call("pause", "S M S", "--reason", "x")).toMatchObject({ code: 2 });
    expect(await history()).toEqual([]);
  });
});
