/**
 * Whole files through everything that ingest is made of, beside what comes out of them: `golden/`. What is sealed is
 * compared after it was opened, since it never comes out twice alike.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect, Result } from "effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileBillStore, openBillFile, openRejectFile } from "../../../src/adapters/files/index.ts";
import { openPool, type Pool, postgresLedger } from "../../../src/adapters/postgres/index.ts";
import { storedBill } from "../../../src/domain/bill.ts";
import { reveal } from "../../../src/domain/masking-sensitive.ts";
import type { NewNotice, NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { ingestBills, ingestInWords } from "../../../src/service/ingest.ts";
import { aboutTheNotice } from "../../../src/service/new-notice.ts";
import { systemPorts } from "../../../src/streams/runtime/system-ports.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";
import { cipher, NOW, OPTIONS } from "../bill-rows.ts";

const golden = (name: string): string => join(import.meta.dirname, "golden", name);
const folder = mkdtempSync(join(tmpdir(), "millrace-golden-"));
const SEALED_BILL = "what lies elsewhere";

let database: TestDatabase;
let pool: Pool;
let ledger: NoticeLedger;

beforeAll(async () => {
  mkdirSync(join(folder, "bills", "2026", "11"), { recursive: true });
  writeFileSync(join(folder, "bills", "2026", "11", "bill-4.sealed"), SEALED_BILL);
  database = await freshDatabase();
  pool = openPool({ connection: database.service, maxConnections: 4 });
  ledger = postgresLedger({ pool });
});
afterAll(async () => {
  await pool.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const opened = (sealed: string, about: string): string =>
  reveal(Result.getOrThrow(cipher.open(sealed, about)));

/** The notice with everything in the clear, as the golden file shows it. */
const inTheClear = (notice: NewNotice): unknown => {
  const { sealed, ref } = Result.getOrThrow(storedBill(notice.content));
  const bill: unknown = JSON.parse(opened(sealed, notice.noticeId));
  return {
    ...notice,
    dueAt: new Date(notice.dueAt).toISOString(),
    expiresAt: new Date(notice.expiresAt).toISOString(),
    contacts: Object.fromEntries(
      Object.entries(notice.contacts).map(([channel, contact]) => [
        channel,
        opened(contact, notice.noticeId),
      ]),
    ),
    content: { bill, ref },
  };
};

const pass = async (name: string, rejectsName: string) => {
  const notices: NewNotice[] = [];
  const rejects = await openRejectFile(join(folder, rejectsName));
  const file = await openBillFile(golden(name));
  const done = await Effect.runPromise(
    ingestBills(
      {
        ledger: {
          now: Effect.succeed(NOW),
          ingest: (batch) => (notices.push(...batch), ledger.ingest(batch)),
        },
        cipher,
        sealedAbout: aboutTheNotice,
        refOf: fileBillStore({ root: join(folder, "bills") }).refOf,
        clock: systemPorts.clock,
      },
      file.lines,
      { ...OPTIONS, reject: rejects.write },
    ),
  );
  await rejects.close();
  return { words: ingestInWords(done), notices, rejects: rejects.count() };
};

const expectedOf = (name: string): unknown => JSON.parse(readFileSync(golden(name), "utf8"));

describe("a file of bills", () => {
  it.each(["november.csv", "november.jsonl"])(
    "%s becomes the notices beside it, and nothing the second time",
    async (name) => {
      await database.clear();
      const first = await pass(name, "none.jsonl");
      expect(first.notices.map(inTheClear)).toEqual(expectedOf("november.expected.json"));
      expect(first.words).toBe("6 lines: 5 new, 1 there already");
      const rows = () => database.query("SELECT * FROM millrace.contents ORDER BY notice_id");
      const before = await rows();
      expect(before).toHaveLength(5);
      expect((await pass(name, "none.jsonl")).words).toBe("6 lines: nothing new, all were there already");
      expect(await rows()).toEqual(before);
    },
  );

  it("carries the digest of what lies elsewhere", async () => {
    await database.clear();
    const { notices } = await pass("november.csv", "none.jsonl");
    expect(notices.flatMap(({ content }) => (content["ref"] === null ? [] : [content["ref"]]))).toEqual(
      ["reminder", "monthly-bill"].map(() => ({
        place: "file:2026/11/bill-4.sealed",
        sha256: createHash("sha256").update(SEALED_BILL).digest("hex"),
      })),
    );
  });

  it("gives its bad lines back, each with all that is wrong and nobody's address, and takes the good one", async () => {
    await database.clear();
    const { words, rejects } = await pass("mistakes.csv", "mistakes.jsonl");
    expect([words, rejects]).toEqual(["9 lines: 1 new, 8 rejected", 8]);
    const written = readFileSync(join(folder, "mistakes.jsonl"), "utf8");
    expect(written).toBe(readFileSync(golden("mistakes.rejects.jsonl"), "utf8"));
    expect(written).not.toMatch(/gildong|chunhyang|sim@|byun|길동|몽룡|심청|0123/);
  });
});
