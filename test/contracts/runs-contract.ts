/**
 * What every keeper of runs promises, as one suite: run unchanged over memory and over Postgres.
 */
import { Effect } from "effect";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { instant, noticeId, policyVersion, runId, type RunId } from "../../src/domain/ids.ts";
import type { NoticeLedger, RoutingCandidate, RoutingCommand } from "../../src/domain/ports/notice-ledger.ts";
import type { RunPage, RunRequest, RunRouted, Runs } from "../../src/domain/ports/runs.ts";
import { aNotice, command, EMAIL, HOUR, PERIOD, SMS, START } from "./notice-ledger-commands.ts";

export interface RunsUnderTest {
  readonly ledger: NoticeLedger;
  readonly runs: Runs;
  readonly setNow: (ms: number) => Promise<void>;
  /** Back to an empty ledger at `START`. */
  readonly reset: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const run = Effect.runPromise;

const RUN = runId("run-1");

const aRequest = (more: Partial<RunRequest> = {}): RunRequest => ({
  runId: RUN,
  key: "2023-11-14T22:00Z",
  cap: 1_000,
  actor: "cron",
  ...more,
});

const route = ({ notice }: RoutingCandidate): RoutingCommand => command("route", notice.noticeId);

const idsOf = (page: RunRouted): readonly string[] => page.candidates.map(({ notice }) => notice.noticeId);

export const describeRunsContract = (name: string, makeRuns: () => Promise<RunsUnderTest>): void => {
  describe(`the runs in ${name}`, () => {
    let world: RunsUnderTest;
    let runs: Runs;
    beforeAll(async () => {
      world = await makeRuns();
      runs = world.runs;
    });
    afterAll(() => world.close());
    beforeEach(async () => {
      await world.reset();
      await run(world.ledger.activatePolicy(policyVersion(1), {}, "operator"));
    });

    const ingest = async (ids: readonly string[]): Promise<void> => {
      await run(world.ledger.ingest(ids.map((id) => aNotice(id))));
    };
    const page = async (
      decide: Parameters<Runs["routePage"]>[1] = route,
      more: Partial<RunPage> = {},
    ): Promise<RunRouted> => run(runs.routePage({ runId: RUN, after: null, limit: 100, ...more }, decide));
    const figures = async (id: RunId = RUN) => (await run(runs.read(id)))?.figures;

    it("are opened by one trigger, paged by whoever likes, closed at the end, and tell what came of it", async () => {
      const ids = ["a", "b", "c", "d", "e"];
      await ingest(ids);
      const opened = await run(runs.open(aRequest()));
      expect(opened).toMatchObject({
        answer: "opened",
        run: {
          runId: RUN,
          state: "open",
          openedBy: "cron",
          openedAt: START,
          closedAt: null,
          policyVersion: 1,
        },
      });
      expect(await run(runs.current)).toEqual(opened.run);
      const first = await page(route, { limit: 3 });
      expect(idsOf(first)).toEqual(["a", "b", "c"]);
      expect(first).toMatchObject({ exhausted: false, next: { noticeId: "c" } });
      expect(await run(runs.close(RUN))).toBe(false);
      const second = await page(
        ({ notice }) =>
          notice.noticeId === "d"
            ? command("hold", "d", { reason: "paused" })
            : command("hold", "e", { reason: null, dueAt: instant(START + HOUR) }),
        { limit: 3, after: first.next },
      );
      expect(second).toMatchObject({ exhausted: false, next: null });
      await run(runs.count(RUN, { published: 3, pageMs: 12.4 }));
      await run(runs.count(RUN, { publishFailed: 1, publishMs: 5, pageMs: 3 }));
      await world.setNow(START + 1_000);
      expect(await run(runs.close(RUN))).toBe(true);
      expect(await run(runs.current)).toBeNull();
      expect(await run(runs.read(RUN))).toEqual({
        ...opened.run,
        state: "closed",
        closedAt: START + 1_000,
        figures: {
          pages: 2,
          candidates: 5,
          admitted: 3,
          published: 3,
          publishFailed: 1,
          heldBy: { paused: 1 },
          putOff: 1,
          suppressed: 0,
          expired: 0,
          pageMs: 15,
          publishMs: 5,
        },
      });
    });

    describe("opening", () => {
      it("answers a trigger that comes again with the run that it opened, also when that has ended", async () => {
        const { run: first } = await run(runs.open(aRequest()));
        const again = aRequest({ runId: runId("run-2"), actor: "somebody else" });
        expect(await run(runs.open(again))).toEqual({ answer: "repeated", run: first });
        await run(runs.close(RUN));
        expect(await run(runs.open(again))).toMatchObject({
          answer: "repeated",
          run: { runId: RUN, state: "closed" },
        });
        expect(await run(runs.recent(10))).toHaveLength(1);
      });

      it("skips a trigger that comes while a run is open, writes it down once, and never opens it later", async () => {
        const { run: first } = await run(runs.open(aRequest()));
        await world.setNow(START + 5);
        const late = aRequest({ runId: runId("run-2"), key: "late" });
        const twin = aRequest({ runId: runId("run-3"), key: "late" });
        for (const request of [late, late, twin]) {
          expect(await run(runs.open(request))).toEqual({ answer: "overlapping", run: first });
        }
        expect(await run(runs.recent(10))).toMatchObject([
          { runId: "run-2", key: "late", state: "skipped", openedAt: START + 5, closedAt: START + 5 },
          { runId: RUN, state: "open" },
        ]);
        await run(runs.close(RUN));
        expect(await run(runs.open(twin))).toMatchObject({
          answer: "repeated",
          run: { runId: "run-2", state: "skipped" },
        });
        expect(await run(runs.current)).toBeNull();
        expect(await page(route, { runId: runId("run-2") })).toMatchObject({
          candidates: [],
          exhausted: true,
        });
        expect(await run(runs.close(runId("run-2")))).toBe(true);
        expect((await run(runs.read(runId("run-2"))))?.state).toBe("skipped");
      });

      it.each([
        ["a cap that is no whole number", { cap: 1.5 }],
        ["a negative cap", { cap: -1 }],
        ["no cap at all", { cap: Infinity }],
      ])("refuses %s", async (_what, more) => {
        const exit = await Effect.runPromiseExit(runs.open(aRequest(more)));
        expect(exit).toMatchObject({ cause: { reasons: [{ error: { _tag: "Permanent", code: "cap" } }] } });
      });

      it("refuses a run id that was opened with another key", async () => {
        await run(runs.open(aRequest()));
        await run(runs.close(RUN));
        const exit = await Effect.runPromiseExit(runs.open(aRequest({ key: "another" })));
        expect(exit).toMatchObject({
          cause: { reasons: [{ error: { _tag: "Permanent", code: "run-id" } }] },
        });
      });

      it("knows no run before the first one", async () => {
        expect(await run(runs.current)).toBeNull();
        expect(await run(runs.read(RUN))).toBeNull();
        expect(await run(runs.recent(10))).toEqual([]);
        expect(await run(runs.close(RUN))).toBe(false);
        expect(await page()).toMatchObject({ candidates: [], exhausted: true });
      });
    });

    describe("the cap", () => {
      it("ends a page before the candidate that would pass it, and leaves that one as it was", async () => {
        await ingest(["a", "b", "c", "d"]);
        await run(runs.open(aRequest({ cap: 2 })));
        const first = await page(({ notice }) =>
          notice.noticeId === "b"
            ? command("hold", "b", { reason: "operator" })
            : route({ notice } as RoutingCandidate),
        );
        expect(idsOf(first)).toEqual(["a", "b", "c"]);
        expect(first).toMatchObject({ exhausted: true, answers: [{}, {}, { verdict: "won" }] });
        expect(await page()).toMatchObject({ candidates: [], exhausted: true, next: null });
        const left = await run(world.ledger.read(noticeId("d"), PERIOD));
        expect(left).toMatchObject({ notice: { status: "ready", epoch: 0 }, history: [] });
        expect(await run(runs.close(RUN))).toBe(true);
        expect(await figures()).toMatchObject({ candidates: 3, admitted: 2, heldBy: { operator: 1 } });
      });

      it("counts what was admitted, not what was tried", async () => {
        await ingest(["a", "b", "c"]);
        await run(world.ledger.pause(SMS, "a test", "operator"));
        await run(runs.open(aRequest({ cap: 2 })));
        const first = await page(({ notice }) =>
          command("route", notice.noticeId, {
            choice: { channel: notice.noticeId === "c" ? EMAIL : SMS, policyVersion: policyVersion(1) },
          }),
        );
        // Two were to be admitted, and both were refused: the page ended there, and goes on.
        expect(idsOf(first)).toEqual(["a", "b"]);
        expect(first.answers).toMatchObject([{ because: "T2.paused" }, { because: "T2.paused" }]);
        expect(first).toMatchObject({ exhausted: false, next: { noticeId: "b" } });
        expect(idsOf(await page(route, { after: first.next }))).toEqual(["c"]);
        expect(await figures()).toMatchObject({ pages: 2, candidates: 3, admitted: 1 });
      });

      it("of none admits nothing", async () => {
        await ingest(["a"]);
        await run(runs.open(aRequest({ cap: 0 })));
        expect(await page()).toMatchObject({ candidates: [], exhausted: true });
        expect(await run(runs.close(RUN))).toBe(true);
      });
    });

    it("route in their own name, whatever the decision says", async () => {
      await ingest(["a"]);
      await run(runs.open(aRequest()));
      await page(({ notice }) => command("route", notice.noticeId, { runId: runId("another") }));
      expect((await run(world.ledger.read(noticeId("a"), PERIOD)))?.notice.runId).toBe(RUN);
    });

    it("take fresh candidates only: what was admitted before is upkeep's", async () => {
      await ingest(["a", "b"]);
      await run(world.ledger.apply("route", [command("route", "a")]));
      await run(world.ledger.apply("claim", [command("claim", "a")]));
      await run(world.ledger.apply("step-back", [command("step-back", "a", { reopensAt: instant(START) })]));
      await run(runs.open(aRequest()));
      expect(idsOf(await page())).toEqual(["b"]);
      expect(await run(runs.close(RUN))).toBe(true);
    });

    it("admit nothing more once they are closed", async () => {
      await run(runs.open(aRequest()));
      expect(await page()).toMatchObject({ candidates: [], exhausted: false, next: null });
      expect(await run(runs.close(RUN))).toBe(true);
      await ingest(["a"]);
      expect(await page()).toMatchObject({ candidates: [], exhausted: true });
      expect(await run(runs.close(RUN))).toBe(true);
      expect(await figures()).toMatchObject({ pages: 0, candidates: 0, admitted: 0 });
    });

    it("never admit more than their cap, and their figures always agree with what was done", async () => {
      let round = 0;
      const aDecision = fc.constantFrom(
        "route",
        "route",
        "route",
        "hold",
        "later",
        "suppress",
        "paused",
        "nothing",
      );
      await run(world.ledger.pause(SMS, "a test", "operator"));
      await fc.assert(
        fc.asyncProperty(
          fc.array(aDecision, { maxLength: 10 }),
          fc.integer({ min: 0, max: 8 }),
          fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 }),
          async (decisions, cap, limits) => {
            round += 1;
            const id = runId(`round-${round}`);
            const ids = decisions.map((_, n) => `r${round}-${n}`);
            await run(world.ledger.ingest(ids.map((each) => aNotice(each, { userId: each }))));
            for (const [n, decision] of decisions.entries()) {
              if (decision === "suppress")
                await run(world.ledger.suppress(ids[n] ?? "", "a test", "operator"));
            }
            await run(runs.open(aRequest({ runId: id, key: id, cap })));
            const decide = ({ notice }: RoutingCandidate): RoutingCommand | null => {
              const its = notice.noticeId;
              const decision = decisions[Number(its.split("-")[1])] ?? "route";
              switch (decision) {
                case "hold":
                  return command("hold", its, { reason: "paused" });
                case "later":
                  return command("hold", its, { reason: null, dueAt: instant(START + HOUR) });
                case "suppress":
                  return command("suppress", its);
                case "paused":
                  return command("route", its, { choice: { channel: SMS, policyVersion: policyVersion(1) } });
                case "nothing":
                  return null;
                case "route":
                  return command("route", its);
              }
            };
            let pages = 0;
            let candidates = 0;
            let after: RunPage["after"] = null;
            for (const limit of limits) {
              const routed: RunRouted = await run(runs.routePage({ runId: id, after, limit }, decide));
              after = routed.next;
              pages += routed.candidates.length === 0 ? 0 : 1;
              candidates += routed.candidates.length;
              const soFar = await run(runs.read(id));
              expect(routed.exhausted).toBe(soFar?.figures.admitted === cap);
              if (routed.exhausted) break;
            }
            const records = await Promise.all(
              ids.map((each) => run(world.ledger.read(noticeId(each), PERIOD))),
            );
            const count = (
              test: (notice: NonNullable<(typeof records)[number]>["notice"]) => boolean,
            ): number => records.filter((record) => record !== null && test(record.notice)).length;
            const admitted = count(({ status }) => status === "queued");
            expect(admitted).toBeLessThanOrEqual(cap);
            expect(count(({ runId: its }) => its === id)).toBe(admitted);
            const held = count(({ holdReason }) => holdReason === "paused");
            expect(await figures(id)).toEqual({
              pages,
              candidates,
              admitted,
              published: 0,
              publishFailed: 0,
              heldBy: held === 0 ? {} : { paused: held },
              putOff: count(({ dueAt }) => dueAt > START),
              suppressed: count(({ status }) => status === "suppressed"),
              expired: 0,
              pageMs: 0,
              publishMs: 0,
            });
            const left = count(
              ({ status, holdReason, dueAt }) => status === "ready" && holdReason === null && dueAt === START,
            );
            expect(await run(runs.close(id))).toBe(left === 0 || admitted === cap);
            await run(
              world.ledger.apply(
                "cancel",
                ids.map((each) => command("cancel", each)),
              ),
            );
            expect(await run(runs.close(id))).toBe(true);
          },
        ),
        { numRuns: 1_000 },
      );
    }, 240_000);
  });
};
