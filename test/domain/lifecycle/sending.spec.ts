import { describe, expect, it } from "vitest";
import { policyVersion } from "../../../src/domain/ids.ts";
import { ask, expectRefusal, onlyAttempt, won } from "./asking.ts";
import {
  ATTEMPT,
  EMAIL,
  EPOCH,
  HOLDER,
  NEXT_ATTEMPT,
  NOW,
  SECOND,
  SEND_WINDOW_MS,
  WINNING,
  at,
  attemptIn,
  noticeIn,
  viewIn,
  viewOf,
} from "./samples.ts";

describe("T6 begin-send", () => {
  it("consumes the right to send: an attempt with one copy, which no timer gives away", () => {
    const view = won("begin-send", viewIn("claimed", { lapses: 2 }));
    expect(view.notice).toMatchObject({
      status: "sending",
      owner: HOLDER,
      epoch: EPOCH,
      leaseUntil: null,
      lapses: 0,
    });
    expect(onlyAttempt(view)).toMatchObject({
      attemptId: NEXT_ATTEMPT,
      state: "intent",
      epoch: EPOCH,
      channel: EMAIL,
      attemptNo: 1,
      copies: 1,
      intentAt: NOW,
      sendBy: at(SEND_WINDOW_MS),
      contentDigest: "digest-1",
    });
  });

  it("refuses a worker whose claim has passed to another", () => {
    expectRefusal(ask("begin-send", viewIn("claimed", { epoch: EPOCH + 2 })), "lost", "T6.epoch");
  });

  it("recognises its own right while there is still time to use it", () => {
    const attempt = attemptIn("intent", { attemptId: NEXT_ATTEMPT, sendBy: at(1) });
    expectRefusal(
      ask("begin-send", viewOf(noticeIn("sending"), [attempt])),
      "already-mine",
      "T6.already-mine",
    );
    const late = viewOf(noticeIn("sending"), [{ ...attempt, sendBy: NOW }]);
    expectRefusal(ask("begin-send", late), "lost", "T6.status");
    expectRefusal(ask("begin-send", viewIn("sending")), "lost", "T6.status");
  });

  it("gives no second right while one may still be used, or was: the index", () => {
    for (const state of ["intent", "in_doubt", "accepted"] as const) {
      const view = viewOf(noticeIn("claimed"), [attemptIn(state)]);
      expectRefusal(ask("begin-send", view), "lost", "T6.index");
    }
    expect(ask("begin-send", viewOf(noticeIn("claimed"), [attemptIn("rejected")])).verdict).toBe("won");
    const earlier = viewOf(noticeIn("claimed", { generation: 2 }), [attemptIn("in_doubt")]);
    expect(ask("begin-send", earlier).verdict).toBe("won");
  });

  it("never begins an attempt twice", () => {
    const view = viewOf(noticeIn("claimed"), [attemptIn("rejected")]);
    expectRefusal(ask("begin-send", view, { command: { attemptId: ATTEMPT } }), "lost", "T6.new-attempt");
  });

  it("honours a cancel that was asked for, and a contradiction", () => {
    expectRefusal(ask("begin-send", viewIn("claimed", { cancelRequested: true })), "not-now", "T6.cancel");
    const held = viewIn("claimed", { holdReason: "contradiction" });
    expectRefusal(ask("begin-send", held), "not-now", "T6.contradiction");
  });

  describe("its gate", () => {
    const claimed = viewIn("claimed");
    const { gate } = WINNING["begin-send"];

    it("is shut by a suppression and by a pause of the channel or of everything", () => {
      expectRefusal(ask("begin-send", claimed, { facts: { suppressed: true } }), "not-now", "T6.suppressed");
      expectRefusal(ask("begin-send", claimed, { facts: { paused: [EMAIL] } }), "not-now", "T6.paused");
      expectRefusal(ask("begin-send", claimed, { facts: { paused: ["*"] } }), "not-now", "T6.paused");
    });

    it("is shut by quiet hours at any instant from now to send_by", () => {
      const from = (openFrom: number): object => ({ command: { gate: { ...gate, openFrom: at(openFrom) } } });
      const until = (openUntil: number): object => ({
        command: { gate: { ...gate, openUntil: at(openUntil) } },
      });
      expectRefusal(ask("begin-send", claimed, from(1)), "not-now", "T6.quiet");
      expect(ask("begin-send", claimed, from(0)).verdict).toBe("won");
      expectRefusal(ask("begin-send", claimed, until(SEND_WINDOW_MS)), "not-now", "T6.quiet");
      expect(ask("begin-send", claimed, until(SEND_WINDOW_MS + 1)).verdict).toBe("won");
    });

    it("counts as shut when it was computed from a policy that is not in force", () => {
      const facts = { activePolicyVersion: policyVersion(3) };
      expectRefusal(ask("begin-send", claimed, { facts }), "not-now", "T6.policy");
    });

    it("is shut when the notice's end would come before send_by", () => {
      const ending = viewIn("claimed", { expiresAt: at(SEND_WINDOW_MS) });
      expectRefusal(ask("begin-send", ending), "not-now", "T6.expires");
      expect(ask("begin-send", viewIn("claimed", { expiresAt: at(SEND_WINDOW_MS + 1) })).verdict).toBe("won");
    });
  });
});

describe("T6n step-back", () => {
  it("waits until the gate opens again, and keeps channel, attempt and policy: it cost no attempt", () => {
    const { notice } = won("step-back", viewIn("claimed"), { command: { reopensAt: at(SECOND) } });
    expect(notice).toMatchObject({
      status: "ready",
      dueAt: at(SECOND),
      epoch: EPOCH + 1,
      owner: null,
      leaseUntil: null,
      channel: EMAIL,
      attemptNo: 1,
      policyVersion: 1,
      holdReason: null,
    });
    expect(won("step-back", viewIn("claimed"), { command: { reopensAt: at(-SECOND) } }).notice.dueAt).toBe(
      NOW,
    );
  });

  it("is held while the channel is paused", () => {
    const { notice } = won("step-back", viewIn("claimed"), { facts: { paused: [EMAIL] } });
    expect(notice).toMatchObject({ status: "ready", holdReason: "paused" });
    const contradicted = viewIn("claimed", { holdReason: "contradiction" });
    expect(won("step-back", contradicted, { facts: { paused: ["*"] } }).notice.holdReason).toBe(
      "contradiction",
    );
  });

  it("ends the notice where the gate says never: cancelled, suppressed or past its end", () => {
    expect(won("step-back", viewIn("claimed", { cancelRequested: true })).notice.status).toBe("cancelled");
    expect(won("step-back", viewIn("claimed"), { facts: { suppressed: true } }).notice.status).toBe(
      "suppressed",
    );
    expect(won("step-back", viewIn("claimed", { expiresAt: at(SEND_WINDOW_MS) })).notice.status).toBe(
      "expired",
    );
    expect(won("step-back", viewIn("claimed", { expiresAt: at(SEND_WINDOW_MS + 1) })).notice.status).toBe(
      "ready",
    );
  });

  it("is the holder's alone", () => {
    expectRefusal(ask("step-back", viewIn("claimed", { epoch: EPOCH + 2 })), "lost", "T6n.epoch");
    expectRefusal(ask("step-back", viewIn("sending")), "lost", "T6n.status");
  });
});
