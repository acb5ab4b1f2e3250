import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { mistakesOf, partsOf, requestOf, storeOf } from "./sets.ts";

const email = (html: string) => ({ subject: "s", html, text: "{{name}}", variables: { name: "text" } });

describe("a value in an HTML part", () => {
  it("may stand between tags and inside quotes", () => {
    const safe = [
      "<p>{{name}}</p>",
      "<title>{{name}}</title><p class='a'>{{name}}",
      "<td title=\"for {{name}}\" data-x='{{name}}'>{{name}}</td>",
      '<a href="https://example.com/bills/{{urlPart name}}">{{name}}</a>',
      '<a href="mailto:{{urlPart name}}">x</a>',
      "<!-- a remark -->{{name}}<style>p { color: red }</style>{{name}}",
      "1 < 2 {{name}} <br> {{name}} <br/>{{name}}",
    ];
    for (const html of safe) expect(mistakesOf(email(html)), html).toBe("none");
  });

  it("is refused where escaping does not make it harmless", () => {
    const refused: readonly [string, string][] = [
      ["<script>let x = '{{name}}'</script>", "inside <script>"],
      ["<script>if (1 < 2) {{name}}</script>", "inside <script>"],
      ['<SCRIPT type="text/javascript">{{name}}</SCRIPT>', "inside <script>"],
      ["<style>p { color: {{name}} }</style>", "inside <style>"],
      ["<!-- {{name}} -->", "inside an HTML comment"],
      ["<p class={{name}}>", "needs quotes"],
      ["<{{name}}>", "needs quotes"],
      ['<p title="a" {{name}}>', "needs quotes"],
      ['<p style="color:{{name}}">', 'inside style="…" is not safe'],
      ["<p onclick=\"go('{{name}}')\">", 'inside onclick="…" is not safe'],
      ['<a href="{{urlPart name}}">', "begins with https:// and its host"],
      ['<a href="https://{{urlPart name}}/">', "begins with https:// and its host"],
      ['<a href="javascript:{{urlPart name}}">', "begins with https:// and its host"],
      ['<a href="https://example.com/{{name}}">', "is written {{urlPart …}}"],
      ['<IMG SRC="https://example.com/{{name}}">', "is written {{urlPart …}}"],
    ];
    for (const [html, words] of refused) expect(mistakesOf(email(html)), html).toContain(words);
  });

  it("never adds a tag, an attribute or an entity of its own", () => {
    const store = storeOf(email('<p title="{{name}}">{{name}}</p>'));
    const text = fc
      .string({ unit: "binary", maxLength: 60 })
      .map((value) => value.replace(/\p{Cc}|\p{Cs}/gu, "<"));
    fc.assert(
      fc.property(text, (name) => {
        const { html } = partsOf(store, requestOf({ name }, { channel: "email" }));
        const [, attribute = "?", shown = "?"] = /^<p title="([^"]*)">([^<]*)<\/p>$/.exec(html ?? "") ?? [];
        expect(attribute).toBe(shown);
        expect(decoded(shown)).toBe(name);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** What a browser makes of the references that escaping writes. */
const decoded = (html: string): string =>
  html
    .replace(/&(?:lt|gt|quot|#x([0-9A-Fa-f]+));/g, (entity, code: string | undefined) =>
      code === undefined
        ? ({ "&lt;": "<", "&gt;": ">", "&quot;": '"' }[entity] ?? "?")
        : String.fromCodePoint(Number.parseInt(code, 16)),
    )
    .replaceAll("&amp;", "&");
