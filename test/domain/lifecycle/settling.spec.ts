import { describe, expect, it } from "vitest";
import { STATUSES } from "../../../src/domain/notice.ts";
import { ask, expectRefusal, onlyAttempt, won } from "./asking.ts";
import {
  AGAIN,
  ANSWER_WINDOW_MS,
  ATTEMPT,
  EMAIL,
  EPOCH,
  HOLDER,
  NEXT_ATTEMPT,
  NOW,
  NO_MORE,
  OTHER,
  SECOND,
  SMS,
  at,
  attemptIn,
  letterOf,
  noticeIn,
  viewIn,
  viewOf,
  winningViews,
} from "./samples.ts";

describe("T8 accept", () => {
  it("is the only way to sent, with the provider's reference", () => {
    const view = won("accept", viewIn("sending"));
    expect(view.notice).toMatchObject({ status: "sent", owner: null, epoch: EPOCH });
    expect(onlyAttempt(view)).toMatchObject({
      state: "accepted",
      providerMessageId: "message-1",
      evidence: "the provider's answer",
    });
  });

  it("ends a doubt and closes its letter, whoever brings the news", () => {
    const view = won("accept", viewIn("in_doubt"), { command: { actor: "operator:kim" } });
    expect(view.notice.status).toBe("sent");
    expect(view.deadLetters.map(({ state }) => state)).toEqual(["resolved"]);
  });

  it("hears the same news twice", () => {
    expectRefusal(ask("accept", viewIn("sent")), "already-mine", "T8.already-mine");
  });

  it("stops a notice wherever it is when the provider accepts what it had refused", () => {
    for (const status of STATUSES) {
      const notice = noticeIn(status);
      const view = viewOf(notice, [attemptIn("rejected")]);
      const after = won("accept", view);
      expect(after.notice).toEqual({ ...notice, holdReason: "contradiction" });
      const { state, contradiction } = onlyAttempt(after);
      expect(state).toBe("rejected");
      expect(contradiction).toContain("the provider's answer");
      expectRefusal(ask("accept", after), "already-mine", "T8.already-mine");
    }
  });

  it("stops a notice, too, that the provider accepts a second time as another message", () => {
    const after = won("accept", viewIn("sent"), { command: { providerMessageId: "message-2" } });
    expect(after.notice).toMatchObject({ status: "sent", holdReason: "contradiction" });
    expect(onlyAttempt(after)).toMatchObject({ state: "accepted", providerMessageId: "message-1" });
  });

  it("knows nothing of an attempt that never was", () => {
    expectRefusal(ask("accept", viewIn("ready")), "lost", "T8.attempt");
  });
});

describe("T9 definite-no", () => {
  it("goes on at once with the next channel when the holder was refused", () => {
    const view = won("definite-no", viewIn("sending"));
    expect(view.notice).toMatchObject({
      status: "queued",
      channel: SMS,
      attemptNo: 1,
      epoch: EPOCH + 1,
      owner: null,
    });
    expect(view.notice).toMatchObject({ dueAt: NOW, republishAt: at(60 * SECOND), publishes: 0 });
    expect(onlyAttempt(view)).toMatchObject({ state: "rejected", evidence: "no such mailbox" });
  });

  it("waits for its back-off before the same channel again, and is published when it is due", () => {
    const { notice } = won("definite-no", viewIn("sending"), {
      command: { next: AGAIN, outcome: "not_handed_over" },
    });
    const dueAt = at(5 * SECOND);
    expect(notice).toMatchObject({
      status: "queued",
      channel: EMAIL,
      attemptNo: 2,
      dueAt,
      republishAt: dueAt,
    });
  });

  it("fails with one letter where nothing is left", () => {
    const { notice, deadLetters } = won("definite-no", viewIn("sending"), { command: { next: NO_MORE } });
    expect(notice).toMatchObject({ status: "failed", epoch: EPOCH + 1 });
    expect(deadLetters).toEqual([
      letterOf("failed", { epoch: EPOCH + 1, reason: "no such mailbox", openedAt: NOW, attemptId: ATTEMPT }),
    ]);
  });

  it("honours the cancel that had to wait", () => {
    const cancelled = viewOf(noticeIn("sending", { cancelRequested: true }), [attemptIn("intent")]);
    const { notice, deadLetters } = won("definite-no", cancelled, { command: { next: NO_MORE } });
    expect(notice.status).toBe("cancelled");
    expect(deadLetters).toEqual([]);
  });

  it("counts from the holder alone, for the attempt that is on its way, and with a single copy", () => {
    expectRefusal(ask("definite-no", viewIn("sending"), { command: { owner: OTHER } }), "lost", "T9.owner");
    const other = { command: { attemptId: NEXT_ATTEMPT } };
    expectRefusal(ask("definite-no", viewIn("sending"), other), "lost", "T9.attempt");
    const twice = viewOf(noticeIn("sending"), [attemptIn("intent", { copies: 2 })]);
    expectRefusal(ask("definite-no", twice), "lost", "T9.copies");
  });

  it("is no evidence once the notice is in doubt: T12 has rules of its own", () => {
    expectRefusal(ask("definite-no", viewIn("in_doubt")), "lost", "T9.status");
  });

  it("recognises its own word", () => {
    const settled = viewOf(noticeIn("queued", { epoch: EPOCH + 1 }), [attemptIn("rejected")]);
    expectRefusal(ask("definite-no", settled), "already-mine", "T9.already-mine");
    const otherwise = ask("definite-no", settled, { command: { outcome: "not_handed_over" } });
    expectRefusal(otherwise, "lost", "T9.status");
  });
});

describe("T10 doubt", () => {
  it("writes down that nobody knows, with one letter, and leaves the right where it is", () => {
    const view = won("doubt", viewIn("sending"));
    expect(view.notice).toMatchObject({ status: "in_doubt", owner: HOLDER, epoch: EPOCH });
    expect(onlyAttempt(view).state).toBe("in_doubt");
    expect(view.deadLetters).toEqual([letterOf("doubt", { reason: "no answer", openedAt: NOW })]);
  });

  it("is said by the holder, of its own attempt, once", () => {
    expectRefusal(ask("doubt", viewIn("sending"), { command: { owner: OTHER } }), "lost", "T10.owner");
    expectRefusal(
      ask("doubt", viewIn("sending"), { command: { attemptId: NEXT_ATTEMPT } }),
      "lost",
      "T10.attempt",
    );
    expectRefusal(ask("doubt", viewIn("in_doubt")), "already-mine", "T10.already-mine");
  });
});

describe("T11 overdue", () => {
  it("lets anybody say so once the answer window has passed", () => {
    const [late] = winningViews("overdue");
    const view = won("overdue", late);
    expect(view.notice.status).toBe("in_doubt");
    expect(view.deadLetters.map(({ kind, state }) => [kind, state])).toEqual([["doubt", "open"]]);
  });

  it("waits to the window's last moment, counted from send_by", () => {
    const waiting = viewOf(noticeIn("sending"), [attemptIn("intent", { sendBy: at(-ANSWER_WINDOW_MS) })]);
    expectRefusal(ask("overdue", waiting), "not-now", "T11.window");
  });
});
