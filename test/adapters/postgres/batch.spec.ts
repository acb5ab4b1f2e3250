import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batched, MAX_BATCH, settled } from "../../../src/adapters/postgres/batch.ts";
import { arrayLiteral } from "../../../src/adapters/postgres/sql/given.ts";
import { TransactionFailed } from "../../../src/adapters/postgres/transaction.ts";
import { Transient, Unconfirmed } from "../../../src/failure.ts";

const AT_ONCE = { tries: 3, firstWaitMs: 0, capMs: 0 };

const sqlError = (code: string, mayHaveCommitted = false): TransactionFailed =>
  new TransactionFailed(Object.assign(new Error("the server's words"), { code }), mayHaveCommitted);

const cut = (mayHaveCommitted: boolean): TransactionFailed =>
  new TransactionFailed(new Error("Connection terminated unexpectedly"), mayHaveCommitted);

/** Throws what is on the list, one each time, then succeeds. */
const troubled = (
  ...troubles: readonly Error[]
): { readonly run: () => Promise<string>; readonly calls: () => number } => {
  let calls = 0;
  return {
    run: async () => {
      const trouble = troubles[calls++];
      if (trouble !== undefined) throw trouble;
      return "done";
    },
    calls: () => calls,
  };
};

describe("a transaction that fails", () => {
  it("is done again when that may help, and the caller hears nothing of it", async () => {
    const work = troubled(sqlError("40P01"), cut(false));
    expect(await settled("a test", AT_ONCE, work.run)).toBe("done");
    expect(work.calls()).toBe(3);
  });

  it.each([
    ["Transient", "a deadlock each time", [sqlError("40P01"), sqlError("40P01"), sqlError("40P01")], 3],
    ["Transient", "a full disk", [sqlError("53100")], 1],
    ["Transient", "a missing table", [sqlError("42P01")], 1],
    [
      "Unconfirmed",
      "an answer lost, then no place in line",
      [cut(true), new Transient({ message: "line-full" })],
      2,
    ],
    ["Unconfirmed", "an answer lost, then nobody there", [cut(true), cut(false), cut(false)], 3],
    ["Unconfirmed", "an answer lost, then refused", [cut(true), sqlError("42501")], 2],
    ["Unconfirmed", "every answer lost", [cut(true), cut(true), cut(true)], 3],
  ] as const)("ends as %s after %s", async (tag, _what, troubles, calls) => {
    const work = troubled(...troubles);
    await expect(settled("a test", AT_ONCE, work.run)).rejects.toMatchObject({ _tag: tag });
    expect(work.calls()).toBe(calls);
  });

  it("is not repeated where a repeat would be something else", async () => {
    const work = troubled(cut(true));
    await expect(settled("a test", { ...AT_ONCE, repeatUnknown: false }, work.run)).rejects.toBeInstanceOf(
      Unconfirmed,
    );
    expect(work.calls()).toBe(1);
  });

  it("by a bug of ours stays a bug", async () => {
    const bug = new TypeError("undefined is not a function");
    await expect(settled("a test", AT_ONCE, troubled(bug).run)).rejects.toBe(bug);
  });
});

describe("a batch", () => {
  const items = fc.array(fc.boolean(), { maxLength: 60 });

  it("fails for exactly the items that cannot be stored, each in its place, whichever they are", async () => {
    await fc.assert(
      fc.asyncProperty(items, async (isBad) => {
        let written = 0;
        const numbered = isBad.map((bad, n) => ({ bad, n }));
        const answers = await batched("a test", AT_ONCE, numbered, async (some) => {
          if (some.some(({ bad }) => bad)) throw sqlError("22021");
          written += some.length;
          return some.map(({ n }) => n);
        });
        expect(answers.map(Result.isFailure)).toEqual(isBad);
        expect(answers.flatMap((answer) => (Result.isSuccess(answer) ? [answer.success] : []))).toEqual(
          numbered.filter(({ bad }) => !bad).map(({ n }) => n),
        );
        expect(written).toBe(isBad.filter((bad) => !bad).length);
      }),
      { numRuns: 1000 },
    );
  });

  it("of more than a statement takes goes in several", async () => {
    const sizes: number[] = [];
    const many = Array.from({ length: 2 * MAX_BATCH + 1 }, (_, n) => n);
    const answers = await batched("a test", AT_ONCE, many, async (some) => {
      sizes.push(some.length);
      return some;
    });
    expect(sizes).toEqual([MAX_BATCH, MAX_BATCH, 1]);
    expect(answers.map(Result.getOrThrow)).toEqual(many);
  });

  it("that stops half-way keeps what was answered, and does not try what comes after", async () => {
    const many = Array.from({ length: 2 * MAX_BATCH + 1 }, (_, n) => n);
    let calls = 0;
    const answers = await batched("a test", AT_ONCE, many, async (some) => {
      calls += 1;
      if (some.includes(MAX_BATCH)) throw cut(true);
      return some;
    });
    expect(calls).toBe(1 + AT_ONCE.tries);
    expect(answers.slice(0, MAX_BATCH).map(Result.getOrThrow)).toEqual(many.slice(0, MAX_BATCH));
    const tags = answers.slice(MAX_BATCH).map((answer) => Result.isFailure(answer) && answer.failure._tag);
    expect(new Set(tags.slice(0, MAX_BATCH))).toEqual(new Set(["Unconfirmed"]));
    expect(tags.slice(MAX_BATCH)).toEqual(["Transient"]);
  });

  it("fails for the items whose numbers are none, and for no other", async () => {
    const answers = await batched("a test", AT_ONCE, [1, Number.NaN, 3], async (some) => {
      arrayLiteral(some, (value) => value);
      return some;
    });
    expect(answers.map(Result.isSuccess)).toEqual([true, false, true]);
  });

  it("that is refused at once has written nothing", async () => {
    const refused = batched("a test", AT_ONCE, [1, 2], async () => Promise.reject(sqlError("42P01")));
    await expect(refused).rejects.toBeInstanceOf(Transient);
    const down = batched("a test", AT_ONCE, [1, 2], async () => Promise.reject(cut(false)));
    await expect(down).rejects.toBeInstanceOf(Transient);
  });
});
