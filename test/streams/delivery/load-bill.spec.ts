/**
 * The bill's contents: most came with the claim, and only for the others is anybody asked.
 */
import { Effect, Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BillRef } from "../../../src/domain/bill.ts";
import type { BillStore } from "../../../src/domain/ports/bill-store.ts";
import { Permanent, Transient } from "../../../src/failure.ts";
import type { Claimed } from "../../../src/streams/delivery/bodies.ts";
import { loadBill } from "../../../src/streams/delivery/load-bill.ts";
import { type DeliveryWorld, worldWith } from "./delivery-world.ts";
import { failuresOf, only, through } from "../through.ts";

/** A store of files that answers by their names, and keeps what it was asked for. */
const storeOf = (load: (place: string) => Result.Result<string, Permanent | Transient>) => {
  const asked: (readonly string[])[] = [];
  const bills: BillStore = {
    load: (refs: readonly BillRef[]) =>
      Effect.sync(() => {
        asked.push(refs.map(({ place }) => place));
        return refs.map(({ place }) => load(place));
      }),
  };
  return { asked, bills };
};

const missing = (place: string) =>
  new Permanent({ message: `loading ${place}: there is none`, code: "no-such-bill" });

const stageOn = (world: DeliveryWorld, bills: BillStore, batchCount = 100) => {
  const ports = world.ports();
  return loadBill({ ...ports, bills, limits: { ...ports.limits, batchCount } });
};

type Where = "row" | "file" | "nowhere" | "unreadable";
const contentOf = (where: Where, id: string): Readonly<Record<string, unknown>> => {
  switch (where) {
    case "row":
      return { sealed: `sealed ${id}` };
    case "file":
    case "nowhere":
      return { sealed: `sealed ${id}`, ref: { place: `${where}:${id}`, sha256: null } };
    case "unreadable":
      return { sealed: 7 };
  }
};

describe("loadBill", () => {
  it("asks nobody for what came with the claim, and the store for what lies elsewhere", async () => {
    const world = await worldWith();
    const { asked, bills } = storeOf((place) => Result.succeed(`bytes of ${place}`));
    const inRow = await world.claimed("n1", { content: contentOf("row", "n1") });
    expect(only(await through(world.clock, [inRow], stageOn(world, bills)))).toMatchObject({
      stored: { sealed: "sealed n1", ref: null },
      fetched: null,
    });
    expect(asked).toEqual([]);
    const inFile = await world.claimed("n2", { content: contentOf("file", "n2") });
    expect(only(await through(world.clock, [inFile], stageOn(world, bills)))).toMatchObject({
      stored: { sealed: "sealed n2" },
      fetched: "bytes of file:n2",
    });
    expect(asked).toEqual([["file:n2"]]);
  });

  it("asks again for a while where the store is in trouble, and not where a bill will never be there", async () => {
    const world = await worldWith();
    let isAway = true;
    const { asked, bills } = storeOf((place) => {
      if (place.startsWith("nowhere")) return Result.fail(missing(place));
      if (!isAway) return Result.succeed("{}");
      isAway = false;
      return Result.fail(new Transient({ message: "the store is away" }));
    });
    const file = await world.claimed("n1", { content: contentOf("file", "n1") });
    expect(only(await through(world.clock, [file], stageOn(world, bills)))).toMatchObject({ fetched: "{}" });
    expect(asked).toHaveLength(2);
    const nowhere = await world.claimed("n2", { content: contentOf("nowhere", "n2") });
    const left = failuresOf(await through(world.clock, [nowhere], stageOn(world, bills)));
    expect(left).toMatchObject([{ _tag: "Permanent", code: "no-such-bill" }]);
    expect(asked).toHaveLength(3);
  });

  it("takes a store that answers for too few for a bug", async () => {
    const world = await worldWith();
    const bills: BillStore = { load: () => Effect.succeed([]) };
    const file = await world.claimed("n1", { content: contentOf("file", "n1") });
    expect(failuresOf(await through(world.clock, [file], stageOn(world, bills)))).toMatchObject([
      { _tag: "Bug", message: "the bill store answered 0 of 1" },
    ]);
  });

  it("always gives each notice its own bill, however many lie elsewhere, are missing or cannot be read", async () => {
    const world = await worldWith();
    const template = await world.claimed("any");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom<Where[]>("row", "file", "nowhere", "unreadable"), { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (places, batchCount) => {
          const { asked, bills } = storeOf((place) =>
            place.startsWith("nowhere") ? Result.fail(missing(place)) : Result.succeed(`bytes of ${place}`),
          );
          const claimed = places.map((where, at): Claimed => ({
            ...template,
            contents: { ...template.contents, billId: `b${at}`, content: contentOf(where, `b${at}`) },
          }));
          const left = await through(world.clock, claimed, stageOn(world, bills, batchCount));
          expect(left).toHaveLength(places.length);
          const seen = new Map<string, string>();
          for (const each of left) {
            if (Result.isSuccess(each)) seen.set(each.success.contents.billId, each.success.fetched ?? "row");
            else seen.set((each.failure.body as Claimed).contents.billId, each.failure.failure._tag); // as it came in
          }
          const expected: Readonly<Record<Where, (id: string) => string>> = {
            row: () => "row",
            file: (id) => `bytes of file:${id}`,
            nowhere: () => "Permanent",
            unreadable: () => "Undecodable",
          };
          places.forEach((where, at) => expect(seen.get(`b${at}`)).toBe(expected[where](`b${at}`)));
          for (const page of asked) expect(page.length).toBeLessThanOrEqual(batchCount);
        },
      ),
      { numRuns: 1_000 },
    );
  }, 60_000);
});
