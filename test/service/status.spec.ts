import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { instant, policyVersion, workerId } from "../../src/domain/ids.ts";
import type { NoticeCount } from "../../src/domain/ports/ledger-reports.ts";
import type { Member } from "../../src/domain/ports/members.ts";
import { readStatus, statusInLines, type StatusReport } from "../../src/service/status.ts";

const NOW = instant(1_700_000_000_000);
const HOUR = 3_600_000;

const group = (more: Partial<NoticeCount>): NoticeCount => ({
  status: "ready",
  holdReason: null,
  isAhead: false,
  count: 1,
  earliestDueAt: instant(NOW - HOUR),
  ...more,
});

const member = (role: Member["role"]): Member => ({
  workerId: workerId("w-1"),
  role,
  host: "host-1",
  pid: 42,
  trouble: null,
  startedAt: NOW,
  seenAt: NOW,
});

const statusWith = (
  groups: readonly NoticeCount[],
  members: readonly Member[] = [],
  policy = true,
): Promise<StatusReport> =>
  readStatus({
    reports: {
      counts: () =>
        Effect.succeed({ at: NOW, groups, openLetters: { failed: 0, doubt: 0 }, oldestDoubtAt: null }),
      gates: Effect.succeed({
        pauses: [],
        activePolicy: policy ? { version: policyVersion(3), activatedBy: "x", activatedAt: NOW } : null,
      }),
    },
    members: { alive: () => Effect.succeed(members) },
    runs: { current: Effect.succeed(null), read: () => Effect.succeed(null) },
  });

describe("the status", () => {
  it("sums what is held by its reason, with the next release of what waits for a time", async () => {
    const ahead = (ms: number, more: Partial<NoticeCount> = {}) =>
      group({ isAhead: true, earliestDueAt: instant(NOW + ms), ...more });
    const { held, balance } = await statusWith([
      ahead(2 * HOUR, { count: 3 }),
      ahead(HOUR, { status: "queued", count: 2 }),
      group({ holdReason: "paused", count: 4 }),
      ahead(HOUR, { holdReason: "paused", count: 5 }),
    ]);
    expect(held).toEqual([
      { why: "put-off", count: 3, next_release_at: "2023-11-15T00:13:20.000Z" },
      { why: "next-attempt", count: 2, next_release_at: "2023-11-14T23:13:20.000Z" },
      { why: "paused", count: 9, next_release_at: null },
    ]);
    expect(balance).toMatchObject({ ingested: 14, held: 14, open: 0 });
  });

  it("says since when the oldest is due that nobody has taken, and nothing of what somebody has", async () => {
    const { oldest_due_at } = await statusWith([
      group({ status: "claimed", earliestDueAt: instant(NOW - 9 * HOUR) }),
      group({ status: "queued", earliestDueAt: instant(NOW - 2 * HOUR) }),
      group({}),
    ]);
    expect(oldest_due_at).toBe("2023-11-14T20:13:20.000Z");
    expect((await statusWith([group({ status: "sent" })])).oldest_due_at).toBeNull();
  });

  it("warns that nobody is at work only where there is work", async () => {
    expect((await statusWith([group({ status: "sent" })])).warnings).toEqual([]);
    expect((await statusWith([group({})], [member("deliver"), member("dispatch")])).warnings).toEqual([
      expect.stringContaining("nobody runs upkeep"),
    ]);
    expect((await statusWith([group({})], [member("all")])).warnings).toEqual([]);
    expect((await statusWith([], [], false)).warnings).toEqual(["no policy is active: nothing is routed"]);
  });

  it("names who is at work", async () => {
    const lines = statusInLines(await statusWith([group({})], [member("all")]));
    expect(lines).toContain("  at work: all on host-1, process 42, since 2023-11-14T22:13:20.000Z");
    const heldUp = { ...member("all"), trouble: "the brokers are away" };
    expect(statusInLines(await statusWith([group({})], [heldUp])).join("\n")).toContain(
      "\n    held up: the brokers are away",
    );
  });
});
