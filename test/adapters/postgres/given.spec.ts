import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrayLiteral } from "../../../src/adapters/postgres/sql/given.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";

describe("an array literal", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  it("says a text, nothing, a number and a truth value as Postgres reads them", () => {
    const values = ["plain", 'a "quoted" \\ one', "", "NULL", "{a,b}"];
    expect(arrayLiteral(values, (value) => value)).toBe(
      String.raw`{"plain","a \"quoted\" \\ one","","NULL","{a,b}"}`,
    );
    expect(arrayLiteral([1, -0.5, Infinity, null], (value) => value)).toBe("{1,-0.5,Infinity,NULL}");
    expect(arrayLiteral([true, false, null], (value) => value)).toBe("{true,false,NULL}");
    expect(arrayLiteral([], (value) => value)).toBe("{}");
  });

  it("brings any texts to Postgres as they are", async () => {
    // Postgres has no NUL in a text, and UTF-8 has no half of a surrogate pair: both are refused elsewhere.
    const text = fc.string({ unit: "binary" }).filter((value) => !value.includes("\0"));
    const texts = fc.array(fc.option(text));
    await fc.assert(
      fc.asyncProperty(texts, async (values) => {
        const [row] = await database.query("SELECT $1::text[] AS back", [
          arrayLiteral(values, (value) => value),
        ]);
        expect(row).toEqual({ back: values });
      }),
      { numRuns: 1000 },
    );
  }, 60_000);
});
