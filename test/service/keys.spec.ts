/**
 * Keys from the configuration to a delivered notice: what is sealed under one key, what happens when it is rotated, what an earlier
 * system's texts need, and what becomes of a notice that does not open.
 */
import { createCipheriv, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NoticeReport } from "../../src/domain/ports/ledger-reports.ts";
import { freshDatabase, type TestDatabase } from "../support/postgres.ts";
import { aRow, NOW } from "./bill-rows.ts";
import { openJourney, writeKeys, type Journey } from "./journey.ts";

const newKey = (): string => randomBytes(32).toString("base64");
const [ONE, TWO, OLD] = [newKey(), newKey(), newKey()] as const;
const IV = randomBytes(16);

let database: TestDatabase;
let folder: string;
let journey: Journey;
let file: string;

beforeAll(async () => {
  database = await freshDatabase();
  folder = mkdtempSync(join(tmpdir(), "millrace-keys-"));
});
beforeEach(async () => {
  await database.clear();
  await database.setNow(NOW);
  file = writeKeys(folder, { present: "one", keys: { one: ONE } });
  journey = await openJourney(database, { MILLRACE_KEYS_FILE: file });
});
afterEach(() => journey.close());
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const mailOnly = (nth: number, email = `member${nth}@example.com`) => aRow(nth, { email, phone: "" });

/** Of every text that the ledger keeps sealed, the id of its key. */
const keysIn = async (bill: string): Promise<readonly string[]> => {
  const [row] = await database.query<{ text: string }>(
    "SELECT c::text AS text FROM millrace.contents c WHERE c.bill_id = $1",
    [bill],
  );
  return [...new Set([...(row?.text ?? "").matchAll(/v1\.([\w-]+)\./g)].map(([, id = ""]) => id))];
};

const lastWords = (report: NoticeReport | undefined): string =>
  report?.record.deadLetters.at(-1)?.reason ?? "no dead letter";

const setMail = async (bill: string, sealed: string): Promise<void> => {
  await database.query(
    "UPDATE millrace.contents SET contacts = jsonb_set(contacts::jsonb, '{email}', to_jsonb($2::text))::json WHERE bill_id = $1",
    [bill, sealed],
  );
};
const mailOf = async (bill: string): Promise<string> => {
  const [row] = await database.query<{ email: string }>(
    "SELECT contacts::jsonb ->> 'email' AS email FROM millrace.contents WHERE bill_id = $1",
    [bill],
  );
  return row?.email ?? "";
};

describe("rotating keys, by the key file alone", () => {
  it("opens what the old key has sealed, and seals with the new one", async () => {
    await journey.ingest([mailOnly(1)]);
    expect(await keysIn("bill-1")).toEqual(["one"]);

    writeKeys(folder, { present: "two", keys: { one: ONE, two: TWO } });
    await journey.ingest([mailOnly(2)]);
    expect(await keysIn("bill-2")).toEqual(["two"]);
    expect(await keysIn("bill-1")).toEqual(["one"]);

    await journey.deliver();
    expect([...journey.mailed()].sort()).toEqual(["member1@example.com", "member2@example.com"]);
    expect([...(await journey.reports()).values()].map(({ record }) => record.notice.status)).toEqual([
      "sent",
      "sent",
    ]);
  });

  it("shows by the recipe's own query when nothing needs the old key any more", async () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/recipes/keys.md"), "utf8");
    const [, query = ""] = /```sql\n([^]*?)```/.exec(page) ?? [];
    const waiting = async (id: string): Promise<number> => {
      const [row] = await database.query<{ count: string }>(query.replaceAll("2025-11", id));
      return Number(row?.count);
    };
    await journey.ingest([mailOnly(1)]);
    writeKeys(folder, { present: "two", keys: { one: ONE, two: TWO } });
    await journey.ingest([mailOnly(2), mailOnly(3)]);
    expect([await waiting("one"), await waiting("two")]).toEqual([1, 2]);
    await journey.deliver();
    expect([await waiting("one"), await waiting("two")]).toEqual([0, 0]);
  });

  it("reads the same JSON from the environment", async () => {
    await journey.ingest([mailOnly(1)]);
    const inline = JSON.stringify({ present: "two", keys: { one: ONE, two: TWO } });
    const variables = { MILLRACE_KEYS_FILE: "", MILLRACE_KEYS_INLINE: inline };
    await journey.ingest([mailOnly(2)], variables);
    expect(await keysIn("bill-2")).toEqual(["two"]);
    await journey.deliver(variables);
    expect(journey.mailed()).toHaveLength(2);
  });

  it("fails a notice whose key was taken away too early, names the key, and says what to do", async () => {
    await journey.ingest([mailOnly(1)]);
    writeKeys(folder, { present: "two", keys: { two: TWO } });
    await journey.deliver();
    const report = (await journey.reports()).get("bill-1");
    expect(report?.record.notice.status).toBe("failed");
    expect(lastWords(report)).toContain(
      "it was sealed with the key one, which is not among the keys: add it, then replay",
    );
    expect(journey.mailed()).toEqual([]);
  });
});

describe("a sealed text", () => {
  it("of which one bit was flipped opens for nobody, and its notice fails and says so", async () => {
    await journey.ingest([mailOnly(1)]);
    const sealed = await mailOf("bill-1");
    const bytes = Buffer.from(sealed.split(".")[2] ?? "", "base64url");
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1; // the tag is the end
    await setMail("bill-1", `v1.one.${bytes.toString("base64url")}`);
    await journey.deliver();
    expect(lastWords((await journey.reports()).get("bill-1"))).toContain(
      "it was changed, or sealed for something else",
    );
    expect(journey.mailed()).toEqual([]);
  });

  it("is another notice's nowhere, nor another member's where it is bound to members", async () => {
    for (const boundTo of ["notice", "member"]) {
      await database.clear();
      const variables = { MILLRACE_KEYS_BOUND_TO: boundTo };
      await journey.ingest([mailOnly(1), mailOnly(2)], variables);
      await setMail("bill-2", await mailOf("bill-1"));
      await journey.deliver(variables);
      const reports = await journey.reports();
      expect(reports.get("bill-1")?.record.notice.status).toBe("sent");
      expect(lastWords(reports.get("bill-2"))).toContain("sealed for something else");
    }
  });

  it("moves between notices of one member where it is bound to members", async () => {
    const variables = { MILLRACE_KEYS_BOUND_TO: "member" };
    await journey.ingest(
      [mailOnly(1), { ...mailOnly(2, "old@example.com"), user_id: "member-1" }],
      variables,
    );
    await setMail("bill-2", await mailOf("bill-1"));
    await journey.deliver(variables);
    expect(journey.mailed()).toEqual(["member1@example.com", "member1@example.com"]);
  });

  it("that says no address ends as a failure that shows none", async () => {
    // as another program with the same keys may have sealed it
    const iv = randomBytes(12);
    await journey.ingest([mailOnly(1)]);
    const id = (await journey.reports()).get("bill-1")?.record.notice.noticeId ?? "";
    const cipher = createCipheriv("aes-256-gcm", Buffer.from(ONE, "base64"), iv, { authTagLength: 16 });
    cipher.setAAD(Buffer.from(id));
    const body = Buffer.concat([iv, cipher.update("hong at example"), cipher.final(), cipher.getAuthTag()]);
    await setMail("bill-1", `v1.one.${body.toString("base64url")}`);
    await journey.deliver();
    const words = lastWords((await journey.reports()).get("bill-1"));
    expect(words).toMatch(/reading the email contact of .*: it/);
    expect(words).not.toContain("hong");
  });
});

const FORMATS = ["cbc-fixed-iv", "cbc-iv-in-front", "ecb"] as const;
type Format = (typeof FORMATS)[number];

/** As the program of that time wrote it. */
const writtenThen = (format: Format, text: string): string => {
  const iv = format === "ecb" ? null : format === "cbc-fixed-iv" ? IV : randomBytes(16);
  const mode = format === "ecb" ? "aes-256-ecb" : "aes-256-cbc";
  const cipher = createCipheriv(mode, Buffer.from(OLD, "base64"), iv);
  const front = format === "cbc-iv-in-front" && iv !== null ? [iv] : [];
  return Buffer.concat([...front, cipher.update(text, "utf8"), cipher.final()]).toString("base64");
};

const configured = (...formats: readonly Format[]): void => {
  const old = formats.map((format) => ({
    ...{ format, key: OLD },
    ...(format === "cbc-fixed-iv" ? { iv: IV.toString("base64") } : {}),
  }));
  writeKeys(folder, { present: "one", keys: { one: ONE }, old });
};

describe.each(FORMATS)("an address that an earlier system has encrypted (%s)", (format) => {
  const ADDRESS = "hong.gildong.19870301@example.com";

  it("comes in, is sealed anew and is delivered where the format is configured", async () => {
    configured(format);
    expect(await journey.ingest([mailOnly(1, writtenThen(format, ADDRESS))])).toMatchObject({ taken: 1 });
    expect(await keysIn("bill-1")).toEqual(["one"]);
    expect(await mailOf("bill-1")).toMatch(/^v1\.one\./);
    await journey.deliver();
    expect(journey.mailed()).toEqual([ADDRESS]);
  });

  it("is rejected where no format is configured, or only those of which it is none", async () => {
    const sealed = writtenThen(format, ADDRESS);
    expect(await journey.ingest([mailOnly(1, sealed)])).toMatchObject({ taken: 0, rejected: 1 });
    // read as if its IV stood in front, a fixed IV's text may be the end of somebody else's address: see the key recipe
    configured(
      ...FORMATS.filter((each) => each !== format && !(format === "cbc-fixed-iv" && each !== "ecb")),
    );
    expect(await journey.ingest([mailOnly(1, sealed)])).toMatchObject({ taken: 0, rejected: 1 });
  });

  it("is delivered as it lies in the ledger where it is configured, and fails where it is not", async () => {
    await journey.ingest([mailOnly(1), mailOnly(2)]);
    await setMail("bill-1", writtenThen(format, ADDRESS));
    configured(format);
    await journey.deliver();
    expect([...journey.mailed()].sort()).toEqual([ADDRESS, "member2@example.com"].sort());

    await journey.ingest([mailOnly(3)]);
    await setMail("bill-3", writtenThen(format, ADDRESS));
    configured();
    await journey.deliver();
    expect(lastWords((await journey.reports()).get("bill-3"))).toContain(
      "it is in none of the formats that are configured",
    );
  });
});

describe("every old format at once", () => {
  it("reads each text by its own", async () => {
    configured(...FORMATS);
    const rows = FORMATS.map((format, nth) =>
      mailOnly(nth, writtenThen(format, `a.long.enough.member${nth}@example.com`)),
    );
    expect(await journey.ingest(rows)).toMatchObject({ taken: 3 });
    await journey.deliver();
    expect([...journey.mailed()].sort()).toEqual(
      FORMATS.map((_, nth) => `a.long.enough.member${nth}@example.com`).sort(),
    );
  });
});
