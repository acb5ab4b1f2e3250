/**
 * The right to send, and everything that keeps it from being used.
 */
import { Effect, Result } from "effect";
import { describe, expect, it } from "vitest";
import { policyVersion } from "../../../src/domain/ids.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { EMAIL, SEND_WINDOW_MS } from "../../contracts/notice-ledger-commands.ts";
import { type Fault, POLICY, worldWith } from "./delivery-world.ts";

describe("beginSend", () => {
  const after = async (fault: Fault, ms = 1_000) => {
    const world = await worldWith({ faults: { "begin-send": [fault] } });
    await world.queue("n1");
    const ports = world.ports();
    const running = world.deliver(ports);
    await world.clock.advance(ms);
    const seen = { copies: world.copies.length, history: await world.history("n1") };
    const status = world.view("n1").notice.status;
    await world.clock.runUntil(running.drain(1_000), 60_000);
    expect(ports.gate.inFlight).toBe(0);
    return { ...seen, status };
  };

  it("lets one copy leave for a right that was won", async () => {
    expect(await after("none")).toEqual({ copies: 1, history: ["T2", "T3", "T6", "T8"], status: "sent" });
  });

  it("lets none leave where the answer was lost, whether it was written or not", async () => {
    expect(await after("lost", 10), "before its back-off is over").toEqual({
      copies: 0,
      history: ["T2", "T3", "T6", "T9"],
      status: "queued",
    });
    expect(await after("unwritten")).toEqual({ copies: 0, history: ["T2", "T3", "T5"], status: "queued" });
  });

  it("tells of a right that was written, asked for again too late and so refused: it was never used", async () => {
    const world = await worldWith();
    await world.queue("n1");
    const ports = world.ports();
    const apply: NoticeLedger["apply"] = (type, batch) =>
      Effect.map(ports.ledger.apply(type, batch), (answers) =>
        type === "begin-send"
          ? answers.map((answer) =>
              Result.map(answer, (won) => ({ ...won, verdict: "lost" as const, because: "T6.epoch" })),
            )
          : answers,
      );
    const running = world.deliver({ ...ports, ledger: { ...ports.ledger, apply } });
    await world.clock.advance(10); // before its back-off is over
    expect(world.copies).toEqual([]);
    expect(await world.history("n1")).toEqual(["T2", "T3", "T6", "T9"]);
    await world.clock.runUntil(running.drain(1_000), 60_000);
  });

  it.each([
    ["late", SEND_WINDOW_MS],
    ["wall jumps", 0],
    ["wall steps back", 0],
  ] as const)("lets none leave for a right that has grown old: %s", async (fault, answeredMs) => {
    const { copies, history } = await after(fault, answeredMs + 10); // before its back-off is over
    expect(copies).toBe(0);
    expect(history).toEqual(["T2", "T3", "T6", "T9"]);
  });

  it("steps back where it may not leave: in a pause, for who has objected, by a policy that is gone", async () => {
    const world = await worldWith();
    for (const id of ["paused", "objected"]) await world.queue(id);
    await Effect.runPromise(world.ledger.suppress("user-of-objected", "objected", "operator:kim"));
    await Effect.runPromise(world.ledger.pause(EMAIL, "repairs", "operator:kim"));
    const running = world.deliver(world.ports());
    await world.clock.advance(1_000);
    expect(world.view("paused").notice).toMatchObject({ status: "ready", holdReason: "paused" });
    expect(world.view("objected").notice.status).toBe("suppressed");
    await Effect.runPromise(world.ledger.resume(EMAIL, "operator:kim"));
    // in force in the ledger, and not yet known here
    const newer = { ...POLICY, version: policyVersion(2) };
    await Effect.runPromise(world.ledger.activatePolicy(newer.version, newer, "operator:kim"));
    await world.queue("stale");
    await world.clock.advance(1_000);
    expect(await world.history("stale")).toEqual(["T2", "T3", "T6n"]);
    expect(world.copies).toEqual([]);
    await world.clock.runUntil(running.drain(1_000), 60_000);
  });
});
