import { join } from "node:path";
import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { templateStore } from "../../src/adapters/templates/template-store.ts";
import { readBillLine } from "../../src/domain/bill-line.ts";
import { instant } from "../../src/domain/ids.ts";
import { reveal } from "../../src/domain/masking-sensitive.ts";
import { SEOUL } from "../../src/domain/zone-time.ts";
import { demoBills } from "../../src/service/demo-bills.ts";
import { lintTemplates, previewTemplate } from "../../src/service/template-report.ts";
import { filesOf, folderOf, partsOf, requestOf } from "../adapters/templates/sets.ts";

const shipped = join(import.meta.dirname, "../../templates");
const NOW = instant(Date.UTC(2026, 10, 21, 2, 30));

describe("a look over the templates", () => {
  it("has nothing to say of the shipped ones, and measures what comes out of them", () => {
    const { mistakes, messages, versions } = lintTemplates(shipped);
    expect(mistakes).toEqual([]);
    expect(versions).toContain("2026-11");
    const sms = messages.filter(({ channel }) => channel === "sms");
    expect(sms.every((message) => message.sms?.kind === "sms" && message.sms.bytes <= 90)).toBe(true);
    // Some mail programs cut what is longer than 102 KB.
    expect(messages.every(({ htmlBytes }) => (htmlBytes ?? 0) < 102_000)).toBe(true);
  });

  it("looks at one version where its own folder is named", () => {
    const folder = folderOf({
      ...filesOf({ version: "v1", text: "{{nobody}}" }),
      ...filesOf({ version: "v2" }),
    });
    expect(lintTemplates(join(folder, "v2")).mistakes).toEqual([]);
    expect(lintTemplates(join(folder, "v1")).mistakes).toHaveLength(1);
    expect(lintTemplates(folder)).toMatchObject({
      versions: ["v1", "v2"],
      mistakes: [{ file: "v1/text.hbs" }],
    });
  });

  it("tries what can be tried, also where something else is wrong", () => {
    const files = filesOf({
      text: "hello {{name}}",
      variables: { name: "text" },
      sample: '{"about":{},"bill":{"name":"x"}}',
    });
    const { mistakes, messages } = lintTemplates(folderOf({ ...files, "v1/spare.hbs": "x" }));
    expect(mistakes).toHaveLength(1);
    expect(messages).toMatchObject([{ channel: "sms", sample: "sample.json", textBytes: 7 }]);
  });
});

describe("a preview", () => {
  it("is the message that a bill of these data gets", () => {
    const preview = Result.getOrThrow(previewTemplate(shipped, { channel: "sms", kind: "bill" }));
    const store = Result.getOrThrow(templateStore({ folder: shipped, version: preview.version }));
    const bill = { name: "홍길동", grade: "우수고객", dueDay: 25, total: 48_750 };
    expect(partsOf(store, requestOf(bill, { about: { period: 202611 } })).text).toBe(preview.text);
  });
});

describe("the shipped templates", () => {
  const store = Result.getOrThrow(templateStore({ folder: shipped }));

  it("always make a message of a demo bill, by e-mail and by text message", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
        for (const source of demoBills({ count: 2, name: "demo", seed, now: NOW })) {
          if (!("row" in source)) throw new Error("a demo line without a row");
          const line = Result.getOrThrow(readBillLine(source.row, { zone: SEOUL }));
          const about = { billId: line.billId, period: line.period };
          const fields = reveal(line.bill);
          const email = partsOf(store, requestOf(fields, { about, channel: "email" }));
          expect(email.html).toContain(String(fields["name"]));
          expect(email.subject).toContain("2026년 11월");
          expect(partsOf(store, requestOf(fields, { about })).size?.kind).toBe("sms");
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
