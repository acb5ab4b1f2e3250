import { describe, expect, it } from "vitest";
import { mistakeInWords, type TemplateMistake } from "../../../src/adapters/templates/mistake.ts";
import { readSetFile } from "../../../src/adapters/templates/set-file.ts";

const read = (source: string) => {
  const mistakes: TemplateMistake[] = [];
  const set = readSetFile("v1/set.json", source, new Set(["money", "month"]), mistakes);
  return { set, mistakes: mistakes.map(mistakeInWords) };
};

const withChannel = (channel: unknown): string =>
  JSON.stringify({ kinds: { bill: { samples: ["sample.json"], channels: { sms: channel } } } }, null, 2);

const SMS = { text: "sms.hbs", size: "sms", variables: { name: "text" } };

describe("a set's own file", () => {
  it("lists for each kind and channel the files, the size and the variables", () => {
    const { set, mistakes } = read(withChannel(SMS));
    expect(mistakes).toEqual([]);
    expect(set.samples.get("bill")).toEqual(["sample.json"]);
    expect(set.channels).toMatchObject([
      { kind: "bill", channel: "sms", text: "sms.hbs", subject: null, html: null, size: { upTo: "sms" } },
    ]);
    expect(set.channels[0]?.fields.get("name")).toEqual({ kind: "text", optional: false });
  });

  it("says every mistake at once, each with its line", () => {
    const source = `{
  "kinds": {
    "bill": {
      "samples": ["sample.json"],
      "channels": {
        "email": { "subject": "s.hbs", "text": "t.hbs", "variables": { "na me": "text", "total": "euro" } },
        "sms": { "text": "../secret", "colour": "red", "variables": {} }
      }
    },
    "Reminder": { "channels": {} }
  },
  "author": "me"
}`;
    expect(read(source).mistakes).toEqual([
      'v1/set.json:12: nothing is known of "author"',
      'v1/set.json:6: bill/email needs "subject" and "html", or neither',
      'v1/set.json:6: bill/email: "na me" is no name: a letter, then letters and digits, and "?" where it may be absent',
      'v1/set.json:6: bill/email: total must be one of "text", "number", "amount", "month", "date", "flag", or a list written [{ … }]',
      'v1/set.json:6: bill/email needs "size": "sms" (up to 90 bytes), "lms" (up to 2,000) or "any"',
      'v1/set.json:7: bill/sms: nothing is known of "colour"',
      'v1/set.json:7: bill/sms: "text" is the name of a file in the set, such as "bill/text.hbs"',
      'v1/set.json:7: bill/sms needs "text"',
      `v1/set.json:10: a kind is named by a-z, 0-9 and "-", not "Reminder"`,
      'v1/set.json:10: kind "Reminder" needs "channels"',
    ]);
  });

  it("says where it is no JSON, or something else than a set", () => {
    expect(read('{\n  "kinds": {\n  oops\n}').mistakes).toEqual([
      "v1/set.json:3: is no JSON: look at this line and the one before it",
    ]);
    expect(read('{\n  "kinds": {').mistakes[0]).toMatch(/^v1\/set\.json:2: is no JSON/);
    for (const source of ["null", "[]", "1", "{}", '{"kinds": []}'])
      expect(read(source).mistakes[0], source).toMatch(/"kinds" must be an object|no JSON/);
    expect(read('{"kinds": {}}').mistakes).toEqual(['v1/set.json:1: "kinds" is empty']);
    expect(read('{"kinds": {"bill": 1}}').mistakes).toEqual(['v1/set.json:1: kind "bill" needs "channels"']);
    expect(read(withChannel(7)).mistakes[0]).toContain("bill/sms must be an object");
  });

  it("takes no name for a variable that means something else already", () => {
    for (const name of ["__proto__", "constructor", "toString", "money", "month", "a.b", "1st", ""]) {
      const source = withChannel({ ...SMS, variables: {} }).replace(
        '"variables": {}',
        `"variables": {"${name}": "text"}`,
      );
      expect(read(source).mistakes, name).toHaveLength(1);
    }
    const twice = withChannel({ ...SMS, variables: { name: "text", "name?": "text" } });
    expect(read(twice).mistakes[0]).toContain('"name" is listed twice');
  });

  it("takes lists in lists, to a depth that a person can read", () => {
    const nested = (depth: number): unknown =>
      depth === 0 ? { label: "text" } : { "more?": [nested(depth - 1)] };
    expect(read(withChannel({ ...SMS, variables: nested(3) })).mistakes).toEqual([]);
    expect(read(withChannel({ ...SMS, variables: nested(4) })).mistakes[0]).toContain("at most 3 deep");
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, nth) => [`v${nth}`, "text"]));
    expect(read(withChannel({ ...SMS, variables: many })).mistakes).toEqual([
      expect.stringContaining("more than 200 variables"),
    ]);
  });

  it("knows the sizes and the character sets of text messages, and no others", () => {
    expect(read(withChannel({ ...SMS, size: "mms" })).mistakes[0]).toContain('needs "size"');
    expect(read(withChannel({ ...SMS, charset: "utf-8" })).mistakes[0]).toContain('"ks-x-1001" or "uhc"');
    expect(read(withChannel({ ...SMS, size: "any" })).set.channels[0]?.size).toBeNull();
    const uhc = read(withChannel({ ...SMS, size: "lms", charset: "uhc" })).set.channels[0]?.size;
    expect(uhc).toMatchObject({ upTo: "lms", limits: { charset: "uhc", lmsBytes: 2_000 } });
  });

  it("needs a sample for each kind", () => {
    for (const samples of [undefined, [], "sample.json", ["/etc/passwd"], ["../x.json"], [1]]) {
      const source = JSON.stringify({ kinds: { bill: { samples, channels: { sms: SMS } } } });
      expect(read(source).mistakes[0]).toContain('needs "samples"');
    }
  });
});
