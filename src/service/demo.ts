/**
 * The main job on a bare machine: bills are made up and ingested, one run admits them, simulated providers take them, and the
 * ledger is audited at the end. Everything is the real service on a small scale; only people and providers are made up.
 *
 *   seat ─▶ finish what an earlier demonstration left ─▶ ingest ─▶ run ─▶ deliver until nothing is open or untold ─▶ verify
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { Effect } from "effect";
import { takeDemoSeat } from "../adapters/postgres/demo-seat.ts";
import { openReports, type Reports } from "../adapters/postgres/reports/open-reports.ts";
import type { Instant } from "../domain/ids.ts";
import type { Run } from "../domain/ports/runs.ts";
import type { Config } from "./config/config.ts";
import type { RunInHand } from "../streams/intake/carry-out-run.ts";
import { carryOut, openRun } from "./dispatch.ts";
import { type Delivery, startDelivery } from "./deliver.ts";
import { demoBills } from "./demo-bills.ts";
import { demandPolicy } from "./first-policy.ts";
import { ingestBills } from "./ingest.ts";
import { startKeeping } from "./keep.ts";
import type { Output } from "./output.ts";
import { Refusal } from "./refusal.ts";
import { balance, balanceOf, waitMs } from "./balance.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Upkeep } from "../streams/upkeep/upkeep.ts";
import { untilTold } from "./until-told.ts";
import { patiently } from "./patiently.ts";
import { openWiring, type Wiring } from "./wiring.ts";

export interface DemoOptions {
  readonly count: number;
  /** Stop early, finishing what is in hand. */
  readonly signal: AbortSignal;
}

export interface DemoEnd {
  readonly run: Run | null;
  readonly runMs: number;
  readonly wasStopped: boolean;
}

const ACTOR = "demo";
const LOOK_EVERY_MS = 200;
const DRAIN_MS = 15_000;
/** What waits for no longer than this before another try is waited for; quiet hours are not. */
const SOON_MS = 120_000;

export const runDemo = async (
  config: Config,
  output: Output,
  { count, signal }: DemoOptions,
  finish: (wiring: Wiring, reports: Reports, end: DemoEnd) => Promise<ExitCode>,
): Promise<ExitCode> => {
  const beganMs = performance.now();
  const waiting = (words: string): void => output.say(words);
  const wiring = await openWiring(config, { name: "demo", migrates: true, sink: fileSink(config), waiting });
  const reports = openReports(wiring.database.connection);
  const leave: (() => Promise<unknown>)[] = [wiring.close, reports.close];
  try {
    const seat = await takeDemoSeat(wiring.database.connection);
    if (!seat.mine) {
      const who = seat.holder === null ? "" : ` (process ${seat.holder})`;
      throw new Refusal(
        "conflict",
        `another demonstration runs here already${who}: wait for its end or stop it, or name another folder in MILLRACE_DATABASE_FOLDER`,
      );
    }
    leave.push(seat.leave);
    output.say(
      `Postgres is ready, after ${seconds(performance.now() - beganMs)} (${wiring.database.folder ?? "your server"}).`,
    );
    await demandPolicy(wiring, ACTOR);
    const workers = startWork(wiring);
    try {
      const before = await balance(reports.reports);
      if (before.open + before.in_doubt > 0) {
        output.say(
          `An earlier demonstration was interrupted: ${before.open + before.in_doubt} notices of it are finished first.`,
        );
        await patiently({ clock: wiring.system.clock, signal }, async () => {
          const left = await Effect.runPromise(wiring.runs.current);
          if (left !== null) await carryOut(wiring, left).done;
        });
        await untilNothingIsOpen(wiring, reports, output, signal, before.ingested, workers);
      }
      const end = signal.aborted
        ? { run: null, runMs: 0 }
        : await oneRun(wiring, reports, output, { count, signal }, workers);
      const { letters, system } = wiring;
      const untold = await patiently({ clock: system.clock, signal }, () =>
        untilTold({ letters, clock: system.clock }, { signal }),
      );
      if (untold > 0)
        output.say(`${untold} dead letters have no line in the log yet: the next start writes it.`);
      await workers.drain();
      return await finish(wiring, reports, {
        ...end,
        wasStopped: signal.aborted,
      });
    } finally {
      await workers.abort();
    }
  } finally {
    for (const each of leave.reverse()) await each();
  }
};

/** Beside the databases: a line for each dead letter would run through the progress bar. */
const fileSink = ({ database: { folder } }: Config): { readonly write: (line: string) => void } => {
  const file = join(folder, "demo.log");
  return {
    write: (line) => {
      appendFileSync(file, line);
    },
  };
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

interface Workers {
  readonly delivery: Delivery;
  readonly keeping: Upkeep;
  readonly drain: () => Promise<void>;
  readonly abort: () => Promise<void>;
}

const startWork = (wiring: Wiring): Workers => {
  const delivery = startDelivery(wiring, [...wiring.senders.keys()]);
  const keeping = startKeeping(wiring);
  let isOver = false;
  return {
    delivery,
    keeping,
    drain: async () => {
      isOver = true;
      await Promise.all([keeping.stop(), delivery.drain(DRAIN_MS)]);
    },
    abort: async () => {
      if (isOver) return;
      isOver = true;
      await Promise.all([keeping.stop(), delivery.abort()]);
    },
  };
};

const oneRun = async (
  wiring: Wiring,
  reports: Reports,
  output: Output,
  { count, signal }: DemoOptions,
  workers: Workers,
): Promise<{ readonly run: Run | null; readonly runMs: number }> => {
  const active = wiring.policies.active();
  if (active === null) throw new Error("the demonstration's policy is not active");
  const now: Instant = wiring.policies.now();
  const name = `demo-${new Date(now).toISOString().replace(/\D/g, "").slice(0, 14)}-${process.pid}`;
  const ingested = await Effect.runPromise(
    ingestBills(
      {
        ledger: wiring.ledger,
        cipher: wiring.cipher,
        sealedAbout: wiring.sealedAbout,
        refOf: null,
        clock: wiring.system.clock,
      },
      demoBills({ count, name, now }),
      { actor: ACTOR, expiresAfterMs: active.expiresAfterMs },
    ),
  );
  output.say(
    `${ingested.taken} bills of made-up people are in the ledger, encrypted, after ${seconds(ingested.elapsedMs)}.`,
  );
  const beganMs = performance.now();
  const patience = { clock: wiring.system.clock, signal };
  const { run } = await patiently(patience, () => openRun(wiring, name, ACTOR));
  let inHand: RunInHand | null = null;
  // what goes wrong with it, `done` says
  const stop = (): void => {
    inHand?.drain(DRAIN_MS).catch(() => undefined);
  };
  signal.addEventListener("abort", stop, { once: true });
  const carriedOut = patiently(patience, () => {
    inHand = carryOut(wiring, run);
    return inHand.done;
  });
  const failed = carriedOut.then(() => new Promise<never>(() => undefined));
  const { ingested: total } = await patiently(patience, () => balance(reports.reports));
  await Promise.race([failed, untilNothingIsOpen(wiring, reports, output, signal, total, workers)]);
  await carriedOut;
  signal.removeEventListener("abort", stop);
  return {
    run: await patiently(patience, () => Effect.runPromise(wiring.runs.read(run.runId))),
    runMs: performance.now() - beganMs,
  };
};

/** Doubts that no provider can be asked about wait for an operator, and nobody waits for them here. */
const canResolve = ({ senders }: Wiring): boolean =>
  [...senders.values()].some(({ terms }) => terms.class !== "C" && terms.deltaMs !== "never");

const untilNothingIsOpen = async (
  wiring: Wiring,
  reports: Reports,
  output: Output,
  signal: AbortSignal,
  total: number,
  { delivery }: Workers,
): Promise<void> => {
  const progress = output.progress();
  let death: unknown = null;
  delivery.done.then(
    () => {
      death = new Refusal("failed", "the delivery ended before its work");
    },
    (error: unknown) => {
      death = error;
    },
  );
  try {
    while (!signal.aborted) {
      const counts = await patiently({ clock: wiring.system.clock, signal }, () =>
        Effect.runPromise(reports.reports.counts()),
      );
      const now = balanceOf(counts);
      const { ingested, open, ...outcomes } = now;
      progress.show({ total: Math.max(total, ingested), outcomes });
      const isDone = open === 0 && waitMs(counts) >= SOON_MS;
      if (isDone && (now.in_doubt === 0 || !canResolve(wiring))) return;
      if (death !== null)
        throw death instanceof Error ? death : new Refusal("failed", "the delivery has failed");
      await new Promise<void>((resolve) => wiring.system.clock.after(LOOK_EVERY_MS, resolve));
    }
  } finally {
    progress.end();
  }
};
