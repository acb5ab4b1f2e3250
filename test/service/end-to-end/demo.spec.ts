/**
 * What a newcomer does first, as processes: a demonstration to its end, a second one beside it, and one that is killed.
 */
import { describe, it } from "vitest";
import { openBuiltPlace } from "./built-place.ts";
import { doubtsOf, lastLine } from "./place.ts";

const CLEAN = { ok: true, balanced: true, lost: 0, duplicates: 0, in_doubt: 0, open: 0, violations: [] };
const LIMIT_MS = 300_000;

/** What a demonstration waits for anyway, shorter: the doubts of a kill resolve themselves after these. */
const BRIEF = {
  MILLRACE_DELIVERY_LEASE_MS: "2000",
  MILLRACE_DELIVERY_SEND_WINDOW_MS: "1500",
  MILLRACE_DELIVERY_ANSWER_WINDOW_MS: "2000",
  MILLRACE_UPKEEP_ANSWER_WINDOW_MS: "2000",
  ...Object.fromEntries(
    ["EMAIL", "SMS"].flatMap((channel) => [
      [`MILLRACE_PROVIDERS_${channel}_LATENCY_MS`, "500"],
      [`MILLRACE_PROVIDERS_${channel}_DELTA_MS`, "1000"],
    ]),
  ),
  // a process that is stopped in a transaction is not to lose it
  MILLRACE_DATABASE_STATEMENT_TIMEOUT_MS: "120000",
  MILLRACE_DATABASE_IDLE_IN_TRANSACTION_MS: "60000",
};

// at once: what they do is to wait, most of the time
describe.concurrent("millrace demo", { timeout: LIMIT_MS }, () => {
  it("goes to a clean end, and a second one beside it is told who is at it", async ({
    expect,
    onTestFinished,
  }) => {
    const { start, close } = await openBuiltPlace(BRIEF);
    onTestFinished(close, LIMIT_MS);
    const first = start("demo", "--count", "300", "--json");
    await first.says(/Postgres is ready/);
    first.kill("SIGSTOP"); // holds its seat for as long as the second one takes to look
    const second = await start("demo", "--count", "300", "--json").ended;
    first.kill("SIGCONT");
    expect(second).toMatchObject({ code: 4, signal: null });
    expect(second.error).toContain(`another demonstration runs here already (process ${first.pid})`);
    expect(lastLine(second)).toMatchObject({ error: { ending: "conflict" } });

    const ended = await first.ended;
    expect(ended.error).toContain("300 bills of made-up people");
    expect(ended.code).toBe(0);
    expect(lastLine(ended)).toMatchObject({ ...CLEAN, ingested: 300 });
  });

  it("outlasts the end of its server: it says so, starts it again, and goes on", async ({
    expect,
    onTestFinished,
  }) => {
    const { start, until, query, killServer, close } = await openBuiltPlace(BRIEF);
    onTestFinished(close, LIMIT_MS);
    const demo = start("demo", "--count", "100", "--json");
    await demo.says(/100 bills of made-up people/);
    await until("rights to send are out", async () => {
      return (await query("SELECT FROM millrace.attempt WHERE state = 'intent' LIMIT 1")).length > 0;
    });
    await killServer("SIGKILL");
    const ended = await demo.ended;
    expect(ended.error).toMatch(/The embedded Postgres is gone: starting it again/);
    expect(ended.error).toMatch(/The database is there again, after \d+ s/);
    expect(lastLine(ended)).toMatchObject({ ...CLEAN, ingested: 100 });
    expect(ended.code).toBe(0);
  });

  for (const what of ["the program", "the program and its server"]) {
    it(`killed in the middle (${what}), it is finished by the next start, and nothing is lost or sent twice`, async ({
      expect,
      onTestFinished,
    }) => {
      const { start, until, query, killServer, close } = await openBuiltPlace(BRIEF);
      onTestFinished(close, LIMIT_MS);
      const first = start("demo", "--count", "300", "--json");
      await first.says(/300 bills of made-up people/);
      await until("rights to send are out", async () => {
        const found = await query("SELECT FROM millrace.attempt WHERE state = 'intent' LIMIT 1");
        return found.length > 0;
      });
      first.kill("SIGKILL");
      expect(await first.ended).toMatchObject({ signal: "SIGKILL" });
      if (what !== "the program") await killServer();

      const again = await start("demo", "--count", "20", "--json").ended;
      expect(again.error).toMatch(
        /An earlier demonstration was interrupted: \d+ notices of it are finished first/,
      );
      expect(again.error).toContain("20 bills of made-up people");
      expect(again.code).toBe(0);
      expect(lastLine(again)).toMatchObject({ ...CLEAN, ingested: 320 });
      expect(await doubtsOf({ query })).toBeGreaterThan(0);
    });
  }
});
