import { describe, expect, it } from "vitest";
import { channelId, policyVersion, runId } from "../../../src/domain/ids.ts";
import { ask, expectRefusal, won } from "./asking.ts";
import { EMAIL, EPOCH, NOW, SECOND, SMS, at, letterOf, noticeIn, viewIn, viewOf } from "./samples.ts";

describe("T2 route", () => {
  it("gives a fresh notice its channel, pins the policy, and tells the log", () => {
    const { notice } = won("route", viewIn("ready"));
    expect(notice).toMatchObject({
      status: "queued",
      channel: EMAIL,
      policyVersion: 2,
      attemptNo: 1,
      epoch: EPOCH + 1,
      publishes: 0,
      republishAt: at(60 * SECOND),
      runId: "run-1",
    });
  });

  it("goes on with what is pinned, whatever the router would choose now", () => {
    const pinned = viewIn("ready", {
      channel: SMS,
      policyVersion: policyVersion(1),
      attemptNo: 2,
      runId: runId("run-0"),
    });
    expect(won("route", pinned).notice).toMatchObject({
      channel: SMS,
      policyVersion: 1,
      attemptNo: 2,
      runId: "run-0",
    });
    expect(won("route", pinned, { command: { choice: null } }).notice.channel).toBe(SMS);
  });

  it("waits for the due time, and not a moment longer", () => {
    expectRefusal(ask("route", viewIn("ready", { dueAt: at(1) })), "not-now", "T2.due");
    expect(ask("route", viewIn("ready", { dueAt: NOW })).verdict).toBe("won");
  });

  it("leaves alone what is held, suppressed, paused or at its end", () => {
    expectRefusal(ask("route", viewIn("ready", { holdReason: "operator" })), "not-now", "T2.held");
    expectRefusal(ask("route", viewIn("ready"), { facts: { suppressed: true } }), "not-now", "T2.suppressed");
    expectRefusal(ask("route", viewIn("ready"), { facts: { paused: [EMAIL] } }), "not-now", "T2.paused");
    expectRefusal(ask("route", viewIn("ready"), { facts: { paused: ["*"] } }), "not-now", "T2.paused");
    expect(ask("route", viewIn("ready"), { facts: { paused: [SMS] } }).verdict).toBe("won");
    expectRefusal(ask("route", viewIn("ready", { expiresAt: NOW })), "not-now", "T2.expired");
  });

  it("refuses a router that looked before somebody moved the notice, and one that has no channel to give", () => {
    expectRefusal(ask("route", viewIn("ready"), { command: { epoch: EPOCH - 1 } }), "lost", "T2.epoch");
    expectRefusal(ask("route", viewIn("ready"), { command: { choice: null } }), "lost", "T2.choice");
  });

  it("is too late for a notice that is under way or over", () => {
    expectRefusal(ask("route", viewIn("sending")), "lost", "T2.status");
    expectRefusal(ask("route", viewIn("sent")), "gone", "T2.status");
  });
});

describe("T2h hold and unhold", () => {
  it("puts off, or holds for a reason, and moves nobody's epoch", () => {
    const later = won("hold", viewIn("ready"), { command: { reason: null, dueAt: at(SECOND) } });
    expect(later.notice).toMatchObject({
      status: "ready",
      dueAt: at(SECOND),
      holdReason: null,
      epoch: EPOCH,
    });
    expect(won("hold", viewIn("ready")).notice.holdReason).toBe("paused");
  });

  it("does not put a pause over what only an operator lifts: the next resume would lift it", () => {
    for (const holdReason of ["operator", "lapses"] as const) {
      expect(won("hold", viewIn("ready", { holdReason })).notice.holdReason).toBe(holdReason);
    }
    const paused = viewIn("ready", { holdReason: "paused" });
    expect(won("hold", paused, { command: { reason: "operator" } }).notice.holdReason).toBe("operator");
    expectRefusal(
      ask("hold", viewIn("ready", { holdReason: "contradiction" })),
      "not-now",
      "T2h.contradiction",
    );
  });

  it("lifts exactly the reason that it names", () => {
    expect(won("unhold", viewIn("ready", { holdReason: "paused" })).notice.holdReason).toBeNull();
    expectRefusal(ask("unhold", viewIn("ready", { holdReason: "operator" })), "lost", "T2h.reason");
    expectRefusal(ask("unhold", viewIn("ready")), "already-mine", "T2h.already-mine");
  });

  it("lifts a contradiction wherever the notice stands", () => {
    const view = viewIn("sent", { holdReason: "contradiction" });
    expect(won("unhold", view, { command: { reason: "contradiction" } }).notice.holdReason).toBeNull();
  });
});

describe("T2x suppress", () => {
  it("ends a notice whose recipient is on the list, with what held it and the letter of a replay", () => {
    const replayed = viewOf(
      noticeIn("ready", { holdReason: "paused" }),
      [],
      [letterOf("failed", { state: "replaying" })],
    );
    const { notice, deadLetters } = won("suppress", replayed);
    expect(notice).toMatchObject({ status: "suppressed", holdReason: null });
    expect(deadLetters.map(({ state }) => state)).toEqual(["resolved"]);
    expect(won("suppress", viewIn("ready", { holdReason: "contradiction" })).notice.holdReason).toBe(
      "contradiction",
    );
  });

  it("touches nobody who is on no list", () => {
    expectRefusal(
      ask("suppress", viewIn("ready"), { facts: { suppressed: false } }),
      "lost",
      "T2x.suppressed",
    );
  });
});

describe("TP published", () => {
  it("counts the telling and moves the next one; it leaves no line in the history", () => {
    const outcome = ask("published", viewIn("queued"));
    expect(outcome).toMatchObject({
      verdict: "won",
      history: null,
      change: { notice: { publishes: 2, republishAt: at(60 * SECOND), epoch: EPOCH } },
    });
  });

  it("does not speak of a queueing that is over", () => {
    expectRefusal(ask("published", viewIn("queued"), { command: { epoch: EPOCH - 1 } }), "lost", "TP.epoch");
    expectRefusal(ask("published", viewIn("claimed")), "lost", "TP.status");
  });

  it("knows channels by their names alone", () => {
    expect(won("published", viewIn("queued", { channel: channelId("letter") })).notice.channel).toBe(
      "letter",
    );
  });
});
