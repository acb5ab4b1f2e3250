/**
 * The long-lived service: the roles of this process, its beat, its HTTP side, and its end.
 *
 *   starting (waits for the database) ─▶ serving ──first signal──▶ draining ──▶ ended (0)
 *                                           │                         └──deadline, second signal──▶ ended
 *                                           └──a role failed beyond restarting──▶ draining ──▶ ended (1)
 *
 * What it holds when it ends is given back; what it could not give back lapses by itself.
 */
import { hostname } from "node:os";
import { Effect } from "effect";
import { openReports } from "../adapters/postgres/reports/open-reports.ts";
import { eventLines } from "../adapters/telemetry/event-lines.ts";
import { logWord } from "../adapters/telemetry/log.ts";
import { openMetrics } from "../adapters/telemetry/metrics.ts";
import { type ChannelId, workerId } from "../domain/ids.ts";
import { BEAT_EVERY_MS, type Role } from "../domain/ports/members.ts";
import type { NoticeCounts } from "../domain/ports/ledger-reports.ts";
import type { Run } from "../domain/ports/runs.ts";
import type { Config } from "./config/config.ts";
import { openControlServer } from "./control/control-server.ts";
import { startDelivery } from "./deliver.ts";
import { openRun, startDispatch } from "./dispatch.ts";
import { demandPolicy } from "./first-policy.ts";
import { startKeeping } from "./keep.ts";
import type { Output } from "./output.ts";
import { readinessOf } from "./readiness.ts";
import { Refusal } from "./refusal.ts";
import { openWiring } from "./wiring.ts";

export interface ServeOptions {
  readonly roles: readonly Exclude<Role, "all">[];
  /** Empty: all that have a provider. */
  readonly channels: readonly ChannelId[];
  readonly version: string;
  readonly signal: AbortSignal;
}

/** A database that is not there yet is waited for: somebody starts the machines in any order. */
const PATIENCE_MS = 24 * 3_600_000;
/** How often the counts of the ledger are taken for `/metrics`. */
const COUNT_EVERY_MS = 15_000;

export const serve = async (config: Config, output: Output, options: ServeOptions): Promise<void> => {
  const { roles, signal, version } = options;
  const beganMs = performance.now();
  const wiring = await openWiring(config, {
    name: "serve",
    migrates: config.database.url === null,
    patienceMs: PATIENCE_MS,
    waiting: (words) => output.say(words),
  });
  const { log, system } = wiring;
  const unknown = options.channels.filter((channel) => !wiring.senders.has(channel));
  if (unknown.length > 0) {
    await wiring.close();
    throw new Refusal(
      "usage",
      `no provider is configured for ${unknown.join(", ")}: there is ${[...wiring.senders.keys()].join(", ")}`,
    );
  }
  const begins = async (): Promise<boolean> => {
    if (wiring.kafka !== null && !(await wiring.kafka.ready(signal))) return false;
    await demandPolicy(wiring, wiring.worker);
    return true;
  };
  const mayServe = await begins().catch(async (error: unknown) => {
    await wiring.close();
    throw error;
  });
  if (!mayServe) {
    await wiring.close();
    return;
  }
  const channels = options.channels.length > 0 ? options.channels : [...wiring.senders.keys()];
  const reading = openReports(wiring.database.connection, { maxConnections: 1 });

  let counts: NoticeCounts | null = null;
  let run: Run | null = null;
  const delivery = roles.includes("deliver") ? startDelivery(wiring, channels) : null;
  const keeping = roles.includes("upkeep") ? startKeeping(wiring) : null;
  const dispatch = roles.includes("dispatch")
    ? startDispatch(wiring, (event) => {
        if (event.type === "run:carry-out:failed") output.say(`run: ${event.message}`);
        else {
          run = event.run;
          const { runId, state, figures } = event.run;
          const { admitted, candidates, pages } = figures;
          log.write("info", event.type === "run:open:done" ? "run:open:done" : "run:end:done", {
            ...{ runId, admitted, candidates, pages },
            state: logWord(state),
          });
        }
      })
    : null;

  const metrics = openMetrics({
    pipelines: () => delivery?.health() ?? [],
    providers: () => [...wiring.gates.values()],
    counts: () => counts,
    run: () => dispatch?.current() ?? run,
  });
  delivery?.on(metrics.listen);
  delivery?.on(eventLines(log));
  for (const [channel, gate] of wiring.gates) {
    gate.onAnswer((tookMs) => metrics.observeStage(`deliver-${channel}`, "call-provider", tookMs));
    gate.onChange((change) => {
      if (change.type === "provider:pause:begin")
        log.write(change.mustBeMended ? "error" : "warn", change.type, {
          provider: logWord(change.provider),
          reason: change.cause,
        });
      else if (change.type === "provider:pause:done")
        log.write("info", change.type, { provider: logWord(change.provider) });
    });
  }

  const rolesSaid: readonly Role[] = roles.length === 3 ? ["all"] : roles;
  // a member has one role: a process of two is two of them
  const memberId = (role: Role) => workerId(`${wiring.worker}:${role}`);
  const ticks = [
    every(BEAT_EVERY_MS, () => {
      // a beat that fails is made up for by the next one
      for (const role of rolesSaid)
        Effect.runFork(
          wiring.members.beat({ workerId: memberId(role), role, host: hostname(), pid: process.pid }),
        );
    }),
    every(COUNT_EVERY_MS, () => {
      Effect.runFork(
        Effect.map(reading.reports.counts(), (taken) => {
          counts = taken;
        }),
      );
    }),
  ];

  const { host, port, token, requestTimeoutMs } = config.http;
  const control = await openControlServer(
    { host, port, token, requestTimeoutMs },
    {
      health: () => ({ version, upMs: performance.now() - beganMs }),
      ready: readinessOf(wiring, () => signal.aborted),
      metrics: metrics.text,
      startRun:
        dispatch === null ? null : ({ key, cap }) => Effect.promise(() => openRun(wiring, key, "api", cap)),
      onBug: () => log.write("error", "bug:seen:done", {}),
    },
  ).catch(async (error: unknown) => {
    await Promise.all([delivery?.abort(), keeping?.stop(), dispatch?.stop(0)]);
    for (const stop of ticks) stop();
    await reading.close();
    await wiring.close();
    throw error;
  });
  output.say(
    `Serving ${roles.join(", ")}${delivery === null ? "" : ` (${channels.join(", ")})`}; http://${control.host}:${control.port}/readyz`,
  );
  log.write("info", "service:start:done", { pid: process.pid, roles: logWord(roles.join("-")) });

  const stopAsked = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  let failure: unknown = null;
  const failed =
    delivery === null
      ? new Promise<void>(() => undefined)
      : delivery.done.catch((error: unknown) => {
          failure = error;
        });
  await Promise.race([stopAsked, failed]);

  const { drainDeadlineMs } = config.serve;
  log.write("info", "service:drain:begin", { deadlineMs: drainDeadlineMs });
  await Promise.all([
    delivery?.drain(drainDeadlineMs).catch(() => undefined),
    keeping?.stop(),
    dispatch?.stop(drainDeadlineMs),
  ]);
  for (const stop of ticks) stop();
  for (const role of rolesSaid) await Effect.runPromiseExit(wiring.members.leave(memberId(role)));
  await control.close();
  metrics.close();
  await reading.close();
  await wiring.close();
  log.write("info", "service:end:done", { upMs: Math.round(performance.now() - beganMs) });
  if (failure !== null)
    throw new Refusal(
      "failed",
      `a delivery failed beyond restarting: ${failure instanceof Error ? failure.message : "unknown"}`,
      failure,
    );

  function every(ms: number, work: () => void): () => void {
    work();
    let cancel = system.clock.after(ms, again);
    function again(): void {
      work();
      cancel = system.clock.after(ms, again);
    }
    return () => cancel();
  }
};
