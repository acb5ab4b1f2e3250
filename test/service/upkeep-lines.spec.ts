import { describe, expect, it } from "vitest";
import { openLog } from "../../src/adapters/telemetry/log.ts";
import { attemptId, noticeId } from "../../src/domain/ids.ts";
import { upkeepLines } from "../../src/service/upkeep-lines.ts";
import type { UpkeepEvent } from "../../src/streams/upkeep/upkeep-events.ts";

const listening = () => {
  const lines: unknown[] = [];
  const at = { ms: 0 };
  const log = openLog({ sink: { write: (line) => void lines.push(JSON.parse(line)) } });
  return { lines, at, listen: upkeepLines(log, { monotonicMs: () => at.ms }) };
};

const FAILED: UpkeepEvent = {
  type: "duty:fail:done",
  duty: "lapse-leases",
  failure: "Transient",
  message: "looking for what is due (lapse): gone",
  inMs: 250,
};

describe("the lines of upkeep", () => {
  it("tell of a duty that fails at once, and then once a minute for as long as it does", () => {
    const { lines, at, listen } = listening();
    for (at.ms = 0; at.ms < 120_000; at.ms += 10_000) listen(FAILED);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ level: "warn", event: "duty:fail:done", duty: "lapse-leases" });
  });

  it("tell of a bug by its place in our program, and of none of its words", () => {
    const { lines, listen } = listening();
    const where = "TypeError at relay (file:///srv/relay-letters.ts:21:7)";
    listen({ type: "duty:break:done", duty: "relay-letters", where, inMs: 250 });
    expect(lines).toMatchObject([{ level: "error", bug: "TypeError", at: "relay-letters.ts:21" }]);
  });

  it("tell of a hundred owed doubts a minute at most: after an outage there may be a million, met again and again", () => {
    const { lines, at, listen } = listening();
    for (at.ms = 0; at.ms < 120_000; at.ms += 100) {
      const n = String(at.ms);
      listen({ type: "doubt:owe:done", noticeId: noticeId(n), attemptId: attemptId(n), because: "class C" });
    }
    expect(lines).toHaveLength(200);
  });

  it("tell of a doubt that only an operator can end, by its ids, and of nothing that goes well", () => {
    const { lines, listen } = listening();
    const ids = { noticeId: noticeId("n1"), attemptId: attemptId("a1") };
    listen({ type: "doubt:owe:done", ...ids, because: "class C" });
    listen({ type: "doubt:help:done", ...ids, by: "look-up", outcome: "accepted" });
    listen({ type: "duty:turn:done", duty: "lapse-leases", found: 1, changed: 1, elapsedMs: 1 });
    expect(lines).toMatchObject([{ level: "warn", event: "doubt:owe:done", ...ids }]);
  });
});
