import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BILL_COLUMNS } from "../../src/domain/bill-columns.ts";
import { readBillLine, type BillLine, type BillRow } from "../../src/domain/bill-line.ts";
import { reveal } from "../../src/domain/masking-sensitive.ts";
import { readOwnQuietHours } from "../../src/domain/quiet-hours-own.ts";
import { SEOUL } from "../../src/domain/zone-time.ts";
import { anyText } from "./text-arbitraries.ts";

const RUNS = { numRuns: 1_000 };
const SETTINGS = { zone: SEOUL };

const ROW: BillRow = {
  user_id: "member-1",
  bill_id: "bill-1",
  billing_month: "202611",
  purpose: "monthly-bill",
  available_at: "2026-11-21T10:00",
  send_day: "",
  quiet_from: "22:00",
  quiet_to: "07:00",
  zone: "Asia/Seoul",
  name: "홍길동",
  grade: "VIP",
  email: "hong.gildong@Example.com",
  phone: "010-1234-5678",
  items: '[{"label":"기본료","amount":33000}]',
  content_ref: "",
  expires_at: "2026-12-21",
};

const taken = (more: BillRow = {}): BillLine =>
  Result.getOrThrow(readBillLine({ ...ROW, ...more }, SETTINGS));
const problems = (row: BillRow): readonly string[] => {
  const read = readBillLine(row, SETTINGS);
  return Result.isFailure(read)
    ? read.failure.map(({ field, problem, shown }) => `${field} ${problem} <${shown}>`)
    : [];
};
const problem = (more: BillRow): string => problems({ ...ROW, ...more }).join("; ");

describe("readBillLine", () => {
  it("reads a whole row", () => {
    const line = taken();
    expect(line).toMatchObject({
      userId: "member-1",
      billId: "bill-1",
      period: 202611,
      purpose: "monthly-bill",
      dueAt: Date.UTC(2026, 10, 21, 1),
      expiresAt: Date.UTC(2026, 11, 20, 15),
      contentRef: null,
    });
    expect(line.email === null ? null : reveal(line.email)).toBe("hong.gildong@example.com");
    expect(line.phone === null ? null : reveal(line.phone).e164).toBe("+821012345678");
    expect(reveal(line.bill)).toEqual({
      name: "홍길동",
      grade: "VIP",
      items: [{ label: "기본료", amount: 33_000 }],
      total: 33_000,
    });
    expect(Result.getOrThrow(readOwnQuietHours(line.quietHours))?.intervals).toEqual([
      { fromMinute: 1_320, untilMinute: 420 },
    ]);
  });

  it("says everything that is wrong at once, field by field, and shows nobody's data", () => {
    expect(
      problems({
        user_id: "hong gildong",
        billing_month: "2026-13",
        purpose: "monthly bill",
        available_at: "010-1234-5678",
        send_day: "32",
        quiet_from: "22:00",
        zone: "Asia/Seul",
        name: "",
        email: "hong.gildong@example",
        phone: "010-1234-567",
        items: "33000",
        content_ref: "../bill.json",
        expires_at: "soon",
      }),
    ).toEqual([
      "zone is no zone of the IANA database, such as Asia/Seoul <Asia/Seul>",
      "user_id holds a space or a character that cannot be seen <***>",
      "bill_id is missing <>",
      "billing_month is no month: write 202611 or 2026-11 <2026-13>",
      "purpose holds a space or a character that cannot be seen <***>",
      "available_at is no time: write 2026-11-21T09:00:00+09:00, 2026-11-21T09:00 or 2026-11-21 <***>",
      "send_day is no day of a month, 1 to 31 <32>",
      "expires_at is no time: write 2026-11-21T09:00:00+09:00, 2026-11-21T09:00 or 2026-11-21 <***>",
      "quiet_to is missing, while quiet_from is there <>",
      "email is no address: the domain is not two or more labels of letters, digits and inner hyphens <***>",
      "phone is no telephone number: it has too few or too many digits for its prefix <***>",
      "content_ref is no place such as file:2026/11/4711.json <***>",
      "name is missing <>",
      'items is no list in JSON: write [{"label": "…", "amount": 1000}] <33000>',
    ]);
  });

  it("reads an empty row as all that is missing", () => {
    expect(problems({}).map((text) => text.split(" ")[0])).toEqual([
      "user_id",
      "bill_id",
      "billing_month",
      "purpose",
      "available_at",
      "email",
      "name",
      "items",
    ]);
  });

  it("is sent on the send day after it became available, in the row's zone", () => {
    expect(taken({ send_day: "25" }).dueAt).toBe(Date.UTC(2026, 10, 24, 15));
    expect(taken({ send_day: 21 }).dueAt).toBe(Date.UTC(2026, 10, 21, 1));
    expect(taken({ send_day: "25", zone: "Europe/Berlin" }).dueAt).toBe(Date.UTC(2026, 10, 24, 23));
  });

  it("reads dates and quiet hours in the zone of the settings where the row names none", () => {
    const line = Result.getOrThrow(
      readBillLine({ ...ROW, zone: null, available_at: "2026-11-21" }, SETTINGS),
    );
    expect(line.dueAt).toBe(Date.UTC(2026, 10, 20, 15));
    expect(line.quietHours?.["zone"]).toBe(SEOUL);
  });

  it.each([
    ["202611", 202611],
    ["2026-11", 202611],
    [202611, 202611],
    ["2026-11-01", 202611],
  ])("reads the month %j", (written, month) => {
    expect(taken({ billing_month: written }).period).toBe(month);
  });

  it("takes numbers for ids, also long ones", () => {
    for (const id of [1, "0212345678", "821012345678", "20261121000001", "회원-1"])
      expect(taken({ user_id: id }).userId).toBe(String(id));
  });

  it("needs one contact and one kind of contents", () => {
    expect(taken({ email: "" }).email).toBeNull();
    expect(taken({ phone: null }).phone).toBeNull();
    expect(problem({ email: "", phone: "" })).toContain("email is missing, and so is phone");
    expect(reveal(taken({ items: "", content_ref: "file:2026/11/1.json", grade: "" }).bill)).toEqual({
      name: "홍길동",
    });
    expect(problem({ items: "" })).toContain("items is missing, and so is content_ref");
  });

  it("has no quiet hours where none are written, and takes a database's time of day", () => {
    expect(taken({ quiet_from: "", quiet_to: "" }).quietHours).toBeNull();
    expect(taken({ quiet_from: "22:00:00", quiet_to: "24:00" }).quietHours).toEqual({
      zone: SEOUL,
      intervals: [{ from: "22:00", until: "24:00" }],
    });
    expect(problem({ quiet_from: "" })).toContain("quiet_from is missing, while quiet_to is there");
    expect(problem({ quiet_from: "07:00" })).toContain(
      "quiet_from and quiet_to are no two different times of day",
    );
    expect(problem({ quiet_from: "24:00" })).toContain(
      "quiet_from and quiet_to are no two different times of day",
    );
  });

  it.each([
    [{ expires_at: "2026-11-21T09:59" }, "expires_at is not after the time from which on it may be sent"],
    [{ expires_at: "2026-11-30", send_day: "1" }, "expires_at is not after the time"],
    [{ bill_id: "x".repeat(201) }, "bill_id is longer than 200 characters"],
    [{ bill_id: "a\u0000b" }, "bill_id holds a space or a character that cannot be seen"],
    [
      { user_id: "hong@example.com" },
      "user_id is an address or a telephone number, while ids are kept in the clear",
    ],
    [
      { bill_id: "010-1234-5678" },
      "bill_id is an address or a telephone number, while ids are kept in the clear",
    ],
    [{ purpose: "x".repeat(65) }, "purpose is longer than 64 characters"],
    [{ name: "x".repeat(101) }, "name is longer than 100 characters"],
    [{ name: "홍\n길동" }, "name holds a line break"],
    [{ grade: "x".repeat(51) }, "grade is longer than 50 characters"],
    [{ content_ref: "no-place" }, "content_ref is no place"],
  ])("refuses %j", (more, words) => {
    expect(problem(more)).toContain(words);
  });

  it("never throws, and always has either a line or a problem, whatever stands in the row", () => {
    const cell = fc.oneof(anyText, fc.jsonValue(), fc.constantFrom(...Object.values(ROW)));
    const row = fc.record(Object.fromEntries(BILL_COLUMNS.map((column) => [column, cell])), {
      requiredKeys: [],
    });
    fc.assert(
      fc.property(row, (written: BillRow) => {
        const read = readBillLine({ ...ROW, ...written }, SETTINGS);
        if (Result.isFailure(read)) expect(read.failure.length).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });

  it("never shows an address, a number or a name, whichever columns were mixed up", () => {
    const secret = fc.constantFrom(
      "hong.gildong@example.com",
      "010-1234-5678",
      "01012345678",
      "+82 10 1234 5678",
      "홍길동 서울시 강남구",
    );
    const row = fc.record(Object.fromEntries(BILL_COLUMNS.map((column) => [column, secret])), {
      requiredKeys: [],
    });
    fc.assert(
      fc.property(row, (written: BillRow) => {
        const said = JSON.stringify(problems({ ...ROW, ...written }));
        expect(said).not.toMatch(/gildong|1234|길동|강남/);
      }),
      RUNS,
    );
  });
});
