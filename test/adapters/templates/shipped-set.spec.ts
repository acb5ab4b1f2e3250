/** The set that the package brings: what it makes of its samples is kept in `golden/`, byte for byte. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSets, templateStore } from "../../../src/adapters/templates/template-store.ts";
import { mistakeInWords } from "../../../src/adapters/templates/mistake.ts";
import { partsOf, requestOf } from "./sets.ts";

const folder = join(import.meta.dirname, "../../../templates");
const golden = join(import.meta.dirname, "golden");
const { sets, mistakes } = readSets(folder);

it("has no mistake", () => {
  expect(mistakes.map(mistakeInWords)).toEqual([]);
});

describe("the shipped bill", () => {
  const store = Result.getOrThrow(templateStore({ folder }));

  it("comes out as it did before: a version that was used never changes", () => {
    const written: string[] = [];
    for (const { version, samples, channels } of sets) {
      for (const { kind, channel } of channels.values()) {
        for (const sample of samples.get(kind) ?? []) {
          const { about, bill } = JSON.parse(readFileSync(join(folder, version, sample), "utf8")) as {
            about: Record<string, string>;
            bill: Record<string, unknown>;
          };
          const parts = partsOf(store, requestOf(bill, { about, channel, kind, version }));
          for (const [part, value] of Object.entries(parts)) {
            if (value === null) continue;
            const name = [version, kind, channel, basename(sample, ".json"), part].join(".");
            const shown = typeof value === "string" ? value : JSON.stringify(value);
            written.push(name);
            expect(shown, name).toBe(kept(name, shown));
          }
        }
      }
    }
    expect(readdirSync(golden).sort()).toEqual(written.sort());
  });

  it("always fits into one text message, whatever the name and the amount", () => {
    const name = fc.string({ unit: fc.constantFrom("가", "a", "김", "남"), minLength: 1, maxLength: 100 });
    const bill = fc.record(
      {
        name,
        total: fc.integer({ min: -99_999_999_999, max: 99_999_999_999 }),
        dueDay: fc.integer({ min: 1, max: 31 }),
      },
      { requiredKeys: ["name", "total"] },
    );
    fc.assert(
      fc.property(bill, (fields) => {
        const { size } = partsOf(store, requestOf(fields, { about: { period: 202612 } }));
        expect(size?.kind).toBe("sms");
      }),
      { numRuns: 1_000 },
    );
  });
});

/** With `UPDATE_GOLDEN=1` what comes out now is what is kept from now on. */
const kept = (name: string, shown: string): string => {
  const file = join(golden, name);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    if (!existsSync(golden)) mkdirSync(golden);
    writeFileSync(file, `${shown}\n`);
  }
  return readFileSync(file, "utf8").replace(/\n$/, "");
};
