/** The schema that readers outside are given is the one that is tested: the page shows the golden samples. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { golden } from "./golden.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/records.md"), "utf8");
const shown = new Map(
  [...page.matchAll(/```json ([\w-]+)\n(.*?)```/gs)].map(([, name, text]) => [name, text]),
);

describe("the page of records", () => {
  it("shows every golden sample, and no other", () => {
    const names = readdirSync(join(import.meta.dirname, "golden")).map((file) => file.replace(".json", ""));
    expect([...shown.keys()].sort()).toEqual(names.sort());
    for (const name of names) expect(JSON.parse(shown.get(name) ?? "null")).toEqual(JSON.parse(golden(name)));
  });
});
