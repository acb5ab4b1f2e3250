import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TEMPLATE_FORMATS } from "../../../src/adapters/templates/template-formats.ts";
import { partsOf, refusalOf, requestOf, storeOf, written } from "./sets.ts";

const RUNS = { numRuns: 1_000 };

describe("money", () => {
  const money = (total: unknown, settings = ""): string =>
    written(`{{money total${settings}}}`, { total: "amount" }, { total });

  it("groups thousands and keeps the sign", () => {
    expect(money(48_750)).toBe("48,750");
    expect(money("-1234567")).toBe("-1,234,567");
    expect(money(0)).toBe("0");
    expect(money("-0")).toBe("0");
    expect(money("000999")).toBe("999");
    expect(money(999_999_999_999_999)).toBe("999,999,999,999,999");
  });

  it("shows as many decimals as the template says, and never rounds", () => {
    expect(money("12.5", " decimals=2")).toBe("12.50");
    expect(money("1234", " decimals=2")).toBe("1,234.00");
    expect(money("12.00")).toBe("12");
    expect(money("-0.05", " decimals=2")).toBe("-0.05");
    const store = storeOf({ text: "{{money total decimals=1}}", variables: { total: "amount" } });
    expect(refusalOf(store, requestOf({ total: "0.05" })).message).toContain("more than 1 decimals");
  });

  it("always shows the digits of the amount and no others", () => {
    const store = storeOf({ text: "{{money total}}", variables: { total: "amount" } });
    fc.assert(
      fc.property(fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }), (total) => {
        const shown = partsOf(store, requestOf({ total })).text;
        expect(shown.replaceAll(",", "")).toBe(String(total));
        expect(shown).toMatch(/^-?\d{1,3}(,\d{3})*$/);
      }),
      RUNS,
    );
  });
});

describe("the other formats", () => {
  it("read the parts of a month and of a date, without leading zeros", () => {
    const text = "{{year period}}/{{month period}} {{year due}}/{{month due}}/{{day due}}";
    const variables = { period: "month", due: "date" };
    expect(written(text, variables, { period: 202602, due: "2026-03-09" })).toBe("2026/2 2026/3/9");
    expect(written(text, variables, { period: "2026-11", due: "2028-02-29" })).toBe("2026/11 2028/2/29");
  });

  it("count a list, compare, mask a name and write a part of an address", () => {
    const lines = { items: [{ label: "text" }] };
    expect(
      written("{{count items}}{{#each items}}{{label}}{{/each}}", lines, { items: [{ label: "a" }] }),
    ).toBe("1a");
    const vip = '{{#if (equals grade "VIP")}}V{{else}}-{{/if}}';
    expect(written(vip, { "grade?": "text" }, { grade: "VIP" })).toBe("V");
    expect(written(vip, { "grade?": "text" }, { grade: "vip" })).toBe("-");
    expect(written(vip, { "grade?": "text" }, {})).toBe("-");
    expect(written("{{masked name}}", { name: "text" }, { name: "홍길동" })).toBe("홍*동");
    expect(written("{{urlPart id}}", { id: "text" }, { id: "a/b?c=d e" })).toBe("a%2Fb%3Fc%3Dd%20e");
  });

  it("shorten a text to so many characters, by whole characters", () => {
    const short = (name: string): string => written("{{shorten name 4}}", { name: "text" }, { name });
    expect(short("홍길동")).toBe("홍길동");
    expect(short("남궁서연")).toBe("남궁서연");
    expect(short("남궁서연아")).toBe("남궁서…");
    expect(short("가\u1112\u1161\u11ab글이다")).toBe("가한글…");
    expect(short("🙂🙂🙂🙂🙂")).toBe("🙂🙂🙂…");
  });

  it("never give more characters than the template says", () => {
    const store = storeOf({ text: "{{shorten name 7}}", variables: { name: "text" } });
    const name = fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => !/\p{Cc}/u.test(text));
    fc.assert(
      fc.property(name, (value) => {
        expect([...partsOf(store, requestOf({ name: value })).text].length).toBeLessThanOrEqual(7);
      }),
      RUNS,
    );
  });
});

it("are all on the page for those who write bills", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/recipes/templates.md"), "utf8");
  for (const name of Object.keys(TEMPLATE_FORMATS)) expect(page).toMatch(new RegExp(`[{(]${name} `));
});
