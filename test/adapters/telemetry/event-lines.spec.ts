import { describe, expect, it } from "vitest";
import { eventLines } from "../../../src/adapters/telemetry/event-lines.ts";
import { openLog } from "../../../src/adapters/telemetry/log.ts";
import type { RuntimeEvent } from "../../../src/streams/runtime/events.ts";

const linesOf = (...events: readonly RuntimeEvent[]): readonly unknown[] => {
  const lines: string[] = [];
  const listen = eventLines(openLog({ sink: { write: (line) => lines.push(line) } }));
  for (const event of events) listen({ ...event, pipeline: "deliver-email", atMs: 0 });
  return lines.map((line) => JSON.parse(line) as unknown);
};

describe("the lines of a pipeline", () => {
  it("are none for what goes well", () => {
    expect(
      linesOf(
        { type: "pipeline:start:done", life: 1 },
        { type: "item:admit:done", record: "0@1", attempt: 1 },
        { type: "item:settle:done", record: "0@1", stage: "s", disposition: "done" },
        { type: "batch:call:done", stage: "s", count: 1, elapsedMs: 1 },
      ),
    ).toEqual([]);
  });

  it("tell of an item that is stuck, by its record and stage", () => {
    expect(
      linesOf({ type: "item:stick:done", record: "0@1", stage: "send-notice", ageMs: 90_000 }),
    ).toMatchObject([
      { level: "warn", pipeline: "deliver-email", record: "0@1", stage: "send-notice", ageMs: 90_000 },
    ]);
  });

  it("tell of a restart, and of an end that was a failure more loudly than of one that was wanted", () => {
    expect(
      linesOf(
        { type: "pipeline:restart:begin", life: 2, cause: "sqlstate:57P01 gone", inMs: 100 },
        { type: "intake:stop:done", reason: "drain" },
        { type: "source:close:failed", reason: "kafka:closed" },
        { type: "pipeline:end:done", how: "failed", cause: "too many restarts" },
        { type: "pipeline:end:done", how: "drained", cause: null },
      ),
    ).toMatchObject([
      { level: "warn", event: "pipeline:restart:begin", cause: "sqlstate:57P01" },
      { level: "info", event: "intake:stop:done" },
      { level: "warn", event: "source:close:failed", reason: "kafka:closed" },
      { level: "error", event: "pipeline:end:done", how: "failed" },
      { level: "info", event: "pipeline:end:done", how: "drained", cause: null },
    ]);
  });
});
