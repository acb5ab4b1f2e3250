/**
 * A broker of a spec's own, which it may set up as it likes, kill and start again. The script that starts it is named by
 * MILLRACE_TEST_KAFKA_SCRIPT; it has to know `start DIR PORT`, `kill DIR`, `restart DIR 1`, `wipe DIR` and `tool CLASS ARGS…`, and to
 * take settings from KAFKA_SET. Without one these suites are not run, and counted as such; in CI that is a failure.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe } from "vitest";

const script = process.env["MILLRACE_TEST_KAFKA_SCRIPT"] ?? "";

if (script === "" && process.env["CI"] === "true") {
  throw new Error("CI has to give the script that starts a broker: set MILLRACE_TEST_KAFKA_SCRIPT to it");
}

/** A suite that starts a broker. */
export const describeOnOwnBroker = describe.skipIf(script === "");

/** Ports of one broker: `plain` is always there, the others are for listeners that its settings may add. */
export interface BrokerPorts {
  readonly plain: number;
  readonly controller: number;
  readonly more: readonly [number, number, number];
}

export interface OwnBroker {
  readonly ports: BrokerPorts;
  /** Of the plain listener. */
  readonly address: string;
  readonly tool: (...args: readonly string[]) => Promise<void>;
  /** At once, as by a crash. */
  readonly kill: () => Promise<void>;
  /** On what its disk has; resolves when it listens. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The controller's port is so much higher than the broker's. */
const CONTROLLER_STEP = 101;
/** A start takes about four seconds on an idle machine. */
const SCRIPT_WITHIN_MS = 60_000;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

/** Below the ports that a system gives to connections, so that none of those takes one meanwhile. */
const freePorts = async (): Promise<BrokerPorts> => {
  for (;;) {
    const plain = 20_000 + Math.floor(Math.random() * 10_000);
    const ports = {
      plain,
      controller: plain + CONTROLLER_STEP,
      more: [plain + 1, plain + 2, plain + 3] as const,
    };
    const found = await Promise.all([plain, ports.controller, ...ports.more].map(isFree));
    if (found.every(Boolean)) return ports;
  }
};

/** Starts one; `settings` are lines of its configuration that come last. */
export const ownBroker = async (settings: (ports: BrokerPorts) => string): Promise<OwnBroker> => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-broker-"));
  const place = join(folder, "kafka");
  const ports = await freePorts();
  const run = async (...args: readonly string[]): Promise<void> => {
    const env = { ...process.env, KAFKA_SET: settings(ports) };
    await promisify(execFile)(script, args, { env, timeout: SCRIPT_WITHIN_MS });
  };
  const close = async (): Promise<void> => {
    await run("wipe", place).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await run("start", place, String(ports.plain));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ports,
    address: `127.0.0.1:${ports.plain}`,
    tool: (...args) => run("tool", ...args),
    kill: () => run("kill", place),
    restart: () => run("restart", place, "1"),
    close,
  };
};
