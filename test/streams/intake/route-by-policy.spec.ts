/**
 * What a page decides of its candidates: a channel, a later time, a hold, or an end.
 */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { instant } from "../../../src/domain/ids.ts";
import { carryOutRun } from "../../../src/streams/intake/carry-out-run.ts";
import { routeByPolicy } from "../../../src/streams/intake/route-by-policy.ts";
import { EMAIL, START } from "../../contracts/notice-ledger-commands.ts";
import { intakeWorld, QUIET } from "./intake-world.ts";

describe("routeByPolicy", () => {
  it("routes what is due, puts off what is quiet, ends what is suppressed or too late, in one run", async () => {
    const world = await intakeWorld();
    await world.ingest(["open"]);
    await world.ingest(["objected"]);
    await world.ingest(["unreadable"], { routing: { quietHours: "at night" } });
    await world.ingest(["old"], { expiresAt: instant(START) });
    await world.ingest(["later"], { dueAt: instant(START + 60_000) });
    await Effect.runPromise(world.ledger.suppress("user-of-objected", "objected", "operator:kim"));
    await world.open(100);
    await world.clock.runUntil(carryOutRun(world.ports()).done, 60_000);
    const row = (id: string) => world.ledger.notices().find(({ notice }) => notice.noticeId === id)?.notice;
    expect(row("open")).toMatchObject({ status: "queued", channel: EMAIL });
    expect(row("objected")).toMatchObject({ status: "suppressed" });
    expect(row("old")).toMatchObject({ status: "expired" });
    expect(row("unreadable")).toMatchObject({ status: "ready" });
    expect(row("unreadable")?.holdReason).not.toBeNull();
    expect(row("later")).toMatchObject({ status: "ready", holdReason: null });
    expect(world.read().figures).toMatchObject({ admitted: 1, suppressed: 1, expired: 1 });
  });

  it("puts off to the first hour in which it may leave", async () => {
    const world = await intakeWorld();
    await world.activate(QUIET);
    await world.ingest(["n1"]);
    await world.open(100);
    await world.clock.runUntil(carryOutRun(world.ports()).done, 60_000);
    const [view] = world.ledger.notices();
    expect(view?.notice).toMatchObject({ status: "ready", holdReason: null });
    expect(view?.notice.dueAt).toBeGreaterThan(world.now);
    expect(world.read().figures).toMatchObject({ admitted: 0, putOff: 1 });
  });

  it("keeps nothing of a try that was rolled back: each has decisions of its own", async () => {
    const world = await intakeWorld();
    await world.ingest(["n1"]);
    const tries = routeByPolicy(world.ports());
    const first = tries();
    await Effect.runPromise(
      world.ledger.routePage({ after: null, limit: 1, which: "fresh" }, (candidate, at) => {
        first.decide(candidate, at);
        return null;
      }),
    );
    expect(first.decided.size).toBe(1);
    expect(tries().decided.size).toBe(0);
  });
});
