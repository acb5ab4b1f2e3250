import { describe, expect, it } from "vitest";
import { isLive } from "../../src/domain/attempt.ts";
import { STATUSES } from "../../src/domain/notice.ts";
import { boundaryEdges, refusalsOf } from "./boundaries.ts";
import { lifecycleEdges } from "./edges.ts";
import { CHECKS } from "./without.ts";

describe("the edges of the lifecycle", { timeout: 120_000 }, () => {
  const edges = lifecycleEdges();
  const written = edges.map(({ view, command, facts }) => JSON.stringify([view, command, facts]));

  it("show each guard saying no when every other would say yes", () => {
    const alone = new Set<string>();
    for (const edge of edges) {
      const refusals = refusalsOf(edge);
      if (refusals.length === 1 && edge.verdict !== "already-mine") alone.add(refusals.join());
    }
    const missing = CHECKS.filter((check) => !check.endsWith(".already-mine") && !alone.has(check));
    // At another class than A the window of T11r has no length either, so the two always refuse together.
    expect(missing).toEqual(["T11r.class"]);
  });

  it("give every reason that the table has", () => {
    const reasons = new Set(edges.map(({ because }) => because));
    expect(CHECKS.filter((check) => !reasons.has(check))).toEqual([]);
  });

  it("ask every command in every status", () => {
    const met = new Set(edges.map(({ view, command }) => `${view.notice.status} ${command.type}`));
    expect(met.size).toBe(STATUSES.length * 21);
  });

  it("can be stored: one live attempt a generation, one letter an entry, whole instants", () => {
    for (const { view } of edges) {
      const lives = view.attempts.filter(({ state }) => isLive(state)).map(({ generation }) => generation);
      expect(new Set(lives).size).toBe(lives.length);
      const letters = view.deadLetters.map(({ kind, epoch }) => `${kind} ${epoch}`);
      expect(new Set(letters).size).toBe(letters.length);
      expect(new Set(view.attempts.map(({ attemptId }) => attemptId)).size).toBe(view.attempts.length);
    }
    expect(written.filter((edge) => /\d\.\d|Infinity|NaN/.test(edge))).toEqual([]);
  });

  it("come without repeats and in the same order every time", () => {
    expect(new Set(written).size).toBe(written.length);
    expect(boundaryEdges()).toEqual(boundaryEdges());
  });
});
