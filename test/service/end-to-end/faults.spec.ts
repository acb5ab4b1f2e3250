/**
 * What goes wrong around a service, with everything in it real: its database, its provider, its disk, its own templates. It waits,
 * says so, loses nothing, and goes on.
 */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "vitest";
import { openBuiltPlace } from "./built-place.ts";
import {
  BRIEF,
  type GatewayClass,
  gatewayFlags,
  type GatewayThere,
  readiness,
  startGateway,
  startRun,
  writeBills,
} from "./november.ts";
import { lastLine, type Place, type Running } from "./place.ts";
import { smallDisk, whyNoDisk } from "./small-disk.ts";

/** Each wait has its own patience; this is for all of a case, on a machine that does ten other things. */
const LIMIT_MS = 600_000;
const CLEAN = { ok: true, balanced: true, lost: 0, duplicates: 0, open: 0, in_doubt: 0, violations: [] };

const countOf = async ({ query }: Place, where: string): Promise<number> =>
  Number((await query<{ n: string }>(`SELECT count(*) AS n FROM ${where}`))[0]?.n);

const OPEN = "millrace.notice WHERE status NOT IN ('sent', 'failed', 'suppressed', 'expired', 'cancelled')";

const isAllSettled = async (place: Place): Promise<boolean> => (await countOf(place, OPEN)) === 0;

const isSending = async (place: Place): Promise<boolean> =>
  (await countOf(place, "millrace.attempt WHERE state = 'intent'")) > 0;

const baseOf = async (serve: Running): Promise<string> =>
  (await serve.says(/(http:\/\/127\.0\.0\.1:\d+)\/readyz/))[1] ?? "";

const ingest = async (place: Place, count: number): Promise<void> => {
  const { code, error } = await place.call("ingest", await writeBills(place, count), "--json");
  if (code !== 0) throw new Error(error);
};

const verdict = async (place: Place, { url, journal }: GatewayThere, itsClass: GatewayClass = "B") =>
  lastLine(
    await place.call(...gatewayFlags(url, itsClass), "verify", "--provider-journal", journal, "--json"),
  );

// at once: what they do is to wait, most of the time
describe.concurrent("a service around which something goes wrong", { timeout: LIMIT_MS }, () => {
  it("outlasts a database that is out of disk, and one that is gone", async ({ expect, onTestFinished }) => {
    const place = await openBuiltPlace(BRIEF);
    onTestFinished(place.close, LIMIT_MS);
    const gateway = await startGateway(place, "--latency", "300");
    const narrow = ["--set", "delivery.windowCredits=20"];
    const serve = place.start(...gatewayFlags(gateway.url), ...narrow, "serve");
    const base = await baseOf(serve);
    await ingest(place, 150);
    expect((await startRun(base, "november")).status).toBe(201);
    await place.until("rights to send are out", () => isSending(place));

    // as the server says it of a full disk; what it reads goes well all the while
    await place.query(`
      CREATE FUNCTION public.no_room() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER no_room BEFORE INSERT ON millrace.attempt EXECUTE FUNCTION public.no_room();
    `);
    await serve.says(/The disk under \S+ is full .*make room there/);
    await place.query("DROP TRIGGER no_room ON millrace.attempt");
    await serve.says(/The database is there again, after \d+ s/);
    await place.until("it goes on", () => isSending(place));

    // whoever holds the folder's lock keeps everybody from starting the server again: it is gone until that goes
    const lock = join(place.folder, "state", "server.lock");
    await writeFile(lock, String(process.pid));
    await place.killServer();
    await serve.says(/The embedded Postgres is gone: starting it again/);
    await place.until("it is not ready, and why", async () => {
      const { status, checks } = await readiness(base);
      return status === 503 && checks.some(({ name, ok }) => name === "database" && !ok);
    });
    await rm(lock);
    await serve.says(/The database is there again[^]*The database is there again/);
    await place.until("every notice is settled", () => isAllSettled(place));
    expect(await verdict(place, gateway)).toMatchObject({ ...CLEAN, ingested: 150, sent: 150 });
  });

  it("fails nothing because its provider is down, hangs or answers garbage", async ({
    expect,
    onTestFinished,
  }) => {
    const place = await openBuiltPlace({ ...BRIEF, MILLRACE_DISPATCH_CAP_PER_RUN: "40" });
    onTestFinished(place.close, LIMIT_MS);
    const gateway = await startGateway(place);
    const port = new URL(gateway.url).port;
    const serve = place.start(...gatewayFlags(gateway.url), "serve");
    const base = await baseOf(serve);
    await ingest(place, 120);
    let there = gateway.running;
    const instead = async (...line: readonly string[]): Promise<void> => {
      there.kill("SIGKILL");
      await there.ended;
      there = (await startGateway(place, "--port", port, ...line)).running;
    };
    const providers = async (): Promise<string | null> =>
      (await readiness(base)).checks.find(({ name }) => name === "providers")?.reason ?? null;

    for (const trouble of ["down", "hang", "garbage"]) {
      if (trouble === "down") {
        there.kill("SIGKILL");
        await there.ended;
      } else await instead("--faults", JSON.stringify({ [trouble]: 1 }));
      expect((await startRun(base, trouble)).status).toBe(201);
      await place.until(
        `it says that the provider is paused: ${trouble}`,
        async () => (await providers()) !== null,
      );
      expect(await countOf(place, "millrace.notice WHERE status = 'failed'")).toBe(0);
      await instead();
      const admitted = "millrace.notice WHERE run_id IS NOT NULL AND status NOT IN ('sent', 'failed')";
      await place.until(
        `its notices are settled: ${trouble}`,
        async () => (await countOf(place, admitted)) === 0,
      );
    }
    expect(await verdict(place, gateway)).toMatchObject({ ...CLEAN, ingested: 120, sent: 120, failed: 0 });
    // by e-mail all of them: no second channel was used up for it
    expect(await countOf(place, "millrace.attempt WHERE channel <> 'email'")).toBe(0);
  });

  // only who may mount has a disk of his own to fill; what the server says of one is shown to everybody above
  it.skipIf(whyNoDisk !== null)(
    `outlasts a real disk that is full, and refuses to begin on one (${whyNoDisk ?? "on a disk of its own"})`,
    async ({ expect, onTestFinished }) => {
      const disk = await smallDisk(128);
      onTestFinished(disk.close);
      const place = await openBuiltPlace({
        MILLRACE_DATABASE_FOLDER: join(disk.folder, "state"),
        MILLRACE_PROVIDERS_EMAIL_LATENCY_MS: "200",
        MILLRACE_PROVIDERS_SMS_LATENCY_MS: "200",
      });
      onTestFinished(place.close, LIMIT_MS);
      // no room for a key, then room for a key and for no databases
      for (const [room, words] of [
        [0, /its disk is full; make room/],
        [2 ** 20, /too little room under \S+ \(\d MiB left\) .* make room/],
      ] as const) {
        await disk.fill(room);
        const refused = await place.call("demo", "--count", "300", "--json");
        expect(refused.code).not.toBe(0);
        expect(refused.error).toMatch(words);
        await disk.empty();
      }

      // nothing is sent before the disk is full: to fill it takes seconds on a busy machine, to send everything does not
      expect((await place.call("migrate", "up")).code).toBe(0);
      const letGo = await place.locking("LOCK TABLE millrace.attempt IN SHARE MODE");
      const demo = place.start("demo", "--count", "300", "--json");
      await demo.says(/300 bills of made-up people/);
      await disk.fill();
      await letGo();
      await demo.says(/The disk under \S+ is full \(0 MiB left\): make room there/);
      await disk.empty();
      const ended = await demo.ended;
      expect(ended.error).toMatch(/The database is there again, after \d+ s/);
      expect(lastLine(ended)).toMatchObject({ ...CLEAN, ingested: 300 });
      expect(ended.code).toBe(0);
    },
  );

  it("keeps in doubt what a provider of class C answers with garbage, and sends the rest", async ({
    expect,
    onTestFinished,
  }) => {
    const place = await openBuiltPlace(BRIEF);
    onTestFinished(place.close, LIMIT_MS);
    const gateway = await startGateway(place, "--class", "C", "--faults", '{"garbage":0.3}');
    const serve = place.start(...gatewayFlags(gateway.url, "C"), "serve");
    const base = await baseOf(serve);
    await ingest(place, 60);
    expect((await startRun(base, "november")).status).toBe(201);
    await place.until(
      "nobody has anything to do",
      async () => (await countOf(place, `${OPEN} AND status <> 'in_doubt'`)) === 0,
    );
    const found = (await verdict(place, gateway, "C")) as Record<"sent" | "in_doubt", number>; // of ours
    expect(found).toMatchObject({ ...CLEAN, in_doubt: found.in_doubt, failed: 0 });
    expect(found.in_doubt).toBeGreaterThan(0);
    expect(found.sent + found.in_doubt).toBe(60);
  });

  it("stops taking when a bug in a template's helper strikes every notice, and the mended one sends the rest", async ({
    expect,
    onTestFinished,
  }) => {
    const place = await openBuiltPlace(BRIEF);
    onTestFinished(place.close, LIMIT_MS);
    const gateway = await startGateway(place);
    const flags = gatewayFlags(gateway.url);
    const broken = place.startScript(join(import.meta.dirname, "broken-helper.ts"), ...flags, "serve");
    const base = await baseOf(broken);
    await ingest(place, 200);
    expect((await startRun(base, "november")).status).toBe(201);

    const ended = await broken.ended;
    expect(ended.code).toBe(1);
    expect(ended.error).toMatch(/intake stopped: 21 unexpected throws .*render-notice: TypeError at/);
    const failed = await countOf(place, "millrace.notice WHERE status = 'failed'");
    expect(failed).toBeLessThanOrEqual(21); // 20 are still taken for bad records; the next one stops it

    const mended = place.start(...flags, "serve");
    await baseOf(mended);
    await place.until("every notice is settled", () => isAllSettled(place));
    expect(await verdict(place, gateway)).toMatchObject({
      ...CLEAN,
      ...{ ingested: 200, failed, sent: 200 - failed },
    });
  });
});
