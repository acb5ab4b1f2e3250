/**
 * What a doctor says of a service that would run, and of each thing that would keep it from running.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { doctorCommand } from "../../../src/service/commands/doctor.ts";
import { migrateCommand } from "../../../src/service/commands/migrate.ts";
import { pauseCommand } from "../../../src/service/commands/pause.ts";
import { policyCommand } from "../../../src/service/commands/policy.ts";
import { checkClock } from "../../../src/service/doctor/check-database.ts";
import { checkDisk } from "../../../src/service/doctor/check-here.ts";
import { promiseInWords } from "../../../src/service/doctor/check-providers.ts";
import type { Finding } from "../../../src/service/doctor/finding.ts";
import { connected } from "../../../src/adapters/postgres/connect.ts";
import { DEMO_POLICY_WRITTEN } from "../../../src/service/policy-file.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";
import { calling, lastLine, type Called, urlOf } from "../calling.ts";

const MODULES = [doctorCommand, migrateCommand, pauseCommand, policyCommand];

const findingsIn = (called: Called): readonly Finding[] =>
  (lastLine(called) as { findings: readonly Finding[] }).findings; // as `--json` promises it

let database: TestDatabase;
let folder: string;
let environment: Record<string, string>;
const call = (...line: readonly string[]): Promise<Called> =>
  calling(MODULES, { folder, environment })(...line);
const finding = async (check: string, ...flags: readonly string[]): Promise<Finding | undefined> =>
  findingsIn(await call(...flags, "doctor", "--json")).find((each) => each.check === check);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-doctor-"));
  database = await freshDatabase("template0");
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});
const plain = (): void => {
  environment = { MILLRACE_DATABASE_URL: urlOf(database), MILLRACE_DATABASE_FOLDER: folder };
};
beforeAll(plain);
afterEach(plain);

describe("millrace doctor", () => {
  it("names what is in the way, with what to do, and ends with 1", async () => {
    const { code, out } = await call("doctor");
    expect(code).toBe(1);
    expect(out).toMatch(/^ok {4}database {8}reached, Postgres 1\d/m);
    expect(out).toMatch(/^fail {2}schema {10}behind: 0001-ledger/m);
    expect(out).toContain("→ run millrace migrate up");
    expect(out).toMatch(/\d to mend\n$/);
  });

  it("finds a service fit to run, says who is missing, and ends with 0", async () => {
    expect((await call("migrate", "up")).code).toBe(0);
    expect(await finding("policy")).toMatchObject({
      health: "fail",
      fix: "run millrace policy activate FILE",
    });
    const policy = join(folder, "policy.json");
    await writeFile(policy, JSON.stringify(DEMO_POLICY_WRITTEN));
    expect((await call("policy", "activate", policy)).code).toBe(0);

    const called = await call("doctor", "--json");
    const findings = findingsIn(called);
    // the server of a test run may forget everything, and that is what a doctor is for
    expect(findings.filter(({ health }) => health === "fail").map(({ check }) => check)).toEqual(["commits"]);
    expect(findings.find(({ check }) => check === "commits")?.fix).toContain("switch fsync on");
    expect(findings.filter(({ check }) => check === "members")).toMatchObject([
      { health: "warn", fix: "millrace serve --role dispatch" },
      { health: "warn", fix: "millrace serve --role deliver" },
      { health: "warn", fix: "millrace serve --role upkeep" },
    ]);
    for (const check of ["policy", "clock", "schema", "provider email", "provider sms"])
      expect(findings).toContainEqual(expect.objectContaining({ check, health: "ok" }));
    expect(findings).toContainEqual(expect.objectContaining({ check: "keys", health: "warn" }));
    expect(called.code).toBe(1);
  });

  it("says what is paused", async () => {
    expect((await call("pause", "sms", "--reason", "provider asks")).code).toBe(0);
    expect(await finding("pauses")).toMatchObject({ health: "warn", words: "sms is paused (provider asks)" });
  });

  it("says a server that is away once, and looks at the rest all the same", async () => {
    environment["MILLRACE_DATABASE_URL"] = "postgres://nobody:secret-word@127.0.0.1:1/none";
    const called = await call("doctor", "--json");
    expect(called.code).toBe(1);
    expect(called.out).not.toContain("secret-word");
    const findings = findingsIn(called);
    expect(findings.find(({ check }) => check === "database")).toMatchObject({ health: "fail" });
    expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(["keys", "templates"]));
  });

  it("names a key file that is not there, and templates that are not there", async () => {
    environment["MILLRACE_KEYS_FILE"] = join(folder, "none.json");
    environment["MILLRACE_TEMPLATES_FOLDER"] = join(folder, "no-templates");
    expect(await finding("keys")).toMatchObject({ health: "fail" });
    expect(await finding("templates")).toMatchObject({ health: "fail" });
  });

  it("knocks at a gateway's door, and sends nothing through it", async () => {
    const said: Buffer[] = [];
    const server = createServer((socket) => socket.on("data", (chunk) => said.push(chunk)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // it listens on a port
    const flags = [
      ...["--set", "providers.email.kind=http-gateway"],
      ...["--set", `providers.email.url=http://127.0.0.1:${port}/messages`],
    ];
    expect(await finding("provider email", ...flags)).toMatchObject({
      health: "ok",
      words: `127.0.0.1:${port} answers; class C: it cannot be asked, so every doubt waits for an operator; no time is evidence (Δ never)`,
    });
    await new Promise((resolve) => server.close(resolve));
    expect(said).toEqual([]);
    expect(await finding("provider email", ...flags)).toMatchObject({
      health: "fail",
      words: expect.stringContaining("cannot be reached (ECONNREFUSED)") as string,
    });
  });

  it("tells a clock that is wrong from one that is asked slowly", async () => {
    await connected(database.admin, async (client) => {
      expect(await checkClock(client, () => Date.now() - 60_000)).toMatchObject({ health: "warn" });
      let asked = 0;
      expect(await checkClock(client, () => Date.now() + (asked++ === 0 ? -60_000 : 0))).toMatchObject({
        health: "ok",
      });
    });
  });

  it("warns of a disk that becomes full, and fails with one that is", async () => {
    const byBytes = await Promise.all([2 ** 34, 2 ** 29, 2 ** 20].map((free) => checkDisk(folder, free)));
    expect(byBytes.map(({ health }) => health)).toEqual(["ok", "warn", "fail"]);
    expect(await checkDisk(folder)).toHaveProperty("check", "disk");
  });

  it("says in words what each class means for a doubt", () => {
    expect(promiseInWords({ class: "A", windowMs: 86_400_000, deltaMs: 5_000 })).toBe(
      "class A: for 24 h a repeat of a request is not sent again, so doubts resolve themselves; what has left is accepted within 5 s or never (Δ)",
    );
    expect(promiseInWords({ class: "B", findableMs: 30 * 86_400_000, deltaMs: "never" })).toContain(
      "for 30 days it can be asked what it accepted",
    );
  });
});
