import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { templateCommand } from "../../../src/service/commands/template.ts";
import { filesOf, folderOf } from "../../adapters/templates/sets.ts";
import { calling, lastLine } from "../calling.ts";

const call = calling([templateCommand]);
const shipped = join(import.meta.dirname, "../../../templates");

describe("millrace template lint", () => {
  it("tries the templates on their samples, and ends well where nothing is wrong", async () => {
    const { code, out, error } = await call("template", "lint", shipped);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toMatch(/^2026-11 bill\/email with bill\/sample\.json: html \d+ bytes, text \d+ bytes$/m);
    expect(out).toMatch(/^2026-11 bill\/sms with bill\/sample\.json: SMS of \d+ bytes$/m);
    expect(out).toMatch(/\nno mistakes in 2026-11\n$/);
  });

  it("looks at the templates that come with Millrace where no folder is named", async () => {
    expect((await call("template", "lint")).out).toContain("no mistakes in 2026-11");
  });

  it("looks at the folder that the configuration names", async () => {
    const folder = folderOf(filesOf({ text: "{{nobody}}" }));
    const configured = calling([templateCommand], { environment: { MILLRACE_TEMPLATES_FOLDER: folder } });
    const { code, out } = await configured("template", "lint");
    expect(code).toBe(1);
    expect(out).toContain("v1/text.hbs:1: unknown variable nobody");
  });

  it("says every mistake at once, by file and line, and ends with 1", async () => {
    const folder = folderOf({
      ...filesOf({
        subject: "s",
        html: "<p>\n{{{name}}}</p>",
        text: "{{monye total}}",
        variables: { name: "text" },
      }),
      "v1/notes.txt": "x",
    });
    const called = await call("template", "lint", folder);
    expect(called.code).toBe(1);
    expect(called.out.split("\n")).toEqual([
      "v1/html.hbs:2: three braces or & switch escaping off: write two braces",
      expect.stringContaining('v1/text.hbs:1: there is no format "monye"'),
      "v1/set.json: bill/email: name is listed, and no template of it shows it",
      "v1/notes.txt: is not listed in set.json",
      "4 mistakes in v1",
      "",
    ]);
    const json = lastLine(await call("template", "lint", folder, "--json"));
    expect(json).toMatchObject({ clean: false, versions: ["v1"], messages: [] });
    expect(json).toHaveProperty("mistakes.0", {
      file: "v1/html.hbs",
      line: 2,
      words: "three braces or & switch escaping off: write two braces",
    });
  });

  it("takes a sample that cannot be rendered, or is too long for its class, for a mistake", async () => {
    const lint = async (text: string, sample: string): Promise<string> => {
      const folder = folderOf(filesOf({ text, size: "sms", variables: { name: "text" }, sample }));
      const { code, out } = await call("template", "lint", join(folder, "v1"));
      expect(code).toBe(1);
      return out;
    };
    const sample = (bill: unknown): string => JSON.stringify({ about: {}, bill });
    expect(await lint("{{name}}", sample({}))).toContain(
      "v1/sample.json: rendering v1/text.hbs: variable name is missing",
    );
    expect(await lint("{{name}}", sample({ name: "가".repeat(46) }))).toContain(
      "92 bytes long, and 90 is the most",
    );
    expect(await lint("{{name}}", "{")).toContain("v1/sample.json: is no JSON");
    expect(await lint("{{name}}", "[]")).toContain("v1/sample.json: a sample is");
  });

  it("is a mistake in the line where the folder is none", async () => {
    const { code, error } = await call("template", "lint", "no-such-folder");
    expect(code).toBe(2);
    expect(error).toContain("no-such-folder is no folder");
  });

  it("says so where the folder holds no templates", async () => {
    const { code, out } = await call("template", "lint", folderOf({ "readme.txt": "x" }));
    expect(code).toBe(1);
    expect(out).toContain("holds no set: <version>/set.json is looked for");
  });
});

describe("millrace template preview", () => {
  it("shows a message with what pins it", async () => {
    const { code, out } = await call("template", "preview", shipped, "--channel", "sms");
    expect(code).toBe(0);
    expect(out).toMatch(/^2026-11 bill\/sms with bill\/sample\.json, digest 2026-11:[0-9a-f]{64}\n/);
    expect(out).toMatch(/── text \(SMS, \d+ bytes\)\n\[요금청구\] 홍길동님/);
  });

  it("shows one part and nothing around it, for a browser", async () => {
    const { out } = await call("template", "preview", shipped, "--part", "html");
    expect(out).toMatch(/^<!doctype html>/);
    expect(out).toMatch(/<\/html>\n$/);
    expect((await call("template", "preview", shipped, "--channel", "sms", "--part", "html")).code).toBe(1);
  });

  it("takes another version, another sample, and a sample of one's own", async () => {
    const own = join(folderOf({ "own.json": '{"about": {}, "bill": {"name": "Own"}}' }), "own.json");
    const one = (version: string): Record<string, string> =>
      filesOf({
        version,
        text: `${version} {{name}}`,
        variables: { name: "text" },
        sample: '{"about":{},"bill":{"name":"Sam"}}',
      });
    const folder = folderOf({ ...one("v1"), ...one("v2") });
    const text = async (...flags: readonly string[]): Promise<string> =>
      (await call("template", "preview", folder, "--channel", "sms", "--part", "text", ...flags)).out;
    expect(await text()).toBe("v2 Sam\n");
    expect(await text("--of", "v1")).toBe("v1 Sam\n");
    expect(await text("--sample", own)).toBe("v2 Own\n");
    expect(await text("--sample", "sample.json")).toBe("v2 Sam\n");
  });

  it("gives scripts the parts, the size and the digest", async () => {
    expect(lastLine(await call("template", "preview", shipped, "--channel", "sms", "--json"))).toMatchObject({
      version: "2026-11",
      kind: "bill",
      channel: "sms",
      subject: null,
      html: null,
      size: { kind: "sms" },
      digest: expect.stringMatching(/^2026-11:/) as string,
    });
  });

  it("says what there is where something else was asked for", async () => {
    const refused: readonly [readonly string[], number, string][] = [
      [["--channel", "fax"], 1, "have no bill/fax, only bill/email, bill/sms"],
      [["--kind", "reminder"], 1, "have no reminder/email"],
      [["--of", "1999-01"], 1, "there is no version 1999-01, only 2026-11"],
      [["--sample", "nowhere.json"], 1, "there is no sample nowhere.json"],
      [["--part", "footer"], 2, "there is no part footer"],
      [["--colour"], 2, "unknown option"],
    ];
    for (const [flags, code, words] of refused) {
      const called = await call("template", "preview", shipped, ...flags);
      expect(called.code).toBe(code);
      expect(called.error).toContain(words);
    }
  });

  it("shows no message of a set with a mistake, but the mistake", async () => {
    const folder = folderOf(filesOf({ text: "{{nobody}}" }));
    const { code, error } = await call("template", "preview", folder, "--channel", "sms");
    expect(code).toBe(1);
    expect(error).toContain("v1/text.hbs:1: unknown variable nobody");
  });
});

it("explains itself with examples", async () => {
  for (const line of [["template"], ["template", "lint"], ["template", "preview"]]) {
    const { out } = await call(...line, "--help");
    expect(out).toContain("Examples:\n  $ millrace template");
  }
});
