/**
 * The long-lived service: the roles of this process, its beat, its HTTP side, and its end.
 *
 *   starting (waits for database and brokers) ─▶ serving ──first signal──▶ draining ──▶ ended (0)
 *                                           │                         └──deadline, second signal──▶ ended
 *                                           └──a role failed beyond restarting──▶ draining ──▶ ended (1)
 *
 * What it holds when it ends is given back; what it could not give back lapses by itself.
 */
import { Effect } from "effect";
import { openReports } from "../adapters/postgres/reports/open-reports.ts";
import { eventLines } from "../adapters/telemetry/event-lines.ts";
import { logWord } from "../adapters/telemetry/log.ts";
import { type Metrics, openMetrics } from "../adapters/telemetry/metrics.ts";
import type { ChannelId } from "../domain/ids.ts";
import type { LedgerReports, NoticeCounts } from "../domain/ports/ledger-reports.ts";
import { toldOf } from "../streams/runtime/rail.ts";
import { startBeats } from "./beats.ts";
import type { Config } from "./config/config.ts";
import type { Role } from "./config/sections.ts";
import { StoppedWaiting } from "./database.ts";
import { openRun } from "./dispatch.ts";
import { every } from "./every.ts";
import { failureOfLog, whatToMend } from "./kafka/what-to-mend.ts";
import { demandPolicy } from "./first-policy.ts";
import { type FrontDoor, openFrontDoor } from "./front-door.ts";
import type { Output } from "./output.ts";
import { holdUps } from "./hold-ups.ts";
import { providerLines } from "./provider-lines.ts";
import { readinessOf } from "./readiness.ts";
import { Refusal } from "./refusal.ts";
import { type RolesAtWork, startRoles } from "./roles-at-work.ts";
import { SilentPartitions } from "./silent-partitions.ts";
import { openWiring, type Wiring } from "./wiring.ts";

export interface ServeOptions {
  readonly roles: readonly Role[];
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
  const { version, signal } = options;
  const beganMs = performance.now();
  const upMs = (): number => performance.now() - beganMs;
  const { host, port, token, requestTimeoutMs } = config.http;
  const http = { host, port, token, requestTimeoutMs };
  const door = await openFrontDoor(http, output, () => ({ version, upMs: upMs() }));
  let wiring: Wiring | null = null;
  try {
    wiring = await openWiring(config, {
      ...{ name: "serve", migrates: config.database.url === null, patienceMs: PATIENCE_MS },
      ...{ waiting: door.waits, say: (words) => output.say(words), signal },
    });
    await serveBy(wiring, output, door, options);
  } catch (error) {
    if (!(error instanceof StoppedWaiting)) throw error;
  } finally {
    await door.close(); // whoever asks it asks the parts that are closed next
    await wiring?.close();
  }
  wiring?.log.write("info", "service:end:done", { upMs: Math.round(upMs()) });
};

const serveBy = async (
  wiring: Wiring,
  output: Output,
  door: FrontDoor,
  options: ServeOptions,
): Promise<void> => {
  const channels = channelsOf(wiring, options.channels);
  if (wiring.kafka !== null && !(await wiring.kafka.ready(options.signal))) return;
  await demandPolicy(wiring, wiring.worker);
  const roles = startRoles(wiring, options.roles, channels, (words) => output.say(words));
  try {
    await workUntilAsked(wiring, roles, output, door, { ...options, channels });
  } finally {
    await roles.abort();
  }
};

const channelsOf = ({ senders }: Wiring, asked: readonly ChannelId[]): readonly ChannelId[] => {
  const unknown = asked.filter((channel) => !senders.has(channel));
  if (unknown.length === 0) return asked.length > 0 ? asked : [...senders.keys()];
  throw new Refusal(
    "usage",
    `no provider is configured for ${unknown.join(", ")}: there is ${[...senders.keys()].join(", ")}`,
  );
};

/** What is opened here is open for as long as the roles work, and closed in the opposite order. */
const workUntilAsked = async (
  wiring: Wiring,
  roles: RolesAtWork,
  output: Output,
  door: FrontDoor,
  { roles: names, channels, signal }: ServeOptions,
): Promise<void> => {
  const { config, log } = wiring;
  const leave: (() => unknown)[] = [];
  try {
    const reading = openReports(wiring.database.connection, { maxConnections: 1 });
    leave.push(reading.close);
    const metrics = measured(wiring, roles, reading.reports, leave);
    const silent = new SilentPartitions(wiring.system.clock);
    const beats = startBeats(wiring, names, () => {
      const health = roles.delivery?.health() ?? [];
      const away = wiring.kafka?.watch.trouble ?? null;
      const unread = silent.look(health);
      return holdUps(health, away === null ? unread : [away], roles.duties());
    });
    leave.push(beats.leave, door.close);
    door.open({
      ready: readinessOf(wiring, { isDraining: () => signal.aborted, duties: roles.duties }),
      metrics: metrics.text,
      startRun: roles.dispatches
        ? ({ key, cap }) => Effect.promise(() => openRun(wiring, key, "api", cap))
        : null,
      onBug: () => log.write("error", "bug:seen:done", {}),
    });
    const carries = roles.delivery === null ? "" : ` (${channels.join(", ")})`;
    output.say(`Serving ${names.join(", ")}${carries}; ${door.address}/readyz`);
    log.write("info", "service:start:done", { pid: process.pid, roles: logWord(names.join("-")) });

    const failure = await untilAsked(signal, roles, config);
    const { drainDeadlineMs } = config.serve;
    log.write("info", "service:drain:begin", { deadlineMs: drainDeadlineMs });
    await roles.drain(drainDeadlineMs);
    if (failure !== null) throw failure;
  } finally {
    for (const each of leave.reverse()) await each();
  }
};

/** What the roles, the providers and the ledger count, for `/metrics`; and their lines in the log. */
const measured = (
  { system, gates, log }: Wiring,
  roles: RolesAtWork,
  reports: Pick<LedgerReports, "counts">,
  leave: (() => unknown)[],
): Metrics => {
  let counts: NoticeCounts | null = null;
  const metrics = openMetrics({
    pipelines: () => roles.delivery?.health() ?? [],
    providers: () => [...gates.values()],
    counts: () => counts,
    run: roles.run,
  });
  leave.push(metrics.close);
  roles.delivery?.on(metrics.listen);
  roles.delivery?.on(eventLines(log));
  providerLines(log, gates.values());
  for (const [channel, gate] of gates)
    gate.onAnswer((tookMs) => metrics.observeStage(`deliver-${channel}`, "call-provider", tookMs));
  leave.push(
    every(system.clock, COUNT_EVERY_MS, () => {
      Effect.runFork(
        Effect.map(reports.counts(), (taken) => {
          counts = taken;
        }),
      );
    }),
  );
  return metrics;
};

/** Empty where somebody asked for the end; else why the work cannot go on. */
const untilAsked = (
  signal: AbortSignal,
  { failed }: RolesAtWork,
  { kafka }: Config,
): Promise<Refusal | null> => {
  const asked = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
  return Promise.race([asked, failed]).catch((error: unknown) => {
    const why = toldOf(error);
    const trouble = failureOfLog(error);
    const advice = trouble === null ? "" : `: ${whatToMend(trouble, kafka)}`;
    return new Refusal("failed", `a delivery failed beyond restarting: ${why}${advice}`, error);
  });
};
