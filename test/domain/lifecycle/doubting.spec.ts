import { describe, expect, it } from "vitest";
import type { NonAcceptance, ProviderTerms } from "../../../src/domain/attempt.ts";
import { ask, expectRefusal, onlyAttempt, won, type Changed } from "./asking.ts";
import {
  AGAIN,
  DELTA_MS,
  EMAIL,
  EPOCH,
  HOLDER,
  MEMORY_MS,
  NEXT_ATTEMPT,
  NOW,
  NO_MORE,
  OTHER,
  SECOND,
  SEND_WINDOW_MS,
  SMS,
  TERMS,
  at,
  attemptIn,
  letterOf,
  noticeIn,
  settledDoubt,
  viewIn,
  viewOf,
} from "./samples.ts";
import type { Attempt } from "../../../src/domain/attempt.ts";

const inDoubt = (different: Partial<Attempt> = {}) =>
  viewOf(noticeIn("in_doubt"), [settledDoubt(different)], [letterOf("doubt")]);
const NEVER = { deltaMs: "never" } as const;

describe("T11r resend", () => {
  it("permits one copy more of the same attempt, with a new send_by, before it leaves", () => {
    const before = inDoubt();
    const view = won("resend", before);
    expect(view.notice).toEqual(before.notice);
    expect(onlyAttempt(view)).toEqual({ ...onlyAttempt(before), copies: 2, sendBy: at(SEND_WINDOW_MS) });
    expect(view.deadLetters).toEqual(before.deadLetters);
  });

  it("is for providers of class A alone", () => {
    for (const terms of [TERMS.B, TERMS.C]) {
      expectRefusal(ask("resend", inDoubt(), { command: { terms } }), "lost", "T11r.class");
    }
  });

  it("lets no copy leave while an earlier one may still be accepted", () => {
    expectRefusal(ask("resend", inDoubt({ sendBy: at(-DELTA_MS) })), "not-now", "T11r.spaced");
    expect(ask("resend", inDoubt({ sendBy: at(-DELTA_MS - 1) })).verdict).toBe("won");
    expectRefusal(
      ask("resend", inDoubt(), { command: { terms: { ...TERMS.A, ...NEVER } } }),
      "not-now",
      "T11r.spaced",
    );
  });

  it("lets no copy leave that could arrive after the provider has forgotten the key", () => {
    const last = SEND_WINDOW_MS + DELTA_MS - MEMORY_MS;
    expectRefusal(ask("resend", inDoubt({ intentAt: at(last) })), "lost", "T11r.window");
    expect(ask("resend", inDoubt({ intentAt: at(last + 1) })).verdict).toBe("won");
  });

  it("speaks of the attempt in doubt, of as many copies as there are, and of the same bytes", () => {
    expectRefusal(ask("resend", inDoubt(), { command: { attemptId: NEXT_ATTEMPT } }), "lost", "T11r.attempt");
    expectRefusal(ask("resend", inDoubt({ copies: 2 })), "lost", "T11r.copies");
    expectRefusal(
      ask("resend", inDoubt(), { command: { contentDigest: "digest-2" } }),
      "lost",
      "T11r.digest",
    );
  });

  it("passes the gate that a first copy passes", () => {
    expectRefusal(ask("resend", inDoubt(), { facts: { suppressed: true } }), "not-now", "T11r.suppressed");
    expectRefusal(ask("resend", inDoubt(), { facts: { paused: [EMAIL] } }), "not-now", "T11r.paused");
    const ending = viewOf(noticeIn("in_doubt", { expiresAt: at(SEND_WINDOW_MS) }), [settledDoubt()]);
    expectRefusal(ask("resend", ending), "not-now", "T11r.expires");
    const held = viewOf(noticeIn("in_doubt", { holdReason: "contradiction" }), [settledDoubt()]);
    expectRefusal(ask("resend", held), "not-now", "T11r.contradiction");
  });
});

const saying = (evidence: NonAcceptance, terms: ProviderTerms): Changed<"resolve"> => ({
  command: { evidence, terms },
});
const words = "in words";
const owner = (copies = 1): NonAcceptance => ({ by: "owner", owner: HOLDER, copies, words });
const rejection = (copies = 1): NonAcceptance => ({ by: "rejection", copies, words });
const lookUp = (askedAt: number, copies = 1): NonAcceptance => ({
  by: "look-up",
  askedAt: at(askedAt),
  copies,
  words,
});
const operator = (copies = 1): NonAcceptance => ({ by: "operator", copies, words });

describe("T12 resolve", () => {
  it("closes the doubt by evidence and goes on with the next channel", () => {
    const view = won("resolve", inDoubt());
    expect(view.notice).toMatchObject({
      status: "queued",
      channel: SMS,
      attemptNo: 1,
      epoch: EPOCH + 1,
      owner: null,
    });
    expect(onlyAttempt(view)).toMatchObject({ state: "not_handed_over", evidence: "not found" });
    expect(view.deadLetters.map(({ state }) => state)).toEqual(["resolved"]);
  });

  it("fails with a letter of its own beside the doubt's, or is cancelled if that was asked for", () => {
    const failed = won("resolve", inDoubt(), { command: { next: NO_MORE } });
    expect(failed.deadLetters.map(({ kind, epoch, state }) => [kind, epoch, state])).toEqual([
      ["doubt", EPOCH, "resolved"],
      ["failed", EPOCH + 1, "open"],
    ]);
    const cancelled = viewOf(
      noticeIn("in_doubt", { cancelRequested: true }),
      [settledDoubt()],
      [letterOf("doubt")],
    );
    expect(won("resolve", cancelled, { command: { next: AGAIN } }).notice.status).toBe("cancelled");
  });

  it("is about the attempt in doubt, and recognises its own word", () => {
    expectRefusal(ask("resolve", inDoubt(), { command: { attemptId: NEXT_ATTEMPT } }), "lost", "T12.attempt");
    const resolved = viewOf(noticeIn("queued"), [attemptIn("not_handed_over")]);
    expectRefusal(ask("resolve", resolved), "already-mine", "T12.already-mine");
  });

  it("(any) counts only while there are as many copies as when it was taken", () => {
    const twice = inDoubt({ copies: 2 });
    for (const evidence of [owner(), rejection(), lookUp(0), operator()]) {
      expectRefusal(ask("resolve", twice, saying(evidence, TERMS.A)), "lost", "T12.copies");
    }
  });

  it("(a) believes the holder's own answer at every class, at any time, while there is one copy", () => {
    for (const terms of [TERMS.A, TERMS.B, TERMS.C, { ...TERMS.A, ...NEVER }]) {
      const fresh = inDoubt({ sendBy: at(SECOND), intentAt: at(-SECOND) });
      expect(ask("resolve", fresh, saying(owner(), terms)).verdict).toBe("won");
    }
    const another: NonAcceptance = { by: "owner", owner: OTHER, copies: 1, words };
    expectRefusal(ask("resolve", inDoubt(), saying(another, TERMS.A)), "lost", "T12.owner");
    expectRefusal(ask("resolve", inDoubt({ copies: 2 }), saying(owner(2), TERMS.A)), "lost", "T12.owner");
  });

  it("(b) believes a class A provider that refuses the newest copy", () => {
    expect(ask("resolve", inDoubt({ copies: 2 }), saying(rejection(2), TERMS.A)).verdict).toBe("won");
    expectRefusal(ask("resolve", inDoubt(), saying(rejection(), TERMS.B)), "lost", "T12.class");
    expectRefusal(
      ask("resolve", inDoubt(), saying(rejection(), { ...TERMS.A, ...NEVER })),
      "lost",
      "T12.delta",
    );
  });

  it("(b) believes no refusal of a second copy that may have been made after the first was forgotten", () => {
    const forgotten = { copies: 2, intentAt: at(-MEMORY_MS) };
    expectRefusal(
      ask("resolve", inDoubt(forgotten), saying(rejection(2), TERMS.A)),
      "lost",
      "T12.asked-early",
    );
    const justNot = { copies: 2, intentAt: at(-MEMORY_MS + 1) };
    expect(ask("resolve", inDoubt(justNot), saying(rejection(2), TERMS.A)).verdict).toBe("won");
    // A single copy needs no memory: what was refused is that copy.
    const sole = { copies: 1, intentAt: at(-MEMORY_MS) };
    expect(ask("resolve", inDoubt(sole), saying(rejection(), TERMS.A)).verdict).toBe("won");
  });

  it("(c) believes a class B look-up that was asked when no copy could be accepted any more", () => {
    const view = inDoubt({ sendBy: at(-DELTA_MS - SECOND) });
    expectRefusal(ask("resolve", view, saying(lookUp(-SECOND), TERMS.B)), "lost", "T12.asked-late");
    expect(ask("resolve", view, saying(lookUp(-SECOND + 1), TERMS.B)).verdict).toBe("won");
    expectRefusal(ask("resolve", view, saying(lookUp(1), TERMS.B)), "lost", "T12.asked-late");
    expectRefusal(ask("resolve", view, saying(lookUp(0), TERMS.C)), "lost", "T12.class");
    expectRefusal(ask("resolve", view, saying(lookUp(0), { ...TERMS.B, ...NEVER })), "lost", "T12.delta");
  });

  it("(c) believes no look-up that was asked in time but may have been answered after the provider forgot", () => {
    const intentAt = at(-MEMORY_MS);
    const view = inDoubt({ intentAt, sendBy: at(-MEMORY_MS + SEND_WINDOW_MS) });
    expectRefusal(ask("resolve", view, saying(lookUp(-SECOND), TERMS.B)), "lost", "T12.asked-early");
    const justNot = inDoubt({ intentAt: at(-MEMORY_MS + 1), sendBy: at(-MEMORY_MS + SEND_WINDOW_MS) });
    expect(ask("resolve", justNot, saying(lookUp(-SECOND), TERMS.B)).verdict).toBe("won");
  });

  it("(d) believes an operator once no copy can be accepted any more; with Δ = never once none can leave", () => {
    const waiting = inDoubt({ sendBy: at(-DELTA_MS) });
    expectRefusal(ask("resolve", waiting, saying(operator(), TERMS.C)), "not-now", "T12.operator");
    const settled = inDoubt({ sendBy: at(-DELTA_MS - 1) });
    expect(ask("resolve", settled, saying(operator(), TERMS.C)).verdict).toBe("won");
    const never = { ...TERMS.C, ...NEVER };
    expectRefusal(
      ask("resolve", inDoubt({ sendBy: NOW }), saying(operator(), never)),
      "not-now",
      "T12.operator",
    );
    expect(ask("resolve", inDoubt({ sendBy: at(-1) }), saying(operator(), never)).verdict).toBe("won");
  });

  it("says in the history who knew, and how", () => {
    const outcome = ask("resolve", viewIn("in_doubt"), saying(operator(), TERMS.C));
    expect(outcome).toMatchObject({ history: { transition: "T12", because: "operator: in words" } });
  });
});
