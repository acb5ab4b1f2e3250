/**
 * The role `dispatch`: opens a run at each planned time and carries out whichever run is open, beside every other dispatcher.
 *
 * One look a second at the ledger's clock does everything: the planned time that has passed last is the run's key, so any number
 * of dispatchers open one run; a process that slept over several catches up one; a run that was left open is gone on with.
 */
import { Cron } from "croner";
import { Effect } from "effect";
import { type Instant, runId } from "../domain/ids.ts";
import type { OpenedRun, Run } from "../domain/ports/runs.ts";
import { carryOutRun, type RunInHand } from "../streams/intake/carry-out-run.ts";
import { toldOf } from "../streams/runtime/rail.ts";
import { toldAtOnceMs } from "./republish-times.ts";
import type { Wiring } from "./wiring.ts";

export interface Dispatch {
  readonly done: Promise<void>;
  readonly stop: (deadlineMs: number) => Promise<void>;
  readonly current: () => Run | null;
}

export type DispatchEvent =
  | { readonly type: "run:open:done"; readonly answer: OpenedRun["answer"]; readonly run: Run }
  | { readonly type: "run:carry-out:done"; readonly run: Run }
  | { readonly type: "run:carry-out:failed"; readonly message: string };

const LOOK_EVERY_MS = 1_000;
const PAGES_AHEAD = 3;
const LOOK_AGAIN_MS = 200;

/** Opens a run, or says which one stands in its way. */
export const openRun = (
  wiring: Pick<Wiring, "runs" | "system" | "config">,
  key: string,
  actor: string,
  cap: number | null = null,
): Promise<OpenedRun> =>
  Effect.runPromise(
    wiring.runs.open({
      runId: runId(`run-${wiring.system.newId()}`),
      key,
      cap: cap ?? wiring.config.dispatch.capPerRun,
      actor,
    }),
  );

export const carryOut = (wiring: Wiring, run: Run): RunInHand =>
  carryOutRun({
    runId: run.runId,
    worker: wiring.worker,
    runs: wiring.runs,
    policies: wiring.policies,
    pauses: wiring.ledger.pauses,
    log: wiring.kafka?.requests ?? null,
    system: wiring.system,
    limits: {
      pageCount: wiring.config.dispatch.pageSize,
      pagesAhead: PAGES_AHEAD,
      republishMs: toldAtOnceMs(wiring.config),
      lookAgainMs: LOOK_AGAIN_MS,
    },
  });

/** The planned time that has passed last, in the zone of the schedule. */
export const lastPlanned = (cron: Cron, now: Instant): number | null =>
  cron.previousRuns(1, new Date(now))[0]?.getTime() ?? null;

export const startDispatch = (wiring: Wiring, tell: (event: DispatchEvent) => void): Dispatch => {
  const { runs, policies, system, config, worker } = wiring;
  const cron = new Cron(config.dispatch.cron, { timezone: config.dispatch.zone, paused: true });
  let inHand: RunInHand | null = null;
  let current: Run | null = null;
  let isStopping = false;
  let wake: (() => void) | null = null;

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = system.clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });

  /** What was planned before anybody ever dispatched is not caught up. */
  let seenMs: number | null = null;

  const trigger = async (): Promise<void> => {
    const now = policies.now();
    if (seenMs === null) {
      const [latest] = await Effect.runPromise(runs.recent(1));
      seenMs = latest?.openedAt ?? now;
    }
    const plannedMs = lastPlanned(cron, now);
    if (plannedMs === null || plannedMs <= seenMs) return;
    const opened = await openRun(wiring, `cron ${new Date(plannedMs).toISOString()}`, worker);
    seenMs = plannedMs; // only now: a ledger that was away is asked again for the same run
    if (opened.answer !== "repeated") tell({ type: "run:open:done", ...opened });
  };

  /** What is planned meanwhile is written down as skipped, and not made up for afterwards. */
  const endOf = async ({ done }: RunInHand): Promise<"closed" | "stopped"> => {
    for (;;) {
      const how = await Promise.race([done, wait(LOOK_EVERY_MS)]);
      if (how !== undefined) {
        wake?.();
        return how;
      }
      // a ledger that is away is the run's own trouble, which says so
      if (!isStopping) await trigger().catch(() => undefined);
    }
  };

  const look = async (): Promise<void> => {
    await trigger();
    current = await Effect.runPromise(runs.current);
    if (current === null || isStopping) return;
    inHand = carryOut(wiring, current);
    const how = await endOf(inHand);
    inHand = null;
    const run = await Effect.runPromise(runs.read(current.runId));
    current = null;
    if (how === "closed" && run !== null) tell({ type: "run:carry-out:done", run });
  };

  let saidLast = "";
  /** A ledger that is away, or a policy that is missing: said once, and looked at again every second. */
  const say = (message: string): void => {
    if (message !== saidLast && !isStopping) tell({ type: "run:carry-out:failed", message });
    saidLast = message;
  };

  const work = async (): Promise<void> => {
    while (!isStopping) {
      try {
        await look();
        saidLast = "";
      } catch (error) {
        inHand = null;
        current = null;
        wake?.();
        say(toldOf(error));
      }
      if (!isStopping) await wait(LOOK_EVERY_MS);
    }
  };

  const done = work();
  return {
    done,
    current: () => current,
    stop: async (deadlineMs) => {
      isStopping = true;
      wake?.();
      await inHand?.drain(deadlineMs);
      wake?.();
      await done;
    },
  };
};
