/**
 * The roles of a process, started together and ended together.
 *
 *   at work ──drain──▶ finishing what is in hand ──▶ ended      ──abort──▶ ended at once
 */
import { type Log, logWord } from "../adapters/telemetry/log.ts";
import type { ChannelId } from "../domain/ids.ts";
import type { Run } from "../domain/ports/runs.ts";
import type { DutyHealth } from "../streams/upkeep/duty-loop.ts";
import type { Upkeep } from "../streams/upkeep/upkeep.ts";
import type { Role } from "./config/sections.ts";
import { type Delivery, startDelivery } from "./deliver.ts";
import { type Dispatch, type DispatchEvent, startDispatch } from "./dispatch.ts";
import { startKeeping } from "./keep.ts";
import type { Wiring } from "./wiring.ts";

export interface RolesAtWork {
  readonly delivery: Delivery | null;
  /** The run that is being carried out here, or the last one that was. */
  readonly run: () => Run | null;
  readonly dispatches: boolean;
  /** Of upkeep; none where it is not run here. */
  readonly duties: () => readonly DutyHealth[];
  /** Rejects when one of them failed beyond restarting; never ends otherwise. */
  readonly failed: Promise<never>;
  readonly drain: (deadlineMs: number) => Promise<void>;
  readonly abort: () => Promise<void>;
}

const runLines = (log: Log, { type, run }: Extract<DispatchEvent, { readonly run: Run }>): void => {
  const { runId, state, figures } = run;
  const { admitted, candidates, pages } = figures;
  log.write("info", type === "run:open:done" ? "run:open:done" : "run:end:done", {
    ...{ runId, admitted, candidates, pages },
    state: logWord(state),
  });
};

/** @param say what a run has met with, for whoever looks on */
export const startRoles = (
  wiring: Wiring,
  roles: readonly Role[],
  channels: readonly ChannelId[],
  say: (words: string) => void,
): RolesAtWork => {
  let run: Run | null = null;
  const keeping: Upkeep | null = roles.includes("upkeep") ? startKeeping(wiring) : null;
  const dispatch: Dispatch | null = roles.includes("dispatch")
    ? startDispatch(wiring, (event) => {
        if (event.type === "run:carry-out:failed") say(`run: ${event.message}`);
        else {
          run = event.run;
          runLines(wiring.log, event);
        }
      })
    : null;
  const delivery = roles.includes("deliver") ? startDelivery(wiring, channels) : null;
  const never = new Promise<never>(() => undefined);
  const failed = delivery === null ? never : delivery.done.then(() => never);
  failed.catch(() => undefined); // whoever asks is told; nobody may ask before the end
  return {
    ...{ delivery, failed },
    run: () => dispatch?.current() ?? run,
    dispatches: dispatch !== null,
    duties: () => keeping?.health().duties ?? [],
    drain: async (deadlineMs) => {
      await Promise.all([
        delivery?.drain(deadlineMs).catch(() => undefined), // what has failed has nothing in hand any more
        keeping?.stop(),
        dispatch?.stop(deadlineMs),
      ]);
    },
    abort: async () => {
      // one that has failed has said so by `failed`
      await Promise.all([delivery?.abort().catch(() => undefined), keeping?.stop(), dispatch?.stop(0)]);
    },
  };
};
