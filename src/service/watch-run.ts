/**
 * What somebody sees who waits for a run: how far it is, and the pause that it waits for. It only looks; a ledger that is away is the
 * run's own trouble, which says so.
 */
import { Effect } from "effect";
import type { ChannelId, RunId } from "../domain/ids.ts";
import type { RunFigures } from "../domain/ports/runs.ts";
import { every } from "./every.ts";
import type { Output } from "./output.ts";
import type { Wiring } from "./wiring.ts";

const LOOK_EVERY_MS = 1_000;

/** What became of its candidates, by the words that are shown. */
export const outcomesOf = ({ admitted, putOff, heldBy, suppressed, expired }: RunFigures) => ({
  admitted,
  "put off": putOff,
  held: Object.values(heldBy).reduce((sum, count) => sum + count, 0),
  suppressed,
  expired,
});

const inWords = (paused: readonly (ChannelId | "*")[]): string => {
  if (paused.length === 0) return "Nothing is paused any more: the run goes on.";
  const resume = paused.map((scope) => (scope === "*" ? "millrace resume" : `millrace resume ${scope}`));
  const what = paused.map((scope) => (scope === "*" ? "everything" : scope)).join(", ");
  return `Paused: ${what}. What would go there stays a candidate, and the run waits for it: ${resume.join(", ")}`;
};

/** Says it until it is ended. */
export const watchRun = (
  { ledger, runs, system }: Pick<Wiring, "ledger" | "runs" | "system">,
  runId: RunId,
  output: Output,
): { readonly end: () => void } => {
  const progress = output.progress();
  let saidOf = "";
  let shown = -1;
  let isLooking = false;
  let isOver = false;

  const look = async (): Promise<void> => {
    const paused = [...(await Effect.runPromise(ledger.pauses))].sort();
    const run = await Effect.runPromise(runs.read(runId));
    if (isOver) return;
    if (paused.join() !== saidOf) {
      progress.end(); // what is said has a line of its own
      output.say(inWords(paused));
      saidOf = paused.join();
    }
    if (run === null || run.figures.candidates === shown) return;
    // what is known at once needs no saying: a run may be over within the first second
    if (shown !== -1) progress.show({ total: null, outcomes: outcomesOf(run.figures) });
    shown = run.figures.candidates;
  };
  const stop = every(system.clock, LOOK_EVERY_MS, () => {
    if (isLooking) return; // a slow ledger is not asked twice
    isLooking = true;
    look()
      .catch(() => undefined)
      .finally(() => {
        isLooking = false;
      });
  });
  return {
    end: () => {
      isOver = true;
      stop();
      progress.end();
    },
  };
};
