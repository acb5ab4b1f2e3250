/**
 * The service as its operator has it: each role a process, a gateway beside, bills out of a file; killed, paused, ended.
 */
import { describe, it } from "vitest";
import { openBuiltPlace } from "./built-place.ts";
import { BRIEF, gatewayFlags, readiness, startGateway, startRun, writeBills } from "./november.ts";
import { lastLine, type Place, type Running } from "./place.ts";
import { SendsAtKills } from "./sends-at-kills.ts";

/** Each wait has its own patience; this is for all of a case, on a machine that does ten other things. */
const LIMIT_MS = 600_000;
const COUNT = 400;

const rightsGiven = async ({ query }: Place): Promise<number> =>
  Number((await query<{ n: string }>("SELECT count(*) AS n FROM millrace.attempt"))[0]?.n);

const isSending = async ({ query }: Place): Promise<boolean> =>
  (await query("SELECT FROM millrace.attempt WHERE state = 'intent' LIMIT 1")).length > 0;

/** Whichever of them has rights to send out just now. */
const whoSends = async ({ query }: Place, some: readonly Running[]): Promise<Running | undefined> => {
  const owners = await query<{ pid: string }>(
    "SELECT DISTINCT split_part(owner, ':', 2) AS pid FROM millrace.notice WHERE status = 'sending'",
  );
  return some.find((each) => owners.some(({ pid }) => Number(pid) === each.pid));
};

const isSettled = async ({ query }: Place): Promise<boolean> =>
  (
    await query(
      "SELECT FROM millrace.notice WHERE status NOT IN ('sent', 'failed', 'suppressed', 'expired', 'cancelled') LIMIT 1",
    )
  ).length === 0;

const baseOf = async (serve: Running): Promise<string> =>
  (await serve.says(/(http:\/\/127\.0\.0\.1:\d+)\/readyz/))[1] ?? "";

const failing = async (base: string): Promise<readonly { readonly name: string }[]> =>
  (await readiness(base)).checks.filter(({ ok }) => !ok);

/** Bills, for a ledger that somebody serves already: a server that nobody uses would be started for each command. */
const furnish = async (place: Place): Promise<void> => {
  const ingested = await place.call("ingest", await writeBills(place, COUNT), "--json");
  if (ingested.code !== 0) throw new Error(ingested.error);
};

// at once: what they do is to wait, most of the time
describe.concurrent("millrace serve", { timeout: LIMIT_MS }, () => {
  it("loses nothing and sends nothing twice when a deliverer and a dispatcher are killed", async ({
    expect,
    onTestFinished,
  }) => {
    const place = await openBuiltPlace(BRIEF);
    onTestFinished(place.close, LIMIT_MS);
    const gateway = await startGateway(place, "--latency", "700");
    const flags = gatewayFlags(gateway.url);
    const serve = (role: string): Running => place.start(...flags, "serve", "--role", role);

    const dispatch = serve("dispatch");
    const base = await baseOf(dispatch);
    await place.until("it knows of itself", async () => (await readiness(base)).warnings.length === 2);
    expect((await readiness(base)).warnings).toMatchObject(
      [/^nobody runs deliver/, /^nobody runs upkeep/].map((words) => expect.stringMatching(words) as string),
    );
    // narrow windows, so that neither has all the work
    const deliver = (): Running =>
      place.start(...flags, "--set", "delivery.windowCredits=60", "serve", "--role", "deliver");
    const [one, two, upkeep] = [deliver(), deliver(), serve("upkeep")];
    await furnish(place);
    for (const each of [one, two, upkeep]) await each.says(/\/readyz/);
    await place.until("everybody is at work", async () => (await readiness(base)).warnings.length === 0);

    const opened = await startRun(base, "november");
    expect(opened.status).toBe(201);
    let victim: Running | undefined;
    await place.until("one of them sends", async () => {
      victim = await whoSends(place, [one, two]);
      return victim !== undefined;
    });
    victim?.kill("SIGKILL");
    dispatch.kill("SIGKILL");
    await Promise.all([victim?.ended, dispatch.ended]);
    const sends = new SendsAtKills(place);
    expect(await sends.note(victim?.pid ?? 0)).toBeGreaterThan(0);

    const [dispatchAgain] = [serve("dispatch"), deliver()];
    const repeated = await startRun(await baseOf(dispatchAgain), "november");
    expect([repeated.status, await repeated.json()]).toMatchObject([200, { answer: "repeated" }]);
    await place.until("every notice is settled", () => isSettled(place));

    const verdict = await place.call(...flags, "verify", "--provider-journal", gateway.journal, "--json");
    expect(lastLine(verdict)).toMatchObject({
      ...{
        ok: true,
        balanced: true,
        ingested: COUNT,
        sent: COUNT,
        duplicates: 0,
        lost: 0,
        in_doubt: 0,
        open: 0,
      },
      evidence: { strangers: 0 },
    });
    expect(verdict.code).toBe(0);
    // in doubt was what was out at the kill, all of it, and nothing else; and it has ended by itself
    const { atKills, doubts, strangers, forgotten, byState } = await sends.fates();
    expect({ doubts, strangers, forgotten }).toEqual({ doubts: atKills, strangers: [], forgotten: [] });
    expect(byState["in_doubt"] ?? 0).toBe(0);
  });

  it("sends nothing after a pause, keeps nothing at its end, and says why it is not ready", async ({
    expect,
    onTestFinished,
  }) => {
    const place = await openBuiltPlace(BRIEF);
    onTestFinished(place.close, LIMIT_MS);
    const gateway = await startGateway(place, "--latency", "1000");
    const flags = gatewayFlags(gateway.url);
    // so narrow a window that the run is never over before somebody has paused it
    const first = place.start(...flags, "--set", "delivery.windowCredits=20", "serve");
    const base = await baseOf(first);
    await place.until("it is ready", async () => (await readiness(base)).status === 200);
    expect(await (await fetch(`${base}/readyz`)).json()).toEqual({ ready: true }); // no token, no reasons
    await furnish(place);
    expect((await startRun(base, "november")).status).toBe(201);
    await place.until("rights to send are out", () => isSending(place));

    const paused = await place.call("pause", "--reason", "wrong amounts");
    const atPause = await rightsGiven(place);
    expect(paused.code).toBe(0);
    expect(atPause).toBeLessThan(COUNT);
    await place.until("what was under way has its answer", async () => !(await isSending(place)));
    expect(await rightsGiven(place)).toBe(atPause);
    expect((await place.call("resume")).code).toBe(0);
    await place.until("it goes on", () => isSending(place));

    first.kill("SIGTERM");
    await place.until("it says that it ends", async () => (await readiness(base)).status === 503);
    expect(await failing(base)).toMatchObject([{ name: "draining", reason: "this process is ending" }]);
    expect(await first.ended).toMatchObject({ code: 0, signal: null });
    const kept = await place.query("SELECT FROM millrace.notice WHERE status IN ('claimed', 'sending')");
    expect(kept).toHaveLength(0);
    expect(await place.query("SELECT FROM millrace.member")).toHaveLength(0);

    await baseOf(place.start(...flags, "serve"));
    await place.until("every notice is settled", () => isSettled(place));
    const verdict = await place.call(...flags, "verify", "--provider-journal", gateway.journal, "--json");
    expect(lastLine(verdict)).toMatchObject({ ok: true, sent: COUNT, duplicates: 0, lost: 0 });
  });
});
