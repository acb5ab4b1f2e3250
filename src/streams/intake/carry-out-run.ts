/**
 * Carries an open run to its end, beside any other dispatcher that does the same: walks the candidates, and walks again while
 * somebody has rows in hand that may come back; then closes the run.
 *
 *   walking ──nothing more──▶ closing ──"not yet"──▶ (a short wait) ──▶ walking
 *      └── everything paused, or walked already under these pauses ──▶ (a short wait)
 *      └── drain ──▶ stopped: the run stays open, and whoever starts next goes on with it
 *
 * What a pause keeps back stays a candidate, so that a resume finishes the run. It is not walked over at every turn: that would
 * lock and count a million rows several times a second for as long as the pause lasts.
 */
import { Effect } from "effect";
import type { Cancel } from "../runtime/system-ports.ts";
import type { Running } from "../runtime/pipeline.ts";
import { intakePipeline } from "./intake-pipeline.ts";
import { type IntakePorts, PAUSED_REWALK_MS } from "./intake-ports.ts";

/** A run that is being carried out. */
export interface RunInHand {
  /** `closed` by us or by another · `stopped` by a drain. Rejects when a page failed for good. */
  readonly done: Promise<"closed" | "stopped">;
  readonly drain: (deadlineMs: number) => Promise<void>;
  readonly health: () => ReturnType<Running["health"]> | null;
}

/** Carries an open run to its end, beside any other dispatcher that does the same. */
export const carryOutRun = (ports: IntakePorts): RunInHand => {
  let running: Running | null = null;
  let isStopping = false;
  let wake: (() => void) | null = null;
  let problem: Error | null = null;

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel: Cancel = ports.system.clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });

  let walked = { under: "", fromMs: -Infinity };
  /** Whether there may be something for a walk; it counts as done. */
  const shallWalk = async (): Promise<boolean> => {
    const paused = await Effect.runPromise(ports.pauses);
    if (isStopping || paused.includes("*")) return false;
    const under = [...paused].sort().join();
    const nowMs = ports.system.clock.monotonicMs();
    if (under !== "" && under === walked.under && nowMs - walked.fromMs < PAUSED_REWALK_MS) return false;
    walked = { under, fromMs: nowMs };
    return true;
  };

  const walk = async (): Promise<void> => {
    running = intakePipeline(ports, (failure) => {
      problem ??= failure;
    }).start();
    await running.done;
    if (problem !== null) throw problem;
  };

  const work = async (): Promise<"closed" | "stopped"> => {
    while (!isStopping) {
      if (await shallWalk()) await walk();
      if (isStopping) break;
      if (await Effect.runPromise(ports.runs.close(ports.runId))) return "closed";
      const now = await Effect.runPromise(ports.runs.read(ports.runId));
      if (now === null || now.state !== "open") return "closed";
      await wait(ports.limits.lookAgainMs);
    }
    return "stopped";
  };

  return {
    done: work(),
    drain: async (deadlineMs) => {
      isStopping = true;
      wake?.();
      await running?.drain(deadlineMs);
    },
    health: () => running?.health() ?? null,
  };
};
