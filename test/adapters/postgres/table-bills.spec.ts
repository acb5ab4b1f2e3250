/**
 * A table that another system writes, with types as such systems have them.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tableBills, type TableBillsOptions } from "../../../src/adapters/postgres/index.ts";
import { readBillLine, type SourceLine } from "../../../src/domain/bill-line.ts";
import { SEOUL } from "../../../src/domain/zone-time.ts";
import { Result } from "effect";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
  await database.query(`
    CREATE TABLE public.billing_targets (
      id bigserial PRIMARY KEY, member_no bigint, bill_id varchar(40), billing_month date, purpose text,
      available_at timestamptz, send_day smallint, quiet_from time, quiet_to time, name char(20), email text,
      phone varchar(20), items jsonb, expires_at timestamp)`);
  await database.query(`
    INSERT INTO public.billing_targets (member_no, bill_id, billing_month, purpose, available_at, send_day, quiet_from,
      quiet_to, name, email, phone, items, expires_at)
    SELECT n, 'bill-' || n, '2026-11-01', 'monthly-bill', '2026-11-21 10:00:00.123456+09', NULL, '22:00', '07:00', '홍길동',
      'hong@example.com', NULL, '[{"label": "기본료", "amount": 33000}]', '2026-12-21 00:00'
    FROM generate_series(1, 2500) AS n`);
});

afterAll(() => database.drop());

const MAPPED = { columns: { user_id: "member_no" } } as const;

const read = async (more: Partial<TableBillsOptions> = {}): Promise<readonly SourceLine[]> => {
  const lines: SourceLine[] = [];
  for await (const line of tableBills({
    connection: database.admin,
    table: "billing_targets",
    ...MAPPED,
    ...more,
  }))
    lines.push(line);
  return lines;
};
const sessions = async (): Promise<number> => {
  const [row] = await database.query<{ count: number }>(
    "SELECT count(*)::integer AS count FROM pg_stat_activity WHERE application_name = 'millrace ingest'",
  );
  return row?.count ?? 0;
};

describe("tableBills", () => {
  it("reads every row, page by page, in the form that a file's line has", async () => {
    const lines = await read();
    expect(lines).toHaveLength(2_500);
    expect(lines.at(-1)?.line).toBe(2_500);
    const [first] = lines;
    if (first === undefined || !("row" in first)) throw new Error("no row");
    const line = Result.getOrThrow(readBillLine(first.row, { zone: SEOUL }));
    expect(line).toMatchObject({
      userId: "1",
      billId: "bill-1",
      period: 202611,
      dueAt: Date.UTC(2026, 10, 21, 1, 0, 0, 123),
      expiresAt: Date.UTC(2026, 11, 20, 15),
      quietHours: { zone: SEOUL, intervals: [{ from: "22:00", until: "07:00" }] },
      phone: null,
    });
  });

  it("gives the same lines whatever the page, also where they fill the last one", async () => {
    const ids = (lines: readonly SourceLine[]) =>
      lines.map((each) => ("row" in each ? each.row.bill_id : each));
    expect(ids(await read({ pageRows: 1_250 }))).toEqual(ids(await read({ pageRows: 777 })));
  });

  it("reads the rows of one moment", async () => {
    const source = tableBills({
      connection: database.admin,
      table: "billing_targets",
      ...MAPPED,
      pageRows: 10,
    });
    await source.next();
    await database.query("INSERT INTO public.billing_targets (member_no) VALUES (9999)");
    let count = 1;
    for await (const _ of source) count += 1;
    expect(count).toBe(2_500);
    await database.query("DELETE FROM public.billing_targets WHERE member_no = 9999");
  });

  it("closes its connection when the reading is given up", async () => {
    for await (const _ of tableBills({
      connection: database.admin,
      table: "public.billing_targets",
      ...MAPPED,
    }))
      break;
    await expect.poll(sessions).toBe(0);
  });

  it("says everything that is wrong with the mapping at once", async () => {
    await expect(read({ columns: { phone: "mobile", email: "mail" } })).rejects.toMatchObject({
      _tag: "Permanent",
      code: "columns",
      message:
        "reading bills from the table billing_targets: phone is mapped to mobile, which it does not have; " +
        "email is mapped to mail, which it does not have; the columns user_id are missing",
    });
  });

  it("takes a table's name for a name, whatever is in it", async () => {
    for (const table of ["none", 'x"; DROP TABLE public.billing_targets; --', "millrace.none", "a.b.c"])
      await expect(read({ table })).rejects.toMatchObject({ _tag: "Permanent", code: "columns" });
    expect(await read()).toHaveLength(2_500);
  });

  it("says that it may not read, or that there is no such database, and waits for one that is away", async () => {
    await expect(read({ connection: database.service })).rejects.toMatchObject({
      _tag: "Permanent",
      code: "sqlstate:42501",
    });
    await expect(read({ connection: { ...database.admin, database: "none" } })).rejects.toMatchObject({
      _tag: "Permanent",
      code: "sqlstate:3D000",
    });
    await expect(read({ connection: { ...database.admin, port: 1 } })).rejects.toMatchObject({
      _tag: "Transient",
      code: "connection",
    });
  });

  it("ends as trouble that passes where its connection is cut between two pages", async () => {
    const source = tableBills({
      connection: database.admin,
      table: "billing_targets",
      ...MAPPED,
      pageRows: 10,
    });
    await source.next();
    await database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace ingest'",
    );
    const rest = async (): Promise<void> => {
      for await (const _ of source) void _;
    };
    await expect(rest()).rejects.toMatchObject({ _tag: "Transient" });
  });
});
