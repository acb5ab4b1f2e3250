import { describe, expect, it } from "vitest";
import { ask, expectRefusal, won } from "./asking.ts";
import {
  AGAIN,
  EMAIL,
  EPOCH,
  HOLDER,
  LEASE_MS,
  NOW,
  NO_MORE,
  OTHER,
  SECOND,
  SMS,
  TO_SMS,
  at,
  noticeIn,
  viewIn,
  viewOf,
  letterOf,
} from "./samples.ts";

describe("T3 claim", () => {
  it("lends the notice to a worker that has the record of this queueing", () => {
    const { notice } = won("claim", viewIn("queued"));
    expect(notice).toMatchObject({
      status: "claimed",
      owner: HOLDER,
      leaseUntil: at(LEASE_MS),
      epoch: EPOCH + 1,
      republishAt: null,
      publishes: 0,
    });
  });

  it("refuses the record of an earlier queueing", () => {
    expectRefusal(ask("claim", viewIn("queued"), { command: { epoch: EPOCH - 1 } }), "lost", "T3.epoch");
  });

  it("recognises its own claim when the answer was lost, and nobody else's", () => {
    const claimed = viewIn("claimed", { epoch: EPOCH + 1 });
    expectRefusal(ask("claim", claimed), "already-mine", "T3.already-mine");
    expectRefusal(ask("claim", claimed, { command: { owner: OTHER } }), "lost", "T3.status");
    expectRefusal(ask("claim", viewIn("claimed", { epoch: EPOCH + 3 })), "lost", "T3.status");
  });

  it("waits until it is due, stops at the notice's end and at a contradiction", () => {
    expectRefusal(ask("claim", viewIn("queued", { dueAt: at(1) })), "not-now", "T3.due");
    expect(ask("claim", viewIn("queued", { dueAt: NOW })).verdict).toBe("won");
    expectRefusal(ask("claim", viewIn("queued", { expiresAt: NOW })), "not-now", "T3.expired");
    expect(ask("claim", viewIn("queued", { expiresAt: at(1) })).verdict).toBe("won");
    expectRefusal(
      ask("claim", viewIn("queued", { holdReason: "contradiction" })),
      "not-now",
      "T3.contradiction",
    );
  });
});

describe("T3r renew", () => {
  it("moves the end of its own lease and nothing else", () => {
    const view = viewIn("claimed", { leaseUntil: at(SECOND) });
    expect(won("renew", view)).toEqual({ ...view, notice: { ...view.notice, leaseUntil: at(LEASE_MS) } });
    expect(ask("renew", view)).toMatchObject({ history: null });
  });

  it("does not renew what has been taken over", () => {
    expectRefusal(ask("renew", viewIn("claimed", { epoch: EPOCH + 2 })), "lost", "T3r.epoch");
  });
});

describe("T4 lapse", () => {
  const lapsed = viewIn("claimed", { leaseUntil: at(-1) });

  it("takes the notice from a worker whose lease has passed, and has it published at once", () => {
    const { notice } = won("lapse", lapsed);
    expect(notice).toMatchObject({
      status: "queued",
      epoch: EPOCH + 1,
      lapses: 1,
      owner: null,
      republishAt: NOW,
    });
    expect(notice.leaseUntil).toBeNull();
  });

  it("waits for the lease, to its last moment", () => {
    expectRefusal(ask("lapse", viewIn("claimed", { leaseUntil: NOW })), "not-now", "T4.lease");
  });

  it("does not judge leases that could not be renewed while the sweeper was cut off itself", () => {
    const reconnected = { command: { connectedAt: at(-LEASE_MS + 1) } };
    expectRefusal(ask("lapse", lapsed, reconnected), "not-now", "T4.connected");
  });

  it("sets aside a notice that keeps losing its workers, for an operator", () => {
    const { notice } = won("lapse", viewIn("claimed", { leaseUntil: at(-1), lapses: 4 }));
    expect(notice).toMatchObject({
      status: "ready",
      holdReason: "lapses",
      lapses: 5,
      owner: null,
      channel: EMAIL,
    });
  });

  it("never takes a right to send, however late", () => {
    expectRefusal(ask("lapse", viewIn("sending", { leaseUntil: at(-1) })), "lost", "T4.status");
  });
});

describe("T5 release", () => {
  it("gives the claim back for later: no attempt, no lapse", () => {
    const { notice, attempts } = won("release", viewIn("claimed", { lapses: 1 }));
    const dueAt = at(5 * SECOND);
    expect(notice).toMatchObject({
      status: "queued",
      epoch: EPOCH + 1,
      dueAt,
      republishAt: dueAt,
      lapses: 1,
    });
    expect(attempts).toEqual([]);
  });

  it("recognises its own release, and refuses who holds nothing any more", () => {
    expectRefusal(ask("release", viewIn("queued", { epoch: EPOCH + 1 })), "already-mine", "T5.already-mine");
    expectRefusal(ask("release", viewIn("claimed", { epoch: EPOCH + 2 })), "lost", "T5.epoch");
  });
});

describe("T5f unpreparable", () => {
  it("goes to the next channel at once", () => {
    const { notice } = won("unpreparable", viewIn("claimed"));
    expect(notice).toMatchObject({
      status: "queued",
      channel: SMS,
      attemptNo: 1,
      epoch: EPOCH + 1,
      dueAt: NOW,
    });
  });

  it("fails with one letter where no channel is left, and closes the letter of a replay", () => {
    const replaying = letterOf("failed", { epoch: EPOCH - 3, generation: 0, state: "replaying" });
    const { notice, deadLetters } = won("unpreparable", viewOf(noticeIn("claimed"), [], [replaying]), {
      command: { next: NO_MORE },
    });
    expect(notice).toMatchObject({ status: "failed", epoch: EPOCH + 1 });
    expect(deadLetters.map(({ kind, epoch, state }) => [kind, epoch, state])).toEqual([
      ["failed", EPOCH - 3, "resolved"],
      ["failed", EPOCH + 1, "open"],
    ]);
  });

  it("never comes back to the channel that could not be prepared", () => {
    expectRefusal(
      ask("unpreparable", viewIn("claimed"), { command: { next: AGAIN } }),
      "lost",
      "T5f.other-channel",
    );
  });

  it("recognises what it did itself", () => {
    const moved = viewIn("queued", { epoch: EPOCH + 1, channel: TO_SMS.channel });
    expectRefusal(ask("unpreparable", moved), "already-mine", "T5f.already-mine");
    const failed = ask("unpreparable", viewIn("failed", { epoch: EPOCH + 1 }), {
      command: { next: NO_MORE },
    });
    expectRefusal(failed, "already-mine", "T5f.already-mine");
    expectRefusal(ask("unpreparable", viewIn("claimed", { epoch: EPOCH + 2 })), "lost", "T5f.epoch");
  });
});
