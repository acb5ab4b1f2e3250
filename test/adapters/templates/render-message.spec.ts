import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partsOf, refusalOf, requestOf, storeOf } from "./sets.ts";

const VARIABLES = { name: "text" };
const RUNS = { numRuns: 1_000 };

const emailTo = (name: unknown) => requestOf({ name }, { channel: "email" });

describe("an e-mail", () => {
  const store = storeOf({
    subject: "Bill for {{name}}\n",
    html: "<p>{{name}}</p>\n",
    text: "{{name}} & co\n",
    variables: VARIABLES,
  });

  it("has a subject, escaped HTML, and text as it stands", () => {
    expect(partsOf(store, emailTo("<b>Kim</b>"))).toEqual({
      subject: "Bill for <b>Kim</b>",
      html: "<p>&lt;b&gt;Kim&lt;/b&gt;</p>",
      text: "<b>Kim</b> & co",
    });
  });

  it("is refused where a value would break the subject's line, and begin another header", () => {
    for (const name of ["Kim\r\nBcc: all@example.com", "Kim\nx", "a\u2028b", "a\u0085b", "a\tb"]) {
      const { code, message } = refusalOf(store, emailTo(name));
      expect(code).toBe("template");
      expect(message).toMatch(/subject\.hbs: a value puts a line break|name holds a control character/);
    }
  });

  it("never has a subject with more than one line", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("\r", "\n", "a", "가", ":", "\u2028", " ") }), (name) => {
        const rendered = store.render(emailTo(name));
        if (rendered._tag === "Failure") return;
        expect(partsOf(store, emailTo(name)).subject?.split(/[\r\n\u0085\u2028\u2029]/)).toHaveLength(1);
      }),
      RUNS,
    );
  });

  it("is refused where the subject is empty or too long for a header", () => {
    const bare = storeOf({ subject: "{{name}}", html: "x", text: "{{name}}", variables: VARIABLES });
    expect(refusalOf(bare, emailTo("  ")).message).toContain("the subject comes out empty");
    expect(refusalOf(bare, emailTo("x".repeat(251))).message).toContain("longer than 250 characters");
  });

  it("is refused where it comes out larger than any mail should be", () => {
    const items = [{ label: "text" }];
    const many = storeOf({
      subject: "s",
      html: "{{#each items}}{{label}}{{label}}{{label}}{{label}}{{/each}}",
      text: "x",
      variables: { items },
    });
    const label = "<".repeat(1_000);
    const bill = { items: Array.from({ length: 900 }, () => ({ label })) };
    const { message } = refusalOf(many, requestOf(bill, { channel: "email" }));
    expect(message).toContain("html.hbs: it comes out longer than 1048576 characters");
  });
});

describe("a text message", () => {
  const sms = storeOf({ text: "요금 {{name}}", size: "sms", variables: VARIABLES });
  const lms = storeOf({ text: "요금 {{name}}", size: "lms", variables: VARIABLES });

  it("says how the carriers count it", () => {
    expect(partsOf(sms, requestOf({ name: "홍길동" }))).toEqual({
      subject: null,
      html: null,
      text: "요금 홍길동",
      size: { kind: "sms", bytes: 11 },
    });
  });

  it("is refused beyond its class, or goes as a long one where the set allows that", () => {
    const name = "가".repeat(43);
    expect(refusalOf(sms, requestOf({ name })).message).toBe(
      "rendering v1/text.hbs: it comes out 91 bytes long, and 90 is the most",
    );
    expect(partsOf(lms, requestOf({ name })).size).toEqual({ kind: "lms", bytes: 91 });
    expect(partsOf(lms, requestOf({ name: "x" })).size).toEqual({ kind: "sms", bytes: 6 });
    expect(refusalOf(lms, requestOf({ name: "가".repeat(1_000) })).message).toContain(
      "2005 bytes long, and 2000",
    );
  });

  it("composes Hangul, and refuses what the character set does not have, without showing it", () => {
    expect(partsOf(sms, requestOf({ name: "홍길동".normalize("NFD") })).text).toBe("요금 홍길동");
    const { message } = refusalOf(sms, requestOf({ name: "똠" }));
    expect(message).toContain("a character that a text message cannot carry (ks-x-1001)");
    expect(message).not.toContain("똠");
  });

  it("never is longer than its class", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "가", "길", "1", " "), maxLength: 60 });
    fc.assert(
      fc.property(name, (value) => {
        const rendered = sms.render(requestOf({ name: value }));
        if (rendered._tag === "Failure") return;
        const { text, size } = partsOf(sms, requestOf({ name: value }));
        const bytes = [...text].reduce((sum, character) => sum + (character > "~" ? 2 : 1), 0);
        expect(size).toEqual({ kind: "sms", bytes });
        expect(bytes).toBeLessThanOrEqual(90);
      }),
      RUNS,
    );
  });
});
