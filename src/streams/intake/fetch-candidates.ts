/**
 * First of the intake: one page of candidates, oldest due first. Locked, decided, written and committed in one transaction, so that
 * dispatchers that page at once never have the same row; what is told to the log is told after the commit.
 *
 * Where the commit's answer is lost the page counts as nobody's: what it has queued the sweeper publishes.
 */
import { Effect } from "effect";
import type { RunRouted } from "../../domain/ports/runs.ts";
import type { Failure } from "../../failure.ts";
import { stage, type Stage } from "../runtime/stage.ts";
import type { Page, PageTurn, Routed } from "./bodies.ts";
import type { CandidateWalk } from "./candidate-walk.ts";
import { type IntakePorts, PAGE_TIMEOUT_MS, PATIENT } from "./intake-ports.ts";
import type { PageDecision } from "./route-by-policy.ts";

const NO_PAGE: Page = { candidates: 0, routed: [], pageMs: 0 };

export const fetchCandidates = (
  ports: IntakePorts,
  walk: CandidateWalk,
  decideBy: () => PageDecision,
): Stage<"fetch-candidates", PageTurn, Page> =>
  stage({
    name: "fetch-candidates",
    concurrency: 1,
    timeoutMs: PAGE_TIMEOUT_MS,
    retry: PATIENT,
    work: () => (walk.isEnded ? NO_PAGE : fetched(ports, walk, decideBy)),
  });

const fetched = (
  { runs, runId, limits, system }: IntakePorts,
  walk: CandidateWalk,
  decideBy: () => PageDecision,
): Effect.Effect<Page, Failure> =>
  Effect.suspend(() => {
    const fromMs = system.clock.monotonicMs();
    const { decide, decided } = decideBy();
    return Effect.map(
      runs.routePage({ runId, after: walk.after, limit: limits.pageCount }, decide),
      (page): Page => {
        walk.goOn(page.next, page.exhausted);
        return {
          candidates: page.candidates.length,
          routed: routedOf(page, decided),
          pageMs: system.clock.monotonicMs() - fromMs,
        };
      },
    );
  });

/** Only what the ledger has agreed to. */
const routedOf = ({ candidates, answers }: RunRouted, decided: PageDecision["decided"]): readonly Routed[] =>
  candidates.flatMap(({ notice }, at): readonly Routed[] => {
    const { noticeId, period, epoch } = notice;
    const routed = decided.get(noticeId);
    if (routed === undefined || routed.channel === null || answers[at]?.verdict !== "won") return [];
    const { channel, decision } = routed;
    return [{ noticeId, period, epoch: epoch + 1, channel, decision }];
  });
