import { describe, expect, it, onTestFinished } from "vitest";
import { NOTHING_TO_SEE, type Glances } from "../../../src/adapters/telemetry/glances.ts";
import { openMetrics } from "../../../src/adapters/telemetry/metrics.ts";
import { instant, policyVersion, runId } from "../../../src/domain/ids.ts";
import type { NoticeCounts } from "../../../src/domain/ports/ledger-reports.ts";
import type { Run } from "../../../src/domain/ports/runs.ts";
import type { RuntimeEvent } from "../../../src/streams/runtime/events.ts";

const opened = (glances: Partial<Glances> = {}) => {
  const metrics = openMetrics({ ...NOTHING_TO_SEE, ...glances });
  onTestFinished(metrics.close);
  /** The values by series: `millrace_notices{status="sent"}`. */
  const read = async (): Promise<ReadonlyMap<string, number>> => {
    const lines = (await metrics.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(
      lines.map((line) => {
        const end = line.lastIndexOf(" ");
        return [line.slice(0, end), Number(line.slice(end + 1))];
      }),
    );
  };
  const tell = (event: RuntimeEvent, atMs = 0): void => {
    metrics.listen({ ...event, pipeline: "deliver-sms", atMs });
  };
  return { metrics, read, tell };
};

const counts: NoticeCounts = {
  at: instant(1_700_000_060_000),
  groups: [
    { status: "sent", holdReason: null, isAhead: false, count: 7, earliestDueAt: instant(0) },
    { status: "ready", holdReason: "paused", isAhead: true, count: 2, earliestDueAt: instant(0) },
    { status: "ready", holdReason: null, isAhead: true, count: 3, earliestDueAt: instant(0) },
  ],
  openLetters: { failed: 1, doubt: 4 },
  oldestDoubtAt: instant(1_700_000_000_000),
};

const run: Run = {
  ...{
    runId: runId("r-1"),
    key: "k",
    state: "open",
    cap: 10,
    openedBy: "cron",
    openedAt: instant(0),
    closedAt: null,
  },
  policyVersion: policyVersion(1),
  figures: {
    ...{ pages: 2, candidates: 9, admitted: 7, published: 7, publishFailed: 0, heldBy: { policy: 2 } },
    ...{ putOff: 0, suppressed: 0, expired: 0, pageMs: 30, publishMs: 4 },
  },
};

describe("the metrics", () => {
  it("show what pipelines tell: how many, how it ended, how long it took", async () => {
    const { read, tell } = opened();
    tell({ type: "item:admit:done", record: "0@1", attempt: 1 }, 0);
    tell({ type: "item:settle:done", record: "0@1", stage: "settle", disposition: "done" }, 2_000);
    tell({
      type: "item:divert:done",
      record: "0@2",
      stage: "send-notice",
      failure: "Permanent",
      message: "no",
    });
    tell({ type: "batch:call:done", stage: "claim-notice", count: 40, elapsedMs: 30 });
    const shown = await read();
    expect(shown.get('millrace_items_admitted_total{pipeline="deliver-sms"}')).toBe(1);
    expect(shown.get('millrace_items_settled_total{pipeline="deliver-sms",disposition="done"}')).toBe(1);
    const diverted =
      'millrace_items_diverted_total{pipeline="deliver-sms",stage="send-notice",failure="Permanent"}';
    expect(shown.get(diverted)).toBe(1);
    expect(shown.get('millrace_item_seconds_sum{pipeline="deliver-sms"}')).toBe(2);
    expect(shown.get('millrace_batch_size_bucket{le="50",pipeline="deliver-sms",stage="claim-notice"}')).toBe(
      1,
    );
    expect(shown.get('millrace_stage_seconds_count{pipeline="deliver-sms",stage="claim-notice"}')).toBe(1);
  });

  it("count on from one look to the next, and do not count twice", async () => {
    const { read, tell } = opened();
    tell({ type: "item:admit:done", record: "0@1", attempt: 1 });
    await read();
    tell({ type: "item:admit:done", record: "0@2", attempt: 1 });
    await read();
    expect((await read()).get('millrace_items_admitted_total{pipeline="deliver-sms"}')).toBe(2);
  });

  it("show the ledger as it was looked at last, every status, also those that nobody is in", async () => {
    const { read } = opened({ counts: () => counts, run: () => run });
    const shown = await read();
    expect(shown.get('millrace_notices{status="sent"}')).toBe(7);
    expect(shown.get('millrace_notices{status="ready"}')).toBe(5);
    expect(shown.get('millrace_notices{status="failed"}')).toBe(0);
    expect(shown.get('millrace_notices_held{reason="paused"}')).toBe(2);
    expect(shown.get('millrace_letters_open{kind="doubt"}')).toBe(4);
    expect(shown.get("millrace_oldest_doubt_seconds")).toBe(60);
    expect(shown.get('millrace_run_figure{figure="publish_failed"}')).toBe(0);
    expect(shown.get('millrace_run_figure{figure="held"}')).toBe(2);
    expect(shown.get("millrace_run_open")).toBe(1);
  });

  it("say nothing of the ledger before anybody has looked: a nought would be a lie", async () => {
    const { read } = opened();
    const names = [...(await read()).keys()];
    expect(names.filter((name) => /notices|letters_open|doubt_seconds|counted|run_/.test(name))).toEqual([]);
  });

  it("show each pipeline and each provider as it is at the moment", async () => {
    const glance = {
      pipeline: "deliver-sms",
      state: "running" as const,
      inFlight: 5,
      parked: 1,
      window: { credits: 9 },
    };
    let state: "open" | "paused" = "open";
    const { read } = opened({
      pipelines: () => [
        {
          ...glance,
          partitions: [
            { partition: "0", lag: 12 },
            { partition: "1", lag: null },
          ],
        },
      ],
      providers: () => [{ provider: "simulated-sms", state, inFlight: 3 }],
    });
    const shown = await read();
    expect(shown.get('millrace_in_flight{pipeline="deliver-sms"}')).toBe(5);
    expect(shown.get('millrace_window_credits{pipeline="deliver-sms"}')).toBe(9);
    expect(shown.get('millrace_lag{pipeline="deliver-sms",partition="0"}')).toBe(12);
    expect([...shown.keys()].filter((name) => name.startsWith("millrace_lag")).length).toBe(1);
    expect(shown.get('millrace_provider_breaker{provider="simulated-sms",state="open"}')).toBe(1);
    state = "paused";
    const later = await read();
    expect(later.get('millrace_provider_breaker{provider="simulated-sms",state="open"}')).toBe(0);
    expect(later.get('millrace_provider_breaker{provider="simulated-sms",state="paused"}')).toBe(1);
  });

  it("show the process: event loop, memory, time", async () => {
    const shown = await opened().read();
    expect(shown.get('millrace_event_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);
    expect(shown.get("process_resident_memory_bytes")).toBeGreaterThan(1e6);
    expect(shown.get("process_cpu_seconds_total")).toBeGreaterThan(0);
  });

  it("have a registry of their own: two in one process do not mix", async () => {
    const one = opened();
    const other = opened();
    one.metrics.countLetter("doubt");
    expect((await one.read()).get('millrace_letters_total{kind="doubt"}')).toBe(1);
    expect((await other.read()).get('millrace_letters_total{kind="doubt"}')).toBe(0);
  });
});
