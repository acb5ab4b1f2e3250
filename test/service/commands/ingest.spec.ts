/**
 * `millrace ingest` as a shell calls it, against a real database.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPool, postgresLedger } from "../../../src/adapters/postgres/index.ts";
import { ingestCommand } from "../../../src/service/commands/ingest.ts";
import { EXIT } from "../../../src/service/exit-codes.ts";
import { DEMO_POLICY, DEMO_POLICY_WRITTEN } from "../../../src/service/policy-file.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";
import { calling, lastLine, urlOf } from "../calling.ts";

const golden = join(import.meta.dirname, "../ingest/golden");
const folder = mkdtempSync(join(tmpdir(), "millrace-ingest-"));
let database: TestDatabase;
let call: ReturnType<typeof calling>;

const activate = async (): Promise<void> => {
  const pool = openPool({ connection: database.service, maxConnections: 1 });
  await Effect.runPromise(
    postgresLedger({ pool }).activatePolicy(DEMO_POLICY.version, DEMO_POLICY_WRITTEN, "test"),
  );
  await pool.close();
};

beforeAll(async () => {
  database = await freshDatabase();
  call = calling([ingestCommand], {
    folder,
    environment: {
      MILLRACE_DATABASE_URL: urlOf(database),
      MILLRACE_KEYS_INLINE: JSON.stringify({
        present: "t",
        keys: { t: Buffer.alloc(32, 7).toString("base64") },
      }),
    },
  });
  for (const name of ["november.csv", "mistakes.csv"]) await copyFile(join(golden, name), join(folder, name));
});
beforeEach(async () => {
  await database.clear();
  await activate();
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const rows = async (): Promise<number> => (await database.query("SELECT FROM millrace.contents")).length;

describe("millrace ingest", () => {
  it("takes a file, says what is new, and the second time that nothing is", async () => {
    const first = await call("ingest", "november.csv", "--json");
    // There is no store for what lies elsewhere, so two of the six are rejected.
    expect(lastLine(first)).toMatchObject({ lines: 6, new: 3, duplicates: 1, rejected: 2 });
    expect(first.code).toBe(EXIT.partial);
    const again = await call("ingest", "november.csv");
    expect(again.out).toContain("6 lines: nothing new, 4 there already, 2 rejected");
    expect(await rows()).toBe(3);
  });

  it("writes rejected lines beside the file, and says where", async () => {
    const done = await call("ingest", "mistakes.csv");
    expect(done.code).toBe(EXIT.partial);
    expect(done.out).toContain("What was rejected, and why");
    const written = readFileSync(join(folder, "mistakes.csv.rejects.jsonl"), "utf8").trimEnd().split("\n");
    expect(written).toHaveLength(8);
    expect(done.out + done.error + written.join()).not.toMatch(/gildong|chunhyang|byun|길동|0123/);
  });

  it("leaves no file of rejects where there are none, and ends with 0", async () => {
    const text = readFileSync(join(golden, "november.csv"), "utf8").split("\n").slice(0, 3).join("\n");
    writeFileSync(join(folder, "good.txt"), text);
    const done = await call("ingest", "good.txt", "--format", "csv", "--rejects", "rejects.jsonl", "--json");
    expect([done.code, lastLine(done)]).toMatchObject([EXIT.ok, { new: 2, rejects: null }]);
    expect(existsSync(join(folder, "rejects.jsonl"))).toBe(false);
  });

  it("takes a table by a mapping", async () => {
    await database.query(`CREATE TABLE public.billing_targets AS
      SELECT 'm-' || n AS member_no, 'b-' || n AS bill_id, 202611 AS billing_month, 'monthly-bill' AS purpose,
        now() AS available_at, '홍길동' AS name, 'h@example.com' AS email, '[{"label": "기본료", "amount": 1}]'::jsonb AS items
      FROM generate_series(1, 1200) AS n`);
    const line = ["ingest", "--from-table", "billing_targets", "--column", "user_id=member_no"] as const;
    const done = await call(...line, "--json");
    expect([done.code, lastLine(done)]).toMatchObject([EXIT.ok, { lines: 1_200, new: 1_200 }]);
    expect((await call(...line)).out).toContain("1,200 lines: nothing new, all were there already");
  });

  it.each([
    [["ingest"], EXIT.usage, "say what to read"],
    [["ingest", "a.csv", "--from-table", "b"], EXIT.usage, "say what to read"],
    [["ingest", "a.csv", "--column", "user_id=x"], EXIT.usage, "--column is for tables"],
    [["ingest", "--from-table", "b", "--column", "user=x"], EXIT.usage, "--column takes a column of ours"],
    [["ingest", "--from-table", "b", "--format", "csv"], EXIT.usage, "--format is for files"],
    [["ingest", "none.csv"], EXIT.failed, "reading none.csv: there is none"],
    [["ingest", "a.xls"], EXIT.failed, "its name ends neither with .csv nor with .jsonl"],
    [["ingest", "--from-table", "none"], EXIT.failed, "there is no such table"],
  ])("%j ends with %i and says: %s", async (line, code, words) => {
    const done = await call(...line);
    expect(done.error).toContain(words);
    expect(done.code).toBe(code);
  });

  it("says that a file is empty", async () => {
    writeFileSync(join(folder, "empty.csv"), "");
    const done = await call("ingest", "empty.csv");
    expect([done.code, done.error]).toEqual([
      EXIT.failed,
      expect.stringContaining("reading empty.csv: it is empty"),
    ]);
  });

  it("refuses to begin where no policy says how long a notice lives", async () => {
    await database.clear();
    const done = await call("ingest", "november.csv");
    expect([done.code, done.error]).toEqual([
      EXIT.refused,
      expect.stringContaining("millrace policy activate FILE"),
    ]);
  });
});

describe("a file that is not what it should be", () => {
  it("in another encoding is refused before anything of it is taken, with what converts it", async () => {
    const text = readFileSync(join(golden, "november.csv"), "utf8").split("\n").slice(0, 3).join("\n");
    writeFileSync(join(folder, "utf16.csv"), Buffer.from(`\uFEFF${text}`, "utf16le"));
    const done = await call("ingest", "utf16.csv", "--json");
    expect(done.code).toBe(EXIT.failed);
    expect(done.error).toContain("iconv -f UTF-16 -t UTF-8");
    expect(lastLine(done)).toMatchObject({ error: { ending: "failed" } });
    expect(await rows()).toBe(0);
  });

  it("with a bad line in the middle gives that line back by its number, and takes the others", async () => {
    const [head = "", good = ""] = readFileSync(join(golden, "november.csv"), "utf8").split("\n");
    const another = (id: string): string => good.replaceAll(good.split(",")[1] ?? "", id);
    writeFileSync(
      join(folder, "middle.csv"),
      [head, another("b-1"), 'broken,"line', another("b-2"), ""].join("\n"),
    );
    const done = await call("ingest", "middle.csv", "--json");
    expect([done.code, lastLine(done)]).toMatchObject([EXIT.partial, { new: 2, rejected: 1 }]);
    const [reject = ""] = readFileSync(join(folder, "middle.csv.rejects.jsonl"), "utf8").split("\n");
    expect(JSON.parse(reject)).toMatchObject({ line: 3 });
  });
});
