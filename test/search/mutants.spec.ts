/**
 * Each check of the table taken away, and each rule around it broken: the search finds what `mutants.ts` says. What is
 * harmless is searched here in the smallest world only, and in all of them by `npm run prove:search -- --mutants`.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusalsOf } from "./boundaries.ts";
import type { Question } from "./ledger.ts";
import { BREACHES, PURPOSES, searchBreach, searchWithout, WORLDS, type Purpose } from "./mutants.ts";
import { search, type SearchResult } from "./search.ts";
import { storyOf } from "./story.ts";
import { CHECKS } from "./without.ts";

const lines: string[] = [];

const brokenIn = (result: SearchResult): string => result.found?.broken.invariant ?? "nothing";

const ofKind = <K extends Purpose["kind"]>(kind: K): [string, Extract<Purpose, { readonly kind: K }>][] =>
  Object.entries(PURPOSES).flatMap(([check, purpose]) =>
    purpose.kind === kind ? [[check, purpose as Extract<Purpose, { readonly kind: K }>]] : [],
  ); // its kind is what it was asked for

/** Seconds on a machine of its own; a busy one must not fail it. */
const PATIENCE_MS = 300_000;

/** As many states as the pair's story took, and then some: breadth first, so a shorter story would have been met. */
const AT_LEAST = 20_000;

afterAll(() => {
  process.stdout.write(`\nthe table without a check\n  ${lines.join("\n  ")}\n`);
});

describe("the purposes of the table's checks", () => {
  it("are named for each of them, once", () => {
    expect(Object.keys(PURPOSES).sort()).toEqual([...CHECKS].sort());
  });
});

describe("without a check that is needed", { timeout: PATIENCE_MS }, () => {
  it.each(ofKind("needed"))("%s the search finds harm", (check, { world, breaks }) => {
    const result = searchWithout([check], world, "harm");
    lines.push(`${check}: ${breaks} (${world}, ${result.found?.story.length} steps)`);
    expect(brokenIn(result)).toBe(breaks);
  });

  it.each(ofKind("form"))("%s somebody writes what S4 or S5 forbids, and harms nobody", (check, purpose) => {
    const { world, breaks, and } = purpose;
    expect(brokenIn(searchWithout([check], world, "all"))).toBe(breaks);
    expect(brokenIn(searchWithout([check], world, "harm"))).toBe("nothing");
    lines.push(`${check}: ${breaks} (${world}), by form alone`);
    if (and === undefined) return;
    expect(brokenIn(searchWithout([check, ...and.beside], and.world, "harm"))).toBe(and.breaks);
    lines.push(`${check} with ${and.beside.join(" and ")}: ${and.breaks} (${and.world})`);
  });
});

describe("without a check that is redundant", { timeout: PATIENCE_MS }, () => {
  it.each(ofKind("redundant"))("%s nothing falls, without its neighbour too it does", (check, purpose) => {
    const { beside, world, breaks, counting = "harm" } = purpose;
    expect(brokenIn(searchWithout([check], world, counting))).toBe("nothing");
    const result = searchWithout([check, ...beside], world, counting);
    lines.push(
      `${check} with ${beside.join(" and ")}: ${breaks} (${world}, ${result.found?.story.length} steps)`,
    );
    expect(brokenIn(result)).toBe(breaks);
    const limits = { maxStates: Math.max(AT_LEAST, result.states), maxViews: AT_LEAST };
    expect(brokenIn(searchWithout(beside, world, counting, limits))).toBe("nothing");
  });
});

describe("a check that repeats another", { timeout: PATIENCE_MS }, () => {
  it.each(ofKind("repeats"))("%s says no only where the other does", (check, { other, world }) => {
    let refused = 0;
    const alone: Question[] = [];
    const onAsked = (asked: Question): void => {
      const refusals = refusalsOf(asked);
      if (!refusals.includes(check)) return;
      refused += 1;
      if (!refusals.includes(other)) alone.push(asked);
    };
    search({ bounds: WORLDS[world], liveness: false, onAsked });
    expect(alone.slice(0, 3)).toEqual([]);
    expect(refused).toBeGreaterThan(0);
    lines.push(`${check} repeats ${other} (${world})`);
  });
});

describe("without a check that saves work", { timeout: PATIENCE_MS }, () => {
  it.each(ofKind("saves work"))("%s nothing is harmed", (check, { what }) => {
    expect(brokenIn(searchWithout([check], "C", "harm"))).toBe("nothing");
    lines.push(`${check} saves work: ${what}`);
  });
});

describe("a check that is not searched", { timeout: PATIENCE_MS }, () => {
  // each world once, for all of these checks
  const refused = new Map<string, SearchResult["ledger"]["refusals"]>();
  beforeAll(() => {
    for (const world of ["C", "C, cancels", "C, two generations"] as const) {
      refused.set(world, searchWithout([], world, "all").ledger.refusals);
    }
  }, PATIENCE_MS);

  it.each(ofKind("not searched"))("%s refuses nothing in any world of the search", (check, { why }) => {
    expect(refused.size).toBe(3);
    for (const [world, refusals] of refused) expect(refusals.has(check), world).toBe(false);
    lines.push(`${check} is not searched: ${why}`);
  });
});

describe("around the table", { timeout: PATIENCE_MS }, () => {
  it.each(BREACHES.map((breach) => [breach.name, breach] as const))(
    "%s, and the search finds harm",
    (name, breach) => {
      const result = searchBreach(breach);
      lines.push(`${name}: ${breach.breaks} (${result.found?.story.length} steps)`);
      expect(brokenIn(result)).toBe(breach.breaks);
    },
  );

  it("tells a counter-example as a story", () => {
    const { found, ledger } = searchWithout(["T6.index", "T6.status"], "C, one process", "harm");
    if (found === null) throw new Error("no counter-example");
    expect(storyOf(found, ledger).split("\n")).toEqual([
      "  1. upkeep: T2 route → won   [queued, email 1]",
      "  2. worker 1: T3 claim → won   [claimed, email 1]",
      "  3. worker 2: T3 claim (old epoch) → already-mine (T3.already-mine)",
      "  4. worker 1: T6 begin-send → won   [sending, email 1, attempt 1 intent, copies 1, send_by in 1]",
      "  5. worker 2: T6 begin-send → won   [sending, email 1, attempt 1 intent, copies 1, send_by in 1]",
      "     S3 broken: 2 live rights to send",
    ]);
  });
});
