/**
 * What somebody does wrong, and what they are told: each mistake ends with its own number and with words that say what to do, and none
 * shows a secret.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allCommands } from "../../src/service/commands/all.ts";
import { freshDatabase, type TestDatabase } from "../support/postgres.ts";
import { aRow, NOW } from "./bill-rows.ts";
import { openJourney } from "./journey.ts";
import { calling, lastLine, urlOf, type Called } from "./calling.ts";

const COMMANDS = await allCommands();

const SECRET = "a-wrong-secret";

let folder: string;
let database: TestDatabase;
let empty: TestDatabase;
let ahead: TestDatabase;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-bad-input-"));
  database = await freshDatabase();
  empty = await freshDatabase("template0");
  ahead = await freshDatabase();
  await ahead.query(
    "INSERT INTO millrace.migration (name, run_on) VALUES ('9999-of-a-newer-version', now())",
  );
});
afterAll(async () => {
  await Promise.all([database.drop(), empty.drop(), ahead.drop()]);
  await rm(folder, { recursive: true });
});

const at =
  (url: string, more: Readonly<Record<string, string>> = {}) =>
  (...line: readonly string[]): Promise<Called> =>
    calling(COMMANDS, {
      folder,
      environment: { MILLRACE_DATABASE_URL: url, MILLRACE_DATABASE_FOLDER: folder, ...more },
    })(...line);

/** Every command that opens the ledger meets these alike; a look, an order and the service stand for them. */
const OPENERS = [
  ["status", "--json"],
  ["verify", "--json"],
  ["run", "--once", "--json"],
];

const each = async (
  url: string,
  expected: { readonly code: number; readonly ending: string; readonly words: RegExp },
): Promise<void> => {
  for (const line of OPENERS) {
    const called = await at(url)(...line);
    expect(called.code).toBe(expected.code);
    expect(called.error).toMatch(expected.words);
    expect(lastLine(called)).toMatchObject({ error: { ending: expected.ending } });
    expect(called.error + called.out).not.toContain(SECRET);
    expect(called.error).not.toContain("    at "); // an expected mistake has no stack
  }
};

describe("a database that cannot be used", () => {
  it("with a wrong password is refused, with where the password is written", () =>
    each(urlOf(database, { password: SECRET }), {
      ...{ code: 3, ending: "refused" },
      words: /does not accept our password: look at MILLRACE_DATABASE_URL/,
    }));

  it("that is not there is refused: create it, or name another", () =>
    each(urlOf(database, { database: "nowhere" }), {
      ...{ code: 3, ending: "refused" },
      words: /is not there: create it, or name another/,
    }));

  it("whose server does not answer has failed: is it running?", () =>
    each(`postgres://nobody:${SECRET}@127.0.0.1:1/none`, {
      ...{ code: 1, ending: "failed" },
      words: /does not answer .*is it running, and is the address right\?/,
    }));

  it("whose schema is behind is refused, with the command that mends it", () =>
    each(urlOf(empty), { ...{ code: 3, ending: "refused" }, words: /run "millrace migrate up"/ }));

  it("whose schema is ahead is refused, with what made it, and is not migrated either", async () => {
    const words = /newer Millrace \(9999-of-a-newer-version\): run that version, or a newer one/;
    await each(urlOf(ahead), { code: 3, ending: "refused", words });
    expect((await at(urlOf(ahead))("migrate", "up")).error).toMatch(words);
    expect(await at(urlOf(ahead))("migrate", "status")).toMatchObject({ code: 3 });
  });
});

describe("a service without a policy that can be read", () => {
  it("says so and leaves the database: a connection that stays open would keep its process, and an embedded server, for ever", async () => {
    const withPolicy = at(urlOf(database), { MILLRACE_POLICY_FILE: join(folder, "none.yaml") });
    const called = await withPolicy("serve", "--role", "upkeep");
    expect(called.error).toMatch(/policy.file: .*none.yaml: cannot be read/);
    expect(called.code).toBe(2);
    await expect
      .poll(async () => {
        const rows = await database.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'millrace%'",
        );
        return rows.length;
      })
      .toBe(0);
  });
});

describe("a service that cannot listen", () => {
  it("says who may hold the port and where to name another, and ends with a conflict", async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
    const { port } = holder.address() as AddressInfo; // it listens on a port
    try {
      const withPort = at(urlOf(database), { MILLRACE_HTTP_PORT: String(port) });
      const called = await withPort("serve", "--role", "upkeep");
      expect(called.error).toContain(
        `port ${port} of 127.0.0.1 is in use: end who holds it, or set MILLRACE_HTTP_PORT`,
      );
      expect(called.code).toBe(4);
    } finally {
      await new Promise((resolve) => holder.close(resolve));
    }
  });
});

describe("a configuration with mistakes", () => {
  it("says all of them at once, each with its place and what to write", async () => {
    await writeFile(
      join(folder, "staging.yaml"),
      "delivery:\n  leaseMs: soon\ndispatch:\n  zone: Asia/Seul\nserv:\n  roles: [deliver]\n",
    );
    const called = await at("mysql://elsewhere", { MILLRACE_HTTP_PORT: "99999" })(
      ...["--config", join(folder, "staging.yaml"), "--set", "dispatch.cron=whenever", "status"],
    );
    expect(called.code).toBe(2);
    expect(called.error).toContain("the configuration has 6 mistakes");
    for (const words of [
      "staging.yaml:2: delivery.leaseMs ",
      "staging.yaml:4: dispatch.zone is no zone of the IANA database",
      "staging.yaml:5: serv",
      "MILLRACE_DATABASE_URL: database.url ",
      "MILLRACE_HTTP_PORT: http.port ",
      "--set: dispatch.cron is no cron expression",
    ])
      expect(called.error).toContain(words);
  });

  it("names a flag that is not known, and the nearest that is", async () => {
    const called = await at(urlOf(database))("status", "--jsn");
    expect(called.code).toBe(2);
    expect(called.error).toMatch(/unknown option '--jsn'[^]*--json/);
    expect((await at(urlOf(database))("serve", "--role", "delivery")).error).toContain(
      "--role is all, dispatch, deliver, upkeep; not delivery",
    );
  });
});

const POLICY = `version: 1
zone: Asia/Seoul
channels:
  - { channel: email, maxAttempts: 3, backoff: { firstMs: 500, factor: 2, capMs: 2000 } }
expiresAfterMs: 259200000
`;

describe("a policy that cannot hold", () => {
  const activate = async (text: string): Promise<Called> => {
    const file = join(folder, "policy.yaml");
    await writeFile(file, text);
    return at(urlOf(database))("policy", "activate", file);
  };

  it("because it contradicts itself is refused with the line, and the ledger keeps what it had", async () => {
    const called = await activate(
      `${POLICY}quietHours:\n  - { from: "00:00", until: "12:00" }\n  - { from: "12:00", until: "00:00" }\n`,
    );
    expect(called.code).toBe(2);
    expect(called.error).toMatch(
      /policy\.yaml:6: quietHours covers the whole day, so nothing could ever be sent/,
    );
    expect((await at(urlOf(database))("policy", "show")).error).toContain("no policy is active");
  });

  it("because its zone is none is refused, with an example of one", async () => {
    const called = await activate(POLICY.replace("Asia/Seoul", "Asia/Seul"));
    expect(called.code).toBe(2);
    expect(called.error).toMatch(/policy\.yaml:2: zone "Asia\/Seul" is no zone.*such as "Asia\/Seoul"/);
  });
});

describe("templates that are not there", () => {
  it("are named with their folder, before anything is opened", async () => {
    const none = join(folder, "no-templates");
    const started = await at(urlOf(database), { MILLRACE_TEMPLATES_FOLDER: none })("serve");
    expect(started.code).toBe(3);
    expect(started.error).toContain(none);
    const linted = await at(urlOf(database))("template", "lint", "no-templates");
    expect(linted).toMatchObject({ code: 2 });
    expect(linted.error).toContain("name the folder that holds the versions of the templates");
  });
});

describe("a template with a variable that is missing", () => {
  const TEMPLATES = join(import.meta.dirname, "../../templates/2026-11");

  const setWith = async (name: string, change: (text: string) => string, file: string): Promise<string> => {
    const set = join(folder, name, "2026-11");
    await cp(TEMPLATES, set, { recursive: true });
    await writeFile(join(set, file), change(await readFile(join(set, file), "utf8")));
    return join(folder, name);
  };

  it("that no set lists is found by lint and before a service starts, with file and line", async () => {
    const templates = await setWith("unlisted", (text) => `${text}{{nickname}}`, "bill/email.txt.hbs");
    const linted = await at(urlOf(database))("template", "lint", templates);
    expect(linted).toMatchObject({ code: 1 });
    expect(linted.out + linted.error).toMatch(/email\.txt\.hbs:\d+.*nickname/);
    const started = await at(urlOf(database), { MILLRACE_TEMPLATES_FOLDER: templates })("serve");
    expect(started).toMatchObject({ code: 3 });
    expect(started.error).toContain("nickname");
  });

  it("that a bill lacks fails that notice for good, names the variable, and lets the others go", async () => {
    const templates = await setWith(
      "demanding",
      (text) => text.replace('"grade?"', '"grade"').replace(', "bill/sample-plain.json"', ""),
      "set.json",
    );
    await rm(join(templates, "2026-11/bill/sample-plain.json"));
    const other = await freshDatabase();
    await other.setNow(NOW);
    const journey = await openJourney(other, {
      MILLRACE_TEMPLATES_FOLDER: templates,
      MILLRACE_DATABASE_FOLDER: folder,
    });
    try {
      await journey.ingest([aRow(1, { grade: "", phone: "" }), aRow(2, { phone: "" })]);
      await journey.deliver();
      const reports = await journey.reports();
      expect(reports.get("bill-1")?.record.notice.status).toBe("failed");
      expect(reports.get("bill-1")?.record.deadLetters[0]?.reason).toMatch(
        /render-notice: .*grade.*is missing/,
      );
      expect(reports.get("bill-2")?.record.notice.status).toBe("sent");
    } finally {
      await journey.close();
      await other.drop();
    }
  });
});
