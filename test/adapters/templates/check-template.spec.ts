import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { templateStore } from "../../../src/adapters/templates/template-store.ts";
import { filesOf, folderOf, mistakesOf, requestOf, written } from "./sets.ts";

const VARIABLES = {
  name: "text",
  "grade?": "text",
  total: "amount",
  items: [{ label: "text", "note?": "text" }],
};
/** Names everything that is listed, so that only what follows it is looked at. */
const ALL =
  "{{name}}{{#if grade}}{{grade}}{{/if}}{{money total}}{{#each items}}{{label}}{{#if note}}{{note}}{{/if}}{{/each}}\n";

const mistakesIn = (text: string, variables: unknown = VARIABLES): string =>
  mistakesOf({ text: variables === VARIABLES ? ALL + text : text, variables }).replace(
    "reading the templates: ",
    "",
  );

describe("a template that is checked", () => {
  it("may show what is listed, ask what may be absent, and go through lists", () => {
    expect(mistakesIn("")).toBe("none");
    const text =
      "{{#each items}}{{@index}} {{label}}{{#if note}} ({{note}}){{/if}} for {{../name}}{{#unless @last}}, {{/unless}}{{/each}}";
    const variables = { name: "text", items: [{ label: "text", "note?": "text" }] };
    const bill = { name: "Kim", items: [{ label: "a" }, { label: "b", note: "new" }] };
    expect(written(text, variables, bill)).toBe("0 a for Kim, 1 b (new) for Kim");
  });

  it("names the line of a variable that nobody listed", () => {
    expect(mistakesIn("\n\nHello {{nmae}}")).toBe(
      "v1/text.hbs:4: unknown variable nmae: list it in set.json",
    );
  });

  it("says how a variable from outside a list is written inside it", () => {
    expect(mistakesIn("{{#each items}}{{total}}{{/each}}")).toContain(
      "unknown variable items[].total: outside of it there is one: write ../total",
    );
    expect(mistakesIn("{{#each items}}{{../../name}}{{/each}}")).toContain("further out than there is");
  });

  it("shows what may be absent only where somebody asked for it", () => {
    const needed = "grade may be absent: show it inside {{#if grade}} only";
    expect(mistakesIn("{{grade}}")).toContain(needed);
    expect(mistakesIn("{{#if name}}{{grade}}{{/if}}")).toContain(needed);
    expect(mistakesIn("{{#if grade}}{{else}}{{grade}}{{/if}}")).toContain(needed);
    expect(mistakesIn("{{#unless grade}}{{grade}}{{/unless}}")).toContain(needed);
    expect(mistakesIn("{{shorten grade 3}}")).toContain(needed);
    expect(mistakesIn("{{#unless grade}}{{else}}{{grade}}{{/unless}}")).toBe("none");
    expect(mistakesIn("{{#if name}}{{else if grade}}{{grade}}{{/if}}")).toBe("none");
    expect(mistakesIn("{{#if grade}}{{#each items}}{{../grade}}{{/each}}{{/if}}")).toBe("none");
    const nextItem = "{{#each items}}{{#if note}}{{#each ../items}}{{note}}{{/each}}{{/if}}{{/each}}";
    expect(mistakesIn(nextItem)).toContain("items[].note may be absent");
  });

  it("refuses what would leave the escaping, the file, or the list of variables", () => {
    const refused: readonly [string, string][] = [
      ["{{{name}}}", "three braces"],
      ["{{&name}}", "three braces"],
      ["{{> footer}}", "a template is one file"],
      ["{{#> footer}}x{{/footer}}", "a template is one file"],
      ['{{#*inline "x"}}{{/inline}}', "{{#* …}} is not possible"],
      ["{{* name}}", "{{* …}} is not possible"],
      ["{{{{raw}}}} x {{{{/raw}}}}", "a block is {{#if"],
      ["{{#with name}}x{{/with}}", "a block is {{#if"],
      ["{{#name}}x{{/name}}", "a block is {{#if"],
      ["{{^name}}x{{/name}}", "a block is {{#if"],
      ["{{#each items as |item|}}{{item.label}}{{/each}}", '"as |…|" is not possible'],
      ["{{lookup name 1}}", 'there is no format "lookup"'],
      ["{{log name}}", 'there is no format "log"'],
      ["{{helperMissing}}", "unknown variable helperMissing"],
      ["{{constructor}}", "unknown variable constructor"],
      ["{{__proto__}}", "unknown variable __proto__"],
      ["{{toString}}", "unknown variable toString"],
      ["{{name.constructor}}", '"name.constructor" is no variable'],
      ["{{[constructor]}}", "unknown variable constructor"],
      ["{{this}}", '"this" is no variable'],
      ["{{.}}", '"." is no variable'],
      ["{{@root.name}}", "@ is for @index"],
      ["{{@index}}", "@ is for @index"],
      ["{{@key}}", "@ is for @index"],
      ["{{#each items}}{{@constructor}}{{/each}}", "@ is for @index"],
      ["{{true}}", "a variable's or a format's name was expected"],
      ["{{items}}", "a list is shown item by item"],
      ["{{#each name}}x{{/each}}", "{{#each …}} takes a list"],
      ["{{#if}}x{{/if}}", "{{#if …}} takes one thing"],
      ["{{#if name total}}x{{/if}}", "{{#if …}} takes one thing"],
      ["{{#if name includeZero=true}}x{{/if}}", "{{#if …}} takes one thing"],
      ['{{#if "x"}}x{{/if}}', "a condition asks about a variable"],
    ];
    for (const [text, words] of refused) expect(mistakesIn(text), text).toContain(words);
  });

  it("uses a format as it is meant", () => {
    const refused: readonly [string, string][] = [
      ["{{monye total}}", 'there is no format "monye": there are money, year'],
      ["{{money}}", "money takes 1, not 0"],
      ["{{money total total}}", "money takes 1, not 2"],
      ["{{money name}}", "money takes amount or number, and this is text"],
      ["{{money total decimals=9}}", "decimals of money is a whole number from 0 to 4"],
      ["{{money total decimals=name}}", "decimals of money is a whole number"],
      ["{{money total round=1}}", 'money has no setting "round"'],
      ["{{shorten name}}", "shorten takes 2, not 1"],
      ["{{shorten name 0}}", "a whole number from 1 to 1000"],
      ["{{shorten name total}}", "a whole number from 1 to 1000"],
      ["{{count name}}", "count takes list, and this is text"],
      ["{{year total}}", "year takes month or date, and this is amount"],
      ["{{shorten (money name) 5}}", "money takes amount or number, and this is text"],
      ["{{masked null}}", "neither null nor undefined"],
    ];
    for (const [text, words] of refused) expect(mistakesIn(text), text).toContain(words);
    expect(mistakesIn("{{shorten (masked name) 5}}")).toBe("none");
  });

  it("says on which line its braces do not match", () => {
    expect(mistakesIn("{{#if name}}\n\nx{{/each}}", { name: "text" })).toContain(
      "v1/text.hbs:1: if doesn't match",
    );
    expect(mistakesIn("a\n{{name", { name: "text" })).toContain("v1/text.hbs:2: the braces on this line");
  });

  it("finds a character that a text message cannot carry, with its line", () => {
    const found = mistakesOf({ text: "안녕하세요\n☃ {{name}}", size: "sms", variables: { name: "text" } });
    expect(found).toContain("v1/text.hbs:2: a text message cannot carry U+2603 (character set ks-x-1001)");
    expect(mistakesOf({ text: "똠방각하", size: "sms" })).toContain("U+B620");
    expect(mistakesOf({ text: "똠방각하", size: "sms", charset: "uhc" })).toBe("none");
  });
});

describe("whatever is written", () => {
  const piece = fc.constantFrom(
    ..."{{name}} {{grade}} {{#if grade}} {{/if}} {{else}} {{#each items}} {{/each}} {{label}} {{note}} {{#if note}}".split(
      " ",
    ),
    ..."{{../name}} {{money total}} {{#unless name}} {{/unless}} {{@index}} {{this}} {{{name}}} {{> x}} x".split(
      " ",
    ),
    ..."{{../items}} {{#each ../items}} {{#if (equals note grade)}} {{shorten name 3}} {{../grade}}".split(
      " ",
    ),
  );

  it("either is refused, or never misses a variable, whatever the bill leaves out that it may", () => {
    const bill = fc.record(
      {
        name: fc.constant("n"),
        total: fc.constant(1),
        grade: fc.constantFrom("g", "", null),
        items: fc.array(
          fc.record({ label: fc.constant("l"), note: fc.constant("m") }, { requiredKeys: ["label"] }),
          { maxLength: 3 },
        ),
      },
      { requiredKeys: ["name", "total", "items"] },
    );
    let rendered = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), bill, (pieces, fields) => {
        const folder = folderOf(filesOf({ text: ALL + pieces.join(""), variables: VARIABLES }));
        const store = templateStore({ folder });
        if (Result.isFailure(store)) return;
        rendered += 1;
        const message = store.success.render(requestOf(fields));
        expect(Result.isSuccess(message)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
    expect(rendered).toBeGreaterThan(50);
  });
});
