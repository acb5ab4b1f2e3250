import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProviderTerms } from "../../../src/domain/attempt.ts";
import { instant } from "../../../src/domain/ids.ts";
import { transition } from "../../../src/domain/lifecycle/transition.ts";
import type { Resend, Resolve } from "../../../src/domain/lifecycle/commands.ts";
import { planFor } from "../../../src/streams/upkeep/doubt-plan.ts";
import type { UpkeepProvider } from "../../../src/streams/upkeep/upkeep-ports.ts";
import {
  attemptIn,
  CALM,
  letterOf,
  NOW,
  noticeIn,
  SEND_WINDOW_MS,
  viewOf,
  WINNING,
} from "../../domain/lifecycle/samples.ts";

const anyDelta = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant("never" as const));
const anyTerms: fc.Arbitrary<ProviderTerms> = fc.oneof(
  fc.record({ class: fc.constant("A" as const), windowMs: fc.nat(40_000), deltaMs: anyDelta }),
  fc.record({ class: fc.constant("B" as const), findableMs: fc.nat(40_000), deltaMs: anyDelta }),
  fc.record({ class: fc.constant("C" as const), deltaMs: anyDelta }),
);
const providerWith = (terms: ProviderTerms): Pick<UpkeepProvider, "sender"> =>
  // as much of a sender as a plan looks at
  ({
    sender: { provider: "simulated", terms, limits: { sendWindowMs: SEND_WINDOW_MS }, lookUp: () => null },
  }) as unknown as Pick<UpkeepProvider, "sender">;

/** A process that has seen all of the time that the ledger's clock has shown. */
const FOR_EVER = (): number => Infinity;

const DELTA_MS = 60;
const attempt = attemptIn("in_doubt", { intentAt: NOW, sendBy: instant(NOW + 10) });
const doubt = { notice: noticeIn("in_doubt"), attempt };
const plan = (terms: ProviderTerms, laterMs: number, asked = doubt) =>
  planFor(asked, providerWith(terms), instant(NOW + laterMs), FOR_EVER);

describe("planFor", () => {
  it("asks a class B provider after Δ and before it may have forgotten", () => {
    const terms: ProviderTerms = { class: "B", findableMs: 1_000, deltaMs: DELTA_MS };
    expect(plan(terms, 0)).toEqual({ kind: "wait", until: NOW + 71 });
    expect(plan(terms, 70)).toEqual({ kind: "wait", until: NOW + 71 });
    expect(plan(terms, 71)).toEqual({ kind: "look-up" });
    expect(plan(terms, 999)).toEqual({ kind: "look-up" });
    expect(plan(terms, 1_000)).toMatchObject({ kind: "owed" });
  });

  it("sends a class A provider a copy while it still recognises a repeat", () => {
    const terms: ProviderTerms = { class: "A", windowMs: 20_000, deltaMs: DELTA_MS };
    expect(plan(terms, 70)).toEqual({ kind: "wait", until: NOW + 71 });
    expect(plan(terms, 71)).toEqual({ kind: "resend" });
    expect(plan(terms, 20_000 - SEND_WINDOW_MS - DELTA_MS)).toMatchObject({ kind: "owed" });
  });

  it("waits until the send window and Δ have passed here too, whatever the ledger's clock shows", () => {
    const provider = providerWith({ class: "B", findableMs: 1_000_000, deltaMs: DELTA_MS });
    const minutesLater = instant(NOW + 360_000);
    const settling = SEND_WINDOW_MS + DELTA_MS;
    const after = (livedMs: number) => planFor(doubt, provider, minutesLater, () => livedMs);
    expect(after(0)).toEqual({ kind: "wait", until: minutesLater + settling + 1 });
    expect(after(settling)).toEqual({ kind: "wait", until: minutesLater + 1 });
    expect(after(settling + 1)).toEqual({ kind: "look-up" });
  });

  it("leaves class C, and a Δ of never, to an operator", () => {
    expect(plan({ class: "C", deltaMs: DELTA_MS }, 71)).toMatchObject({ kind: "owed" });
    expect(plan({ class: "A", windowMs: 20_000, deltaMs: "never" }, 71)).toMatchObject({ kind: "owed" });
    expect(plan({ class: "B", findableMs: 1_000, deltaMs: "never" }, 71)).toMatchObject({ kind: "owed" });
  });

  it("leaves to others what was sent through a provider that this process does not have", () => {
    const terms: ProviderTerms = { class: "B", findableMs: 1_000, deltaMs: DELTA_MS };
    const elsewhere = { ...doubt, attempt: { ...attempt, provider: "another" } };
    expect(plan(terms, 71, elsewhere)).toMatchObject({ kind: "owed" });
    expect(planFor(doubt, undefined, instant(NOW + 71), FOR_EVER)).toMatchObject({ kind: "owed" });
  });

  it("sends no copy of what has contradicted itself, nor beyond a notice's time", () => {
    const terms: ProviderTerms = { class: "A", windowMs: 20_000, deltaMs: DELTA_MS };
    const held = { ...doubt, notice: noticeIn("in_doubt", { holdReason: "contradiction" }) };
    expect(plan(terms, 71, held)).toMatchObject({ kind: "owed" });
    const late = { ...doubt, notice: noticeIn("in_doubt", { expiresAt: instant(NOW + SEND_WINDOW_MS) }) };
    expect(plan(terms, 71, late)).toMatchObject({ kind: "owed" });
  });

  it("always proposes what the table takes at that moment, and nothing that it would never take", () => {
    fc.assert(
      fc.property(anyTerms, fc.nat(45_000), fc.nat(12_000), (terms, laterMs, sentMs) => {
        const now = instant(NOW + laterMs);
        const asked = { ...attempt, sendBy: instant(NOW + sentMs), contentDigest: "digest-1" };
        const view = viewOf(doubt.notice, [asked], [letterOf("doubt", { attemptId: asked.attemptId })]);
        const planned = planFor({ ...doubt, attempt: asked }, providerWith(terms), now, FOR_EVER);
        const resend: Resend = { ...WINNING.resend, attemptId: asked.attemptId, terms };
        const open = { ...resend.gate, openFrom: NOW, openUntil: instant(now + SEND_WINDOW_MS + 1) };
        const resolve: Resolve = {
          ...WINNING.resolve,
          attemptId: asked.attemptId,
          terms,
          evidence: { by: "look-up", askedAt: now, copies: 1, words: "nothing" },
        };
        const facts = { ...CALM, now };
        const resent = transition(view, { ...resend, gate: open }, facts).verdict;
        const resolved = transition(view, resolve, facts).verdict;
        expect(resent === "won").toBe(planned.kind === "resend");
        expect(resolved === "won").toBe(planned.kind === "look-up");
      }),
      { numRuns: 1_000 },
    );
  });

  it("never waits for a moment at which it would still wait", () => {
    fc.assert(
      fc.property(anyTerms, fc.nat(45_000), (terms, laterMs) => {
        const planned = plan(terms, laterMs);
        if (planned.kind !== "wait") return;
        expect(planned.until).toBeGreaterThan(NOW + laterMs);
        expect(planFor(doubt, providerWith(terms), planned.until, FOR_EVER).kind).toMatch(/look-up|resend/);
        expect(planFor(doubt, providerWith(terms), instant(planned.until - 1), FOR_EVER).kind).toBe("wait");
      }),
      { numRuns: 1_000 },
    );
  });
});
