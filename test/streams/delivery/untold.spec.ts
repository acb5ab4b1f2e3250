/**
 * What one life knows and nobody else does.
 */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { Transient } from "../../../src/failure.ts";
import type { Settlement } from "../../../src/streams/delivery/bodies.ts";
import { Untold } from "../../../src/streams/delivery/untold.ts";
import { command, WORKER } from "../../contracts/notice-ledger-commands.ts";
import { LoneHost } from "../../support/lone-host.ts";
import { type DeliveryWorld, worldWith } from "./delivery-world.ts";

interface Known {
  readonly id: string;
}

const begun = async (
  ids: readonly string[],
  applyOf: (world: DeliveryWorld) => NoticeLedger["apply"] = ({ ledger }) => ledger.apply,
) => {
  const world = await worldWith();
  for (const id of ids) {
    await world.queue(id);
    await world.win("claim", id);
  }
  const told: string[] = [];
  const untold = new Untold<Known>(
    { ledger: { apply: applyOf(world) }, system: world.clock.ports },
    ({ id }): Settlement => {
      told.push(id);
      return { command: { ...command("release", id), actor: WORKER }, why: "given back" };
    },
  );
  const host = new LoneHost(world.clock);
  untold.see(host.item("anything"));
  return { world, untold, host, told, known: ids.map((id): Known => ({ id })) };
};

describe("Untold", () => {
  it("tells at the end of its life what is held, while the life waits for that, and nothing else", async () => {
    const { world, untold, host, known } = await begun(["held", "let-go"]);
    for (const each of known) untold.hold(each);
    expect(known[1] !== undefined && untold.letGo(known[1])).toBe(true);
    untold.end();
    expect(host.work.running, "waited for as for a call").toBe(1);
    await world.clock.runUntil(host.work.quiet(), 1_000);
    expect(world.view("held").notice.status).toBe("queued");
    expect(world.view("let-go").notice.status).toBe("claimed");
    expect([untold.count, untold.isOver]).toEqual([0, true]);
  });

  it("says who comes for what was told already that it is too late, and tells nothing twice", async () => {
    const { untold, told, known } = await begun(["n1"]);
    const [only] = known;
    if (only === undefined) throw new Error("there is none");
    untold.hold(only);
    await Promise.all([untold.giveUp([only]), untold.giveUp([only])]);
    expect(untold.letGo(only)).toBe(false);
    untold.end();
    expect(told).toEqual(["n1"]);
  });

  it("tells together what comes while a statement is under way", async () => {
    const sizes: number[] = [];
    const ids = Array.from({ length: 50 }, (_, at) => `n${at}`);
    const { world, untold, known } = await begun(ids, ({ ledger }) => (type, batch) => {
      sizes.push(batch.length);
      return Effect.andThen(Effect.sleep(10), ledger.apply(type, batch));
    });
    for (const each of known) untold.hold(each);
    await world.clock.runUntil(Promise.all(known.map((each) => untold.giveUp([each]))), 1_000);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(50);
    expect(sizes.length).toBeLessThanOrEqual(2);
    expect(world.claimedBy(WORKER)).toEqual([]);
  });

  it("holds nobody up for long where the ledger does not answer", async () => {
    const { world, untold, host, known } = await begun(
      ["n1"],
      () => () => Effect.fail(new Transient({ message: "away" })),
    );
    for (const each of known) untold.hold(each);
    untold.end();
    await world.clock.runUntil(host.work.quiet(), 10_000);
    expect(world.clock.nowMs).toBeLessThan(5_000);
  });
});
