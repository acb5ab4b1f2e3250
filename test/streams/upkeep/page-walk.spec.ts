import { describe, expect, it } from "vitest";
import { instant } from "../../../src/domain/ids.ts";
import { dueWalk, heldWalk } from "../../../src/streams/upkeep/page-walk.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";
import { worldWith } from "./world.ts";

const PAGES = [
  [["a", "b"], true],
  [["c"], false],
  [["a", "b"], true],
];

describe("a walk", () => {
  it("passes what cannot be moved, so that it hides nobody, and begins anew at its end", async () => {
    const world = await worldWith();
    for (const id of ["a", "b", "c"]) await world.ingest(id, { expiresAt: instant(START + 1_000) });
    await world.clock.advance(1_000);
    const walk = dueWalk(world.ledger, "expire", 2);
    const pages = [];
    for (let turn = 0; turn < 3; turn += 1) pages.push(await world.run(walk));
    expect(pages.map(({ rows, more }) => [rows.map(({ noticeId }) => noticeId), more])).toEqual(PAGES);
  });

  it("goes over what is held in the same way", async () => {
    const world = await worldWith();
    for (const id of ["a", "b", "c"]) {
      await world.ingest(id);
      await world.win("hold", id, { reason: "paused" });
    }
    const walk = heldWalk(world.ledger, "paused", 2);
    const pages = [];
    for (let turn = 0; turn < 3; turn += 1) pages.push(await world.run(walk));
    expect(pages.map(({ rows, more }) => [rows.map(({ noticeId }) => noticeId), more])).toEqual(PAGES);
  });
});
