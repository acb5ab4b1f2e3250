import { Effect, Result } from "effect";
import { describe, expect, it } from "vitest";
import { readBillLine } from "../../src/domain/bill-line.ts";
import type { NoticeLedger } from "../../src/domain/ports/notice-ledger.ts";
import { SEOUL } from "../../src/domain/zone-time.ts";
import { Permanent, Transient } from "../../src/failure.ts";
import { ingestBatch, type BatchPorts, type ReadLine } from "../../src/service/ingest-batch.ts";
import { aRow, desk, NOW, quickClock } from "./bill-rows.ts";

const STAMP = { now: NOW, expiresAfterMs: 1_000, kind: "bill", priority: 0, actor: "test" };
const lines = (...names: readonly (number | string)[]): readonly ReadLine[] =>
  names.map((name, at) => ({
    line: at + 2,
    bill: Result.getOrThrow(readBillLine(aRow(name), { zone: SEOUL })),
  }));

const portsWith = (
  ingest: NoticeLedger["ingest"],
  clock: BatchPorts["clock"] = quickClock(),
): BatchPorts => ({
  ...desk().ports,
  ledger: { ingest },
  clock,
});

describe("ingestBatch", () => {
  it("says of each line whether it is new, there already, or why it was rejected", async () => {
    const { ports } = desk();
    await ingestBatch(ports, lines("a"), STAMP, 0);
    expect(await ingestBatch(ports, lines("a", "b", "b"), STAMP, 0)).toEqual(
      Result.succeed({ taken: 1, duplicates: 2, rejected: [] }),
    );
  });

  it("waits longer each time, five seconds at most, and no longer than its patience in all", async () => {
    const waits: number[] = [];
    const clock = quickClock();
    const ports = portsWith(() => Effect.fail(new Transient({ message: "away" })), {
      monotonicMs: clock.monotonicMs,
      after: (ms, run) => {
        waits.push(ms);
        return clock.after(ms, run);
      },
    });
    const ended = await ingestBatch(ports, lines("a"), STAMP, 60_000);
    expect(Result.isFailure(ended) && ended.failure.message).toBe("away");
    expect(waits.slice(0, 7)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000]);
    expect(Math.max(...waits)).toBe(5_000);
    const sum = waits.reduce((total, ms) => total + ms, 0);
    expect(sum).toBeLessThanOrEqual(60_000);
    expect(sum).toBeGreaterThan(50_000);
  });

  it("ends at once where the ledger refuses for good", async () => {
    let calls = 0;
    const ports = portsWith(() => {
      calls += 1;
      return Effect.fail(new Permanent({ message: "the batch names one notice twice" }));
    });
    const ended = await ingestBatch(ports, lines("a", "b"), STAMP, 60_000);
    expect([Result.isFailure(ended), calls]).toEqual([true, 1]);
  });

  it("rejects a line whose notice id another bill has", async () => {
    const ports = portsWith((batch) =>
      Effect.succeed(
        batch.map(({ noticeId }) =>
          Result.succeed({ verdict: "lost" as const, because: "T1.notice-id", noticeId }),
        ),
      ),
    );
    const done = Result.getOrThrow(await ingestBatch(ports, lines("a"), STAMP, 0));
    expect(done).toMatchObject({ taken: 0, duplicates: 0, rejected: [{ line: 2 }] });
    expect(done.rejected[0]?.problems[0]?.problem).toContain("belongs to another bill already");
  });

  it("counts a bill that another notice is about already as there", async () => {
    const ports = portsWith((batch) =>
      Effect.succeed(
        batch.map(({ noticeId }) =>
          Result.succeed({ verdict: "lost" as const, because: "T1.business-key", noticeId }),
        ),
      ),
    );
    expect(await ingestBatch(ports, lines("a"), STAMP, 0)).toEqual(
      Result.succeed({ taken: 0, duplicates: 1, rejected: [] }),
    );
  });
});
