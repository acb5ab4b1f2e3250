import { describe, expect, it } from "vitest";
import { ask, expectRefusal, won } from "./asking.ts";
import { EPOCH, NOW, SECOND, at, attemptIn, letterOf, noticeIn, viewIn, viewOf } from "./samples.ts";

describe("T13 replay", () => {
  it("begins a new generation: no channel, no attempt, no lapse, due now", () => {
    const { notice, deadLetters } = won("replay", viewIn("failed", { lapses: 3, cancelRequested: true }));
    expect(notice).toMatchObject({
      status: "ready",
      generation: 2,
      epoch: EPOCH + 1,
      channel: null,
      policyVersion: null,
      attemptNo: 0,
      lapses: 0,
      dueAt: NOW,
      cancelRequested: false,
    });
    expect(deadLetters.map(({ state }) => state)).toEqual(["replaying"]);
  });

  it("replays what was cancelled too, which has no letter", () => {
    expect(won("replay", viewIn("cancelled")).notice).toMatchObject({ status: "ready", generation: 2 });
  });

  it("is for the generation that was seen: two clicks begin one", () => {
    const twice = ask("replay", viewIn("failed", { generation: 2 }));
    expectRefusal(twice, "lost", "T13.generation");
  });

  it("needs the open letter of that failure", () => {
    for (const state of ["replaying", "resolved", "discarded"] as const) {
      const view = viewOf(noticeIn("failed"), [attemptIn("rejected")], [letterOf("failed", { state })]);
      expectRefusal(ask("replay", view), "lost", "T13.dead-letter");
    }
    const doubtful = viewOf(noticeIn("failed"), [], [letterOf("doubt")]);
    expectRefusal(ask("replay", doubtful), "lost", "T13.dead-letter");
  });

  it("wants a new end where the old one has passed", () => {
    const ended = viewIn("failed", { expiresAt: NOW });
    expectRefusal(ask("replay", ended), "not-now", "T13.expired");
    const expiresAt = at(SECOND);
    expect(won("replay", ended, { command: { expiresAt } }).notice.expiresAt).toBe(expiresAt);
  });

  it("waits for an operator where the provider has contradicted itself", () => {
    expectRefusal(
      ask("replay", viewIn("failed", { holdReason: "contradiction" })),
      "not-now",
      "T13.contradiction",
    );
  });

  it("touches nothing that was sent", () => {
    expectRefusal(ask("replay", viewIn("sent")), "gone", "T13.status");
  });
});

describe("T14 cancel", () => {
  it("ends what nobody may have sent yet, with what held it", () => {
    for (const status of ["ready", "queued", "claimed"] as const) {
      const { notice } = won("cancel", viewIn(status, { holdReason: "paused" }));
      expect(notice).toMatchObject({ status: "cancelled", epoch: EPOCH + 1, owner: null, leaseUntil: null });
      expect(notice).toMatchObject({ republishAt: null, holdReason: null });
    }
  });

  it("is noted where a right to send is out, and changes nothing else", () => {
    for (const status of ["sending", "in_doubt"] as const) {
      const view = viewIn(status);
      expect(won("cancel", view)).toEqual({ ...view, notice: { ...view.notice, cancelRequested: true } });
    }
  });

  it("closes the letter of the replay that it ends", () => {
    const replayed = viewOf(
      noticeIn("queued"),
      [],
      [letterOf("failed", { epoch: EPOCH - 2, state: "replaying" })],
    );
    expect(won("cancel", replayed).deadLetters.map(({ state }) => state)).toEqual(["resolved"]);
  });

  it("is asked once, and too late for what is over", () => {
    expectRefusal(ask("cancel", viewIn("cancelled")), "already-mine", "T14.already-mine");
    expectRefusal(
      ask("cancel", viewIn("sending", { cancelRequested: true })),
      "already-mine",
      "T14.already-mine",
    );
    expectRefusal(ask("cancel", viewIn("sent")), "gone", "T14.status");
    expectRefusal(ask("cancel", viewIn("sent", { cancelRequested: true })), "gone", "T14.status");
  });
});

describe("T16 expire", () => {
  it("ends what has outlived its time, claimed or not", () => {
    for (const status of ["ready", "queued", "claimed"] as const) {
      const { notice } = won("expire", viewIn(status, { expiresAt: NOW, holdReason: "operator" }));
      expect(notice).toMatchObject({ status: "expired", epoch: EPOCH + 1, owner: null, holdReason: null });
    }
  });

  it("waits to the last moment", () => {
    expectRefusal(ask("expire", viewIn("queued", { expiresAt: at(1) })), "not-now", "T16.expired");
  });

  it("never ends what may have been sent", () => {
    expectRefusal(ask("expire", viewIn("sending", { expiresAt: NOW })), "lost", "T16.status");
    expectRefusal(ask("expire", viewIn("in_doubt", { expiresAt: NOW })), "lost", "T16.status");
  });
});
