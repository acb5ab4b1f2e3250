/**
 * What is told when nobody waits for the answer: all of it is tried, and none of it for ever.
 */
import { Effect, Result } from "effect";
import { describe, expect, it } from "vitest";
import type { CommandOf } from "../../../src/domain/lifecycle/commands.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { Permanent, Transient } from "../../../src/failure.ts";
import { toldAtTheEnd } from "../../../src/streams/delivery/at-the-end.ts";
import { command } from "../../contracts/notice-ledger-commands.ts";
import { type DeliveryWorld, worldWith } from "./delivery-world.ts";

const claimed = async (ids: readonly string[]): Promise<DeliveryWorld> => {
  const world = await worldWith();
  for (const id of ids) {
    await world.queue(id);
    await world.win("claim", id);
  }
  return world;
};
const releases = (ids: readonly string[]): readonly CommandOf<"release">[] =>
  ids.map((id) => command("release", id));
const statuses = (world: DeliveryWorld, ids: readonly string[]) =>
  ids.map((id) => world.view(id).notice.status);

describe("toldAtTheEnd", () => {
  it("asks again for a statement of which one item was not tried, and what was done stays done", async () => {
    const ids = ["n1", "n2", "n3"];
    const world = await claimed(ids);
    let calls = 0;
    const apply: NoticeLedger["apply"] = (type, batch) =>
      Effect.suspend(() => {
        calls += 1;
        if (calls > 1) return world.ledger.apply(type, batch);
        const notTried = batch.slice(1).map(() => Result.fail(new Transient({ message: "not tried" })));
        return Effect.map(world.ledger.apply(type, batch.slice(0, 1)), (answers) => [
          ...answers,
          ...notTried,
        ]);
      });
    await world.clock.runUntil(world.run(toldAtTheEnd({ apply }, "release", releases(ids))), 10_000);
    expect(statuses(world, ids)).toEqual(["queued", "queued", "queued"]);
    expect(ids.map((id) => world.view(id).notice.epoch)).toEqual([3, 3, 3]);
  });

  it("gives up after some seconds where the ledger does not answer, and says why", async () => {
    const world = await worldWith();
    const apply: NoticeLedger["apply"] = () => Effect.fail(new Transient({ message: "away" }));
    const told = world.run(Effect.result(toldAtTheEnd({ apply }, "release", releases(["n1"]))));
    await world.clock.runUntil(told, 10_000);
    expect(await told).toMatchObject({ failure: { message: "away" } });
    expect(world.clock.nowMs).toBeLessThan(5_000);
  });

  it("waits no longer than its time for a ledger that does not say anything at all", async () => {
    const world = await worldWith();
    const apply: NoticeLedger["apply"] = () => Effect.never;
    const told = world.run(Effect.result(toldAtTheEnd({ apply }, "release", releases(["n1"]))));
    await world.clock.runUntil(told, 11_000);
    expect(await told).toMatchObject({ failure: { _tag: "Transient", code: "timeout" } });
  });

  it("waits no longer either for a ledger whose statements run to their end, whoever stops waiting", async () => {
    const world = await worldWith();
    const apply: NoticeLedger["apply"] = () => Effect.uninterruptible(Effect.never);
    const told = world.run(Effect.result(toldAtTheEnd({ apply }, "release", releases(["n1"]))));
    await world.clock.runUntil(told, 11_000);
    expect(await told).toMatchObject({ failure: { _tag: "Transient", code: "timeout" } });
  });

  it("tells every part, whatever became of the one before", async () => {
    const ids = Array.from({ length: 501 }, (_, at) => `n${at}`);
    const world = await claimed(ids);
    const apply: NoticeLedger["apply"] = (type, batch) =>
      batch.length === 500
        ? Effect.fail(new Permanent({ message: "never" }))
        : world.ledger.apply(type, batch);
    const told = world.run(Effect.result(toldAtTheEnd({ apply }, "release", releases(ids))));
    await world.clock.runUntil(told, 10_000);
    expect(await told).toMatchObject({ failure: { message: "never" } });
    expect(statuses(world, ["n499", "n500"])).toEqual(["claimed", "queued"]);
  });
});
