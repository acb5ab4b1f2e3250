import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { templateStore } from "../../../src/adapters/templates/template-store.ts";
import type { RenderRequest, TemplateStore } from "../../../src/domain/ports/template-store.ts";
import { filesOf, folderOf, mistakesOf, partsOf, refusalOf, requestOf, storeOf } from "./sets.ts";

const root = join(import.meta.dirname, "../../..");
const RUNS = { numRuns: 1_000 };

const digestOf = (store: TemplateStore, request: RenderRequest): string =>
  Result.getOrThrow(store.render(request)).digest;

const TOTAL = { text: "{{name}}: {{money total}}원", variables: { name: "text", total: "amount" } };

describe("a store of templates", () => {
  it("makes a message of a bill and pins what went into it", () => {
    const store = storeOf(TOTAL);
    const rendered = Result.getOrThrow(store.render(requestOf({ name: "홍길동", total: 48_750 })));
    expect(store.version).toBe("v1");
    expect(partsOf(store, requestOf({ name: "홍길동", total: 48_750 }))).toEqual({
      subject: null,
      html: null,
      text: "홍길동: 48,750원",
    });
    expect(rendered.digest).toMatch(/^v1:[0-9a-f]{64}$/);
    expect(String(rendered.message)).not.toContain("홍길동");
  });

  it("fails for good where a variable is missing, and says which and where, never what else the bill says", () => {
    const refusal = refusalOf(storeOf(TOTAL), requestOf({ name: "홍길동" }));
    expect(refusal).toEqual({
      tag: "Permanent",
      code: "template",
      message: "rendering v1/text.hbs: variable total is missing",
    });
    expect(refusalOf(storeOf(TOTAL), requestOf({ name: "홍길동", total: null })).message).toContain("total");
  });

  it("takes what the row says before what the bill says", () => {
    const store = storeOf({ text: "{{period}}", variables: { period: "month" } });
    const request = requestOf({ period: 202612 }, { about: { period: 202611 } });
    expect(partsOf(store, request).text).toBe("202611");
    expect(partsOf(store, requestOf({ period: 202612 })).text).toBe("202612");
  });

  it("keeps the older versions, for copies of what was sent with them", () => {
    const folder = folderOf({
      ...filesOf({ version: "2026-10", text: "old" }),
      ...filesOf({ version: "2026-11", text: "new" }),
    });
    const store = Result.getOrThrow(templateStore({ folder }));
    expect(store.version).toBe("2026-11");
    expect(partsOf(store, requestOf({})).text).toBe("new");
    expect(partsOf(store, requestOf({}, { version: "2026-10" })).text).toBe("old");
    expect(digestOf(store, requestOf({}, { version: "2026-10" }))).toMatch(/^2026-10:/);
    const chosen = Result.getOrThrow(templateStore({ folder, version: "2026-10" }));
    expect(partsOf(chosen, requestOf({})).text).toBe("old");
  });

  it("needs its files once: what happens to them later changes nothing", () => {
    const folder = folderOf(filesOf({ text: "as it was" }));
    const store = Result.getOrThrow(templateStore({ folder }));
    writeFileSync(join(folder, "v1/text.hbs"), "as it is");
    expect(partsOf(store, requestOf({})).text).toBe("as it was");
    rmSync(folder, { recursive: true });
    expect(partsOf(store, requestOf({})).text).toBe("as it was");
  });

  it("has nothing for a version, a kind or a channel that is not there", () => {
    const store = storeOf({ text: "hello" });
    expect(refusalOf(store, requestOf({}, { version: "2020-01" })).message).toContain(
      '"2020-01" is not there',
    );
    expect(refusalOf(store, requestOf({}, { kind: "reminder" })).message).toContain('"reminder" by sms');
    expect(refusalOf(store, requestOf({}, { channel: "fax" })).message).toContain("by fax");
    for (const name of ["__proto__", "constructor", "bill/sms"]) {
      expect(refusalOf(store, requestOf({}, { kind: name })).code).toBe("template");
      expect(refusalOf(store, requestOf({}, { version: name })).code).toBe("template");
    }
  });

  it("is not made of a set with a mistake, and quotes the first ones", () => {
    expect(mistakesOf({ text: "{{nmae}}", variables: { name: "text" } })).toBe(
      "reading the templates: v1/text.hbs:1: unknown variable nmae: list it in set.json; " +
        "v1/set.json: bill/sms: name is listed, and no template of it shows it",
    );
    const many = mistakesOf({ text: "{{a}}{{b}}{{c}}{{d}}{{e}}{{f}}{{g}}" });
    expect(many).toContain("unknown variable e");
    expect(many).toContain("and 2 more");
    expect(many).not.toContain("unknown variable f");
  });

  it("is not made of a folder without sets, or without the version that is wanted", () => {
    const none = templateStore({ folder: join(root, "no-such-folder") });
    expect(Result.isFailure(none) && none.failure.message).toContain("holds no set");
    const other = templateStore({ folder: folderOf(filesOf({})), version: "v2" });
    expect(Result.isFailure(other) && other.failure.message).toContain("no version v2, only v1");
  });

  it("throws what a format throws that is no failure of the value: a breaker counts those", () => {
    const broken = {
      takes: [{ kinds: ["text"] as const }],
      gives: "text" as const,
      write: () => {
        throw new TypeError("a bug in a format");
      },
    };
    const store = storeOf({ text: "{{broken name}}", variables: { name: "text" } }, { broken });
    expect(() => store.render(requestOf({ name: "x" }))).toThrow(new TypeError("a bug in a format"));
  });

  it("says the line and the format where a value cannot be written", () => {
    const store = storeOf(TOTAL);
    expect(refusalOf(store, requestOf({ name: "x", total: "12.5" }))).toMatchObject({
      code: "template",
      message: "rendering v1/text.hbs, line 1, money: the amount has more than 0 decimals",
    });
  });
});

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>;
const billFields = fc.dictionary(fc.string({ maxLength: 8 }), json, { maxKeys: 6 });
const about = fc.dictionary(fc.string({ maxLength: 8 }), fc.oneof(fc.string(), fc.integer()), { maxKeys: 4 });

/** The same value with the fields of every object in the opposite order. */
const turned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).reverse();
  const record: Record<string, unknown> = {};
  for (const [key, inner] of entries)
    Object.defineProperty(record, key, {
      value: turned(inner),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  return record;
};

/** As JSON sees them: `-0` is `0`, and an object has no prototype worth a difference. */
const same = (left: unknown, right: unknown): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(left)), JSON.parse(JSON.stringify(right)));

const asRecord = (value: unknown) => value as Readonly<Record<string, never>>;

describe("a digest", () => {
  const store = storeOf({ text: "hello" });

  it("always is the same for the same inputs, in whatever order their fields came, and so are the bytes", () => {
    fc.assert(
      fc.property(billFields, about, (bill, row) => {
        const one = Result.getOrThrow(store.render(requestOf(bill, { about: row })));
        const again = requestOf(asRecord(turned(bill)), { about: asRecord(turned(row)) });
        expect(digestOf(store, again)).toBe(one.digest);
        expect(partsOf(store, again)).toEqual(partsOf(store, requestOf(bill, { about: row })));
      }),
      RUNS,
    );
  });

  it("always differs where the inputs differ in anything", () => {
    fc.assert(
      fc.property(billFields, billFields, about, about, (bill, otherBill, row, otherRow) => {
        const equal = same([bill, row], [otherBill, otherRow]);
        const one = digestOf(store, requestOf(bill, { about: row }));
        const other = digestOf(store, requestOf(otherBill, { about: otherRow }));
        expect(one === other).toBe(equal);
      }),
      RUNS,
    );
  });

  it("always differs where one field of the bill was changed", () => {
    fc.assert(
      fc.property(billFields, fc.string({ maxLength: 8 }), json, json, (bill, name, left, right) => {
        fc.pre(!same(left, right) && name !== "__proto__");
        const one = digestOf(store, requestOf({ ...bill, [name]: left }));
        expect(digestOf(store, requestOf({ ...bill, [name]: right }))).not.toBe(one);
      }),
      RUNS,
    );
  });

  it("differs by version, channel, kind, by which side a field is on, and by the template's own words", () => {
    const entry = { text: "text.hbs", size: "any", variables: {} };
    const set = (samples = ["sample.json"]) => ({ samples, channels: { sms: entry, other: entry } });
    const files = (version: string, text: string) => ({
      ...filesOf({ version, text }),
      [`${version}/set.json`]: JSON.stringify({ kinds: { bill: set(), reminder: set() } }),
    });
    const folder = folderOf({ ...files("a", "hello"), ...files("b", "hello"), ...files("c", "hello you") });
    const both = Result.getOrThrow(templateStore({ folder }));
    const digests = [
      requestOf({ x: 1 }, { version: "a" }),
      requestOf({ x: 1 }, { version: "b" }),
      requestOf({ x: 1 }, { version: "a", channel: "other" }),
      requestOf({ x: 1 }, { version: "a", kind: "reminder" }),
      requestOf({}, { version: "a", about: { x: 1 } }),
      requestOf({ x: "1" }, { version: "a" }),
    ].map((request) => digestOf(both, request).split(":")[1]);
    expect(new Set(digests).size).toBe(digests.length);
    const changed = Result.getOrThrow(templateStore({ folder: folderOf(files("a", "hello you")) }));
    expect(digestOf(changed, requestOf({ x: 1 }))).not.toBe(
      digestOf(both, requestOf({ x: 1 }, { version: "a" })),
    );
  });

  it("is the same in another process", () => {
    const folder = join(root, "templates");
    const sample = readFileSync(join(folder, "2026-11/bill/sample.json"), "utf8");
    const { about: row, bill } = JSON.parse(sample) as { about: Record<string, string>; bill: object };
    const here = Result.getOrThrow(templateStore({ folder, version: "2026-11" }));
    const request = requestOf({ ...bill }, { about: row, channel: "email" });
    const script = `
      import { templateStore } from "./src/adapters/templates/template-store.ts";
      import { maskWhole } from "./src/domain/masking.ts";
      import { Sensitive } from "./src/domain/masking-sensitive.ts";
      const { about, bill } = ${sample};
      const store = templateStore({ folder: "templates", version: "2026-11" }).success;
      const request = { about, kind: "bill", channel: "email", bill: new Sensitive("bill", bill, maskWhole("")) };
      console.log(store.render(request).success.digest);`;
    const there = execFileSync(
      process.execPath,
      ["--conditions=millrace-source", "--import", "tsx", "--input-type=module", "--eval", script],
      { cwd: root, encoding: "utf8" },
    );
    expect(there.trim()).toBe(digestOf(here, request));
  });
});

describe("hostile bills", () => {
  const store = storeOf({ text: "{{name}}", variables: { name: "text" } });

  it("never reach a template by fields that are not listed", () => {
    const bill = JSON.parse(
      '{"name": "x", "__proto__": {"name": "y", "polluted": true}, "constructor": {"prototype": {}}, "toString": 1}',
    ) as Record<string, unknown>;
    expect(partsOf(store, requestOf(bill)).text).toBe("x");
    expect(Object.hasOwn({}, "polluted") || "polluted" in {}).toBe(false);
    const inherited = Object.create({ name: "inherited" }) as Record<string, unknown>;
    expect(refusalOf(store, requestOf(inherited)).code).toBe("template");
    expect(
      refusalOf(store, requestOf(JSON.parse('{"__proto__": {"name": "y"}}') as never)).message,
    ).toContain("variable name is missing");
  });

  it("are refused where they are too deep, too long, too many or no plain data", () => {
    const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
    const deepest = JSON.parse("[".repeat(100_000) + "]".repeat(100_000)) as unknown;
    const cyclic: Record<string, unknown> = { name: "x" };
    cyclic["self"] = cyclic;
    const refusals: readonly [Record<string, unknown>, string][] = [
      [{ name: "x", more: deep(40) }, "nested deeper than 32"],
      [{ name: "x", more: deepest }, "nested deeper than 32"],
      [cyclic, "nested deeper than 32"],
      [{ name: "x".repeat(50_000_000) }, "longer than 1048576 characters"],
      [{ name: "x".repeat(10_001) }, "variable name is longer than 10000 characters"],
      [{ name: { first: "x" } }, "variable name is no text"],
      [{ name: ["x"] }, "variable name is no text"],
      [{ name: "a\u0000b" }, "control character"],
      [{ name: "a\ud800b" }, "half of one"],
      [{ name: Number.NaN }, "a number that is none"],
      [{ name: "x", when: new Date(0) }, "no plain data"],
      [{ name: "x", run: () => "x" }, "holds a function"],
      [{ name: "x", big: 1n }, "holds a bigint"],
    ];
    for (const [bill, words] of refusals) {
      const refusal = refusalOf(store, requestOf(bill));
      expect(refusal).toMatchObject({ tag: "Permanent", code: "template" });
      expect(refusal.message).toContain(words);
      expect(refusal.message.length).toBeLessThan(200);
    }
  });

  it("never are quoted in a failure, whatever they hold", () => {
    const strict = storeOf({
      text: "{{name}} {{month period}} {{money total}} {{#each items}}{{label}}{{/each}}",
      variables: { name: "text", period: "month", total: "amount", items: [{ label: "text" }] },
    });
    const secret = fc.string({ minLength: 6, maxLength: 30 }).map((text) => `§${text}§`);
    fc.assert(
      fc.property(secret, fc.nat({ max: 4 }), (value, wrong) => {
        const bill: Record<string, unknown> = {
          name: "x",
          period: 202611,
          total: 1,
          items: [{ label: "x" }],
        };
        if (wrong === 0) bill["name"] = { value };
        if (wrong === 1) bill["period"] = value;
        if (wrong === 2) bill["total"] = value;
        if (wrong === 3) bill["items"] = value;
        if (wrong === 4) bill["items"] = [{ label: [value] }];
        const refusal = refusalOf(strict, requestOf(bill));
        expect(refusal.message).not.toContain(value);
      }),
      RUNS,
    );
  });
});
