/**
 * Runs over the memory ledger. A page and what is counted of it are one step of the program, as the port asks.
 */
import { Effect } from "effect";
import { Permanent } from "../../failure.ts";
import type { RunId } from "../../domain/ids.ts";
import type { RoutingCommand } from "../../domain/ports/notice-ledger.ts";
import type { OpenedRun, Run, RunRequest, Runs } from "../../domain/ports/runs.ts";
import { addFigures, figuresOfPage, NO_FIGURES, withinCap } from "../../domain/run-figures.ts";
import type { MemoryLedger } from "./notice-ledger.ts";

/** The runs of that ledger. */
export const memoryRuns = (ledger: MemoryLedger): Runs => {
  const runs = new Map<RunId, Run>();

  const current = (): Run | null => [...runs.values()].find(({ state }) => state === "open") ?? null;
  const change = (run: Run, more: Partial<Run>): void => void runs.set(run.runId, { ...run, ...more });

  // None of the ledger's operations that are asked for here ever waits.
  const now = () => Effect.runSync(ledger.now);
  const isCandidateLeft = (): boolean =>
    Effect.runSync(ledger.routePage({ after: null, limit: 1, which: "fresh" }, () => null)).candidates
      .length > 0;

  const open = ({ runId, key, cap, actor }: RunRequest): OpenedRun | Permanent => {
    if (!Number.isSafeInteger(cap) || cap < 0) {
      return new Permanent({ message: `run ${runId}: its cap is a whole number, not ${cap}`, code: "cap" });
    }
    const known = [...runs.values()].find((run) => run.key === key);
    if (known !== undefined && known.state !== "skipped") return { answer: "repeated", run: known };
    const standing = current();
    if (standing === null && known !== undefined) return { answer: "repeated", run: known };
    if (known === undefined && runs.has(runId)) {
      return new Permanent({ message: `run ${runId} was opened with another key`, code: "run-id" });
    }
    const at = now();
    const fresh: Run = {
      runId,
      key,
      state: standing === null ? "open" : "skipped",
      cap,
      openedBy: actor,
      openedAt: at,
      closedAt: standing === null ? null : at,
      policyVersion: Effect.runSync(ledger.policy("active"))?.version ?? null,
      figures: NO_FIGURES,
    };
    if (known === undefined) runs.set(runId, fresh);
    return standing === null ? { answer: "opened", run: fresh } : { answer: "overlapping", run: standing };
  };

  return {
    open: (request) =>
      Effect.suspend(() => {
        const answer = open(request);
        return answer instanceof Permanent ? Effect.fail(answer) : Effect.succeed(answer);
      }),

    routePage: (page, decide) =>
      Effect.suspend(() => {
        const run = runs.get(page.runId);
        const rest = run?.state === "open" ? run.cap - run.figures.admitted : 0;
        if (run === undefined || rest <= 0) {
          return Effect.succeed({ candidates: [], answers: [], next: null, exhausted: true });
        }
        const decideWithin = withinCap(decide, page.runId, rest);
        const commands: (RoutingCommand | null)[] = [];
        const answered = Effect.runSync(
          Effect.result(
            ledger.routePage({ ...page, which: "fresh" }, (candidate, at) => {
              const command = decideWithin(candidate, at);
              if (command === "end") return null;
              commands.push(command);
              return command;
            }),
          ),
        );
        return Effect.map(Effect.fromResult(answered), ({ candidates, answers, next }) => {
          const taken = commands.length;
          const figures = addFigures(run.figures, figuresOfPage(commands, answers.slice(0, taken)));
          change(run, { figures });
          const last = candidates[taken - 1]?.notice;
          const wasCut = taken < candidates.length;
          return {
            candidates: candidates.slice(0, taken),
            answers: answers.slice(0, taken),
            next: wasCut && last !== undefined ? { dueAt: last.dueAt, noticeId: last.noticeId } : next,
            exhausted: figures.admitted === run.cap,
          };
        });
      }),

    count: (runId, { published = 0, publishFailed = 0, pageMs = 0, publishMs = 0 }) =>
      Effect.sync(() => {
        const run = runs.get(runId);
        if (run === undefined) return;
        const more = {
          published,
          publishFailed,
          pageMs: Math.round(pageMs),
          publishMs: Math.round(publishMs),
        };
        change(run, { figures: addFigures(run.figures, { ...NO_FIGURES, ...more }) });
      }),

    close: (runId) =>
      Effect.sync(() => {
        const run = runs.get(runId);
        if (run === undefined) return false;
        if (run.state !== "open") return true;
        if (run.figures.admitted < run.cap && isCandidateLeft()) return false;
        change(run, { state: "closed", closedAt: now() });
        return true;
      }),

    current: Effect.sync(current),
    read: (runId) => Effect.sync(() => runs.get(runId) ?? null),
    recent: (limit) =>
      Effect.sync(() =>
        [...runs.values()]
          .sort((a, b) => b.openedAt - a.openedAt || (a.runId < b.runId ? 1 : -1))
          .slice(0, limit),
      ),
  };
};
