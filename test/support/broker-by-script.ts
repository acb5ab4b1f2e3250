/**
 * A cluster that one test has for itself, which it may set up as it likes, kill and start again. The script that starts it has to
 * know `start DIR PORT [NODES]`, `kill DIR [NODE]`, `restart DIR NODE`, `wipe DIR` and `tool CLASS ARGS…`, and to take settings from
 * KAFKA_SET.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Ports of one broker: `plain` is always there, the others are for listeners that its settings may add. */
export interface BrokerPorts {
  readonly plain: number;
  readonly controller: number;
  readonly more: readonly [number, number, number];
}

export interface OwnBroker {
  readonly ports: BrokerPorts;
  /** Of the plain listener; of three nodes all three, with commas. */
  readonly address: string;
  readonly tool: (...args: readonly string[]) => Promise<void>;
  /** At once, as by a crash: all of it, or one node (from 1). */
  readonly kill: (node?: number) => Promise<void>;
  /** On what its disk has; resolves when it listens. */
  readonly restart: (node?: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The controllers' ports are so much higher than the brokers'. */
const CONTROLLER_STEP = 101;
/** For each node: a start takes about four seconds on an idle machine, and a minute on a very busy one. */
const NODE_WITHIN_MS = 90_000;

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
    const { controller } = ports;
    const all = [plain, ...ports.more, controller, controller + 1, controller + 2];
    const found = await Promise.all(all.map(isFree));
    if (found.every(Boolean)) return ports;
  }
};

/** Starts one, or three that form a cluster; `settings` are lines of their configuration that come last. */
export const brokerBy = async (
  script: string,
  settings: (ports: BrokerPorts) => string = () => "",
  nodes: 1 | 3 = 1,
): Promise<OwnBroker> => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-broker-"));
  const place = join(folder, "kafka");
  const ports = await freePorts();
  const run = async (...args: readonly string[]): Promise<void> => {
    const env = { ...process.env, KAFKA_SET: settings(ports) };
    await promisify(execFile)(script, args, { env, timeout: nodes * NODE_WITHIN_MS });
  };
  const close = async (): Promise<void> => {
    await run("wipe", place).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await run("start", place, String(ports.plain), ...(nodes === 1 ? [] : [String(nodes)]));
  } catch (error) {
    await close();
    throw error;
  }
  const brokers = Array.from({ length: nodes }, (_, nth) => `127.0.0.1:${ports.plain + nth}`);
  return {
    ports,
    address: brokers.join(","),
    tool: (...args) => run("tool", ...args),
    kill: (node) => run("kill", place, ...(node === undefined ? [] : [String(node)])),
    restart: (node = 1) => run("restart", place, String(node)),
    close,
  };
};
