/**
 * Opens one run after the other while dispatchers come and go, until every bill was admitted: so there is one to page whenever that is
 * wanted, and each has its cap to keep. A request that a kill has cut is asked again with the same key, as whoever calls this API has to.
 */
import { setTimeout as wait } from "node:timers/promises";
import { startRun } from "../../test/service/end-to-end/november.ts";
import type { Place } from "../../test/service/end-to-end/place.ts";
import type { Crew } from "./crew.ts";

export interface KeptRunning {
  /** Runs that were opened; resolves when there is nothing left to admit, or after `stop`. */
  readonly done: Promise<number>;
  readonly stop: () => void;
}

const LOOK_EVERY_MS = 100;

/** @param wanted whether another run is; default: always */
export const keepRunning = (
  place: Place,
  crew: Crew,
  wanted: () => Promise<boolean> = () => Promise.resolve(true),
): KeptRunning => {
  let isStopped = false;
  const hasFresh = async (): Promise<boolean> =>
    (await place.query("SELECT FROM millrace.notice WHERE found_in = 'FRESH' LIMIT 1")).length > 0;
  const isOneOpen = async (): Promise<boolean> =>
    (await place.query("SELECT FROM millrace.run WHERE state = 'open'")).length > 0;

  /** True when the run of this key is there, by this request or by one before. */
  const ask = async (key: string): Promise<boolean> => {
    const base = await crew.dispatcher();
    if (base === null) return false;
    try {
      return (await startRun(base, key)).ok;
    } catch {
      return false; // killed in between
    }
  };

  const work = async (): Promise<number> => {
    let opened = 0;
    while (!isStopped && (await hasFresh())) {
      if (!(await isOneOpen()) && (await wanted()) && (await ask(`run-${opened + 1}`))) opened += 1;
      await wait(LOOK_EVERY_MS);
    }
    return opened;
  };
  return {
    done: work(),
    stop: () => {
      isStopped = true;
    },
  };
};

/** Runs that have admitted more than they may, in words. */
export const runsOverCap = async (place: Place, cap: number): Promise<readonly string[]> => {
  const rows = await place.query<{ run_id: string; admitted: number }>(
    `SELECT run_id, count(*)::int AS admitted FROM millrace.notice WHERE run_id IS NOT NULL
     GROUP BY run_id HAVING count(*) > ${cap}`,
  );
  return rows.map(({ run_id, admitted }) => `run ${run_id} has admitted ${admitted}, of at most ${cap}`);
};
