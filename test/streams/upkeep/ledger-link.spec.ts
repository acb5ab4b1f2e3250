import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { Permanent, Transient, type Failure } from "../../../src/failure.ts";
import { ledgerLink } from "../../../src/streams/upkeep/ledger-link.ts";
import type { UpkeepLedger } from "../../../src/streams/upkeep/upkeep-ports.ts";
import { worldWith } from "./world.ts";

const SILENCE_MS = 10_000;

const linkedWorld = async () => {
  const world = await worldWith();
  let failure: Failure | null = null;
  const inner: UpkeepLedger = {
    ...world.ledger,
    pauses: Effect.suspend(() => (failure === null ? world.ledger.pauses : Effect.fail(failure))),
  };
  const link = ledgerLink(inner, { clock: world.clock, silenceMs: SILENCE_MS });
  const call = async (failing: Failure | null = null): Promise<void> => {
    failure = failing;
    await world.run(Effect.ignore(link.ledger.pauses));
  };
  const since = () => world.run(link.since);
  return { world, call, since };
};

describe("ledgerLink", () => {
  it("is in touch since the ledger's time of its first answer", async () => {
    const { world, call, since } = await linkedWorld();
    const first = await since();
    expect(first).toBe(world.now);
    await world.clock.advance(SILENCE_MS);
    await call();
    expect(await since()).toBe(first);
  });

  it("begins anew after a call that failed", async () => {
    const { world, call, since } = await linkedWorld();
    const first = await since();
    await world.clock.advance(1_000);
    await call(new Transient({ message: "away" }));
    await world.clock.advance(1_000);
    expect(await since()).toBe(first + 2_000);
  });

  it("begins anew after a silence, whatever its cause", async () => {
    const { world, call, since } = await linkedWorld();
    const first = await since();
    await world.clock.advance(SILENCE_MS + 1);
    await call();
    expect(await since()).toBe(first + SILENCE_MS + 1);
  });

  it("takes a refusal for an answer", async () => {
    const { world, call, since } = await linkedWorld();
    const first = await since();
    await world.clock.advance(1_000);
    await call(new Permanent({ message: "refused" }));
    expect(await since()).toBe(first);
  });
});
