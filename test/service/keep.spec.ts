/** The role `upkeep` as a process starts it, on memory adapters and a virtual clock. */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { memoryDoubts } from "../../src/adapters/memory/doubts.ts";
import { memoryLetters } from "../../src/adapters/memory/letters.ts";
import { openLog } from "../../src/adapters/telemetry/log.ts";
import { Transient } from "../../src/failure.ts";
import { startKeeping } from "../../src/service/keep.ts";
import type { Wiring } from "../../src/service/wiring.ts";
import { intakeWorld } from "../streams/intake/intake-world.ts";

describe("startKeeping", () => {
  it("writes down what its duties cannot do: leases that nobody lapses are no quiet ledger", async () => {
    const world = await intakeWorld();
    const lines: unknown[] = [];
    const { worker, policies, system } = world.ports("upkeep-1");
    const wiring = {
      ...{ worker, policies, system },
      ledger: { ...world.ledger, due: () => Effect.fail(new Transient({ message: "the database is away" })) },
      doubts: memoryDoubts(world.ledger),
      letters: memoryLetters(world.ledger),
      log: openLog({ sink: { write: (line) => void lines.push(JSON.parse(line)) } }),
      kafka: null,
      senders: new Map(),
      gates: new Map(),
      config: {
        upkeep: { batchSize: 10, lapseCap: 5, answerWindowMs: 60_000, sweepEveryMs: 1_000 },
        delivery: { leaseMs: 1_000 },
        kafka: { brokers: null },
      },
    } as unknown as Wiring; // what keeping looks at
    const keeping = startKeeping(wiring);
    await world.clock.advance(10_000);
    expect(lines).toContainEqual(
      expect.objectContaining({ event: "duty:fail:done", duty: "lapse-leases", failure: "Transient" }),
    );
    await world.clock.runUntil(keeping.stop(), 60_000);
  });
});
