import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instant, runId } from "../../src/domain/ids.ts";
import { HOLD_REASONS } from "../../src/domain/notice.ts";
import type { Answer, RoutingCandidate, RoutingCommand } from "../../src/domain/ports/notice-ledger.ts";
import type { RunFigures } from "../../src/domain/ports/runs.ts";
import { addFigures, figuresOfPage, NO_FIGURES, withinCap } from "../../src/domain/run-figures.ts";
import { command, START } from "../contracts/notice-ledger-commands.ts";

const RUN = runId("run-1");
const answered = (verdict: Answer["verdict"]): Answer => ({ verdict, because: null, at: instant(START) });

const aCommand = fc.constantFrom<RoutingCommand | null>(
  null,
  command("route", "n"),
  command("hold", "n", { reason: "paused" }),
  command("hold", "n", { reason: null, dueAt: instant(START + 1) }),
  command("suppress", "n"),
  command("expire", "n"),
);
const aPage = fc.array(
  fc.tuple(aCommand, fc.constantFrom<Answer["verdict"]>("won", "not-now", "lost", "gone")),
);

const sumOf = ({ admitted, heldBy, putOff, suppressed, expired }: RunFigures): number =>
  admitted + putOff + suppressed + expired + Object.values(heldBy).reduce((sum, n) => sum + n, 0);

describe("the figures of a page", () => {
  it("count what was won, by what became of it", () => {
    const commands = [
      command("route", "a"),
      command("route", "b"),
      command("hold", "c", { reason: "paused" }),
      command("hold", "d", { reason: null, dueAt: instant(START + 1) }),
      null,
    ];
    const answers = [answered("won"), answered("not-now"), answered("won"), answered("won"), null];
    expect(figuresOfPage(commands, answers)).toEqual({
      ...NO_FIGURES,
      pages: 1,
      candidates: 5,
      admitted: 1,
      heldBy: { paused: 1 },
      putOff: 1,
    });
  });

  it("are none for a page without candidates", () => {
    expect(figuresOfPage([], [])).toEqual(NO_FIGURES);
  });

  it("always count each win once, and nothing else", () => {
    fc.assert(
      fc.property(aPage, (page) => {
        const figures = figuresOfPage(
          page.map(([each]) => each),
          page.map(([each, verdict]) => (each === null ? null : answered(verdict))),
        );
        expect(sumOf(figures)).toBe(
          page.filter(([each, verdict]) => each !== null && verdict === "won").length,
        );
        expect(figures.candidates).toBe(page.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it("always add up, in whatever order the pages came", () => {
    const aFigure = fc.nat({ max: 1_000 });
    const someFigures: fc.Arbitrary<RunFigures> = fc.record({
      ...{
        pages: aFigure,
        candidates: aFigure,
        admitted: aFigure,
        published: aFigure,
        publishFailed: aFigure,
      },
      heldBy: fc.dictionary(fc.constantFrom(...HOLD_REASONS), aFigure),
      ...{ putOff: aFigure, suppressed: aFigure, expired: aFigure, pageMs: aFigure, publishMs: aFigure },
    });
    fc.assert(
      fc.property(someFigures, someFigures, someFigures, (a, b, c) => {
        expect(addFigures(addFigures(a, b), c)).toEqual(addFigures(a, addFigures(c, b)));
        expect(addFigures(a, NO_FIGURES)).toEqual(a);
        expect(sumOf(addFigures(a, b))).toBe(sumOf(a) + sumOf(b));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a page within a cap", () => {
  // What a decision sees does not matter here.
  const candidate = {} as RoutingCandidate;

  it("ends before the routing that would pass it, and routes in the run's own name", () => {
    const decide = withinCap(() => command("route", "n", { runId: runId("another") }), RUN, 2);
    const decisions = [0, 1, 2, 3].map(() => decide(candidate, instant(START)));
    expect(decisions).toMatchObject([{ runId: RUN }, { runId: RUN }, "end", "end"]);
  });

  it("never lets more through than are left, and takes everything else up to there", () => {
    fc.assert(
      fc.property(fc.array(aCommand), fc.nat({ max: 6 }), (wanted, rest) => {
        let at = 0;
        const decide = withinCap(() => wanted[at] ?? null, RUN, rest);
        const decisions = wanted.map((_each, n) => {
          at = n;
          return decide(candidate, instant(START));
        });
        const end = decisions.indexOf("end");
        const taken = end === -1 ? decisions : decisions.slice(0, end);
        const routed = (each: (typeof decisions)[number]): boolean =>
          each !== null && each !== "end" && each.type === "route";
        expect(taken.filter(routed).length).toBeLessThanOrEqual(rest);
        expect(decisions.slice(taken.length).every((each) => each === "end")).toBe(true);
        expect(taken.map((each) => (each === null || each === "end" ? each : each.type))).toEqual(
          wanted.slice(0, taken.length).map((each) => each?.type ?? null),
        );
        if (end !== -1) expect(taken.filter(routed).length).toBe(rest);
      }),
      { numRuns: 1_000 },
    );
  });
});
