import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { forwardWalk } from "../../../src/streams/upkeep/forward-walk.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const walkOver = (rows: number[], pageCount: number) => {
  const clock = new VirtualClock();
  const walk = forwardWalk<number>({
    clock,
    pageCount,
    rewalkMs: 60_000,
    fetch: (limit, after) =>
      Effect.sync(() => rows.filter((row) => after === undefined || row > after).slice(0, limit)),
  });
  return { clock, step: () => Effect.runPromise(walk) };
};

describe("forwardWalk", () => {
  it("brings each row once, and then only what was added behind", async () => {
    const rows = [1, 2, 3];
    const { step } = walkOver(rows, 2);
    expect(await step()).toEqual({ rows: [1, 2], more: true });
    expect(await step()).toEqual({ rows: [3], more: false });
    expect(await step()).toEqual({ rows: [], more: false });
    rows.push(4);
    expect(await step()).toEqual({ rows: [4], more: false });
  });

  it("begins anew from time to time, for what came late with an earlier place", async () => {
    const rows = [2];
    const { clock, step } = walkOver(rows, 2);
    await step();
    rows.unshift(1);
    expect(await step()).toMatchObject({ rows: [] });
    await clock.advance(60_000);
    expect(await step()).toMatchObject({ rows: [1, 2] });
  });

  it("reaches its end however long that takes", async () => {
    const { clock, step } = walkOver([1, 2, 3], 1);
    const seen: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      seen.push(...(await step()).rows);
      await clock.advance(60_000);
    }
    expect(seen).toEqual([1, 2, 3]);
  });
});
