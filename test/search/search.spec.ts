/**
 * The exhaustive search over the table that production runs: one notice, two workers, two channels, resends, look-ups,
 * cancels, pauses, kills, lost answers, a log that loses, repeats and reorders, any timer at any time under C3. Bigger
 * worlds: `npm run prove:search -- --help`.
 */
import { afterAll, describe, expect, it } from "vitest";
import type { Bounds } from "./bounds.ts";
import { INVARIANTS, lineOf } from "./report.ts";
import { search, type SearchResult } from "./search.ts";
import { storyOf } from "./story.ts";

/** Seconds on a machine of its own; a busy one must not fail it. */
const PATIENCE_MS = 300_000;
const lines: string[] = [];

const searched = (name: string, bounds: Partial<Bounds>): SearchResult => {
  const result = search({ bounds });
  lines.push(lineOf(name, result));
  if (result.found !== null) throw new Error(`${name}\n${storyOf(result.found, result.ledger)}`);
  return result;
};

afterAll(() => {
  process.stdout.write(`\nexhaustive search of the lifecycle (${INVARIANTS})\n  ${lines.join("\n  ")}\n`);
});

describe("the exhaustive search", { timeout: PATIENCE_MS }, () => {
  let classC: SearchResult | undefined;
  const met = new Set<string>();
  const statuses = new Set<string>();

  it.each(["C", "B", "A"] as const)(
    "breaks no invariant and leaves no state without a way to an end at class %s",
    (providerClass) => {
      const result = searched(`class ${providerClass}`, { providerClass });
      if (providerClass === "C") classC = result;
      const { ledger, complete } = result;
      expect(complete).toBe(true);
      for (const win of ledger.wins.keys()) met.add(win);
      for (let id = 0; id < ledger.views.size; id += 1) statuses.add(ledger.views.glance(id).status);
    },
  );

  it("has met every status and every transition on its way, and every evidence", () => {
    expect([...statuses].sort()).toEqual([
      "cancelled",
      "claimed",
      "expired",
      "failed",
      "in_doubt",
      "queued",
      "ready",
      "sending",
      "sent",
      "suppressed",
    ]);
    const evidence = ["look-up", "operator", "owner", "rejection"].map((by) => `T12 ${by}`);
    const transitions = "T2 T2h T2x TP T3 T3r T4 T5 T5f T6 T6n T8 T9 T10 T11 T11r T14 T16".split(" ");
    expect([...met].sort()).toEqual([...evidence, ...transitions].sort());
  });

  it("holds with one process that is given the record twice", () => {
    expect(searched("class C, one process", { oneOwner: true }).complete).toBe(true);
  });

  it("holds with two generations, and replays", () => {
    const { ledger, complete } = searched("class C, two generations", { generations: 2, expiry: false });
    expect(complete).toBe(true);
    expect(ledger.wins.has("T13")).toBe(true);
  });

  it("needs no C3 where Δ is never: only the owner, acceptance and operators end a doubt", () => {
    const { ledger } = searched("class B, Δ = never", {
      providerClass: "B",
      delta: null,
      c3: false,
      expiry: false,
    });
    expect([...ledger.wins.keys()].filter((win) => win.startsWith("T12")).sort()).toEqual([
      "T12 operator",
      "T12 owner",
    ]);
  });

  it("stops a notice whose provider breaks its class until an operator decides", () => {
    expect(searched("class C, a provider that breaks it", { c2: false }).complete).toBe(true);
  });

  it("finds the same states in the same order every time", () => {
    const [one, other] = [classC ?? searched("class C", { providerClass: "C" }), search()];
    expect(one.bounds).toEqual(other.bounds);
    expect([one.states, one.steps, one.ledger.views.size]).toEqual([
      other.states,
      other.steps,
      other.ledger.views.size,
    ]);
  });
});
