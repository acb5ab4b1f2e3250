/**
 * A folder in which commands run as processes of their own, with the embedded server of that folder. At its end everything that
 * was started here is ended by its id, the server too, whatever became of the test.
 *
 * Nothing is waited for by time alone: a line is said, a process ends, or a look at the ledger finds what was asked for.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { lastingServer } from "../../../src/adapters/postgres/lasting-server.ts";
import type { Started } from "../../support/compile-program.ts";

const ROOT = join(import.meta.dirname, "../../..");
const TSX = fileURLToPath(import.meta.resolve("tsx"));
const CLI = join(ROOT, "src/cli.ts");
export const GATEWAY = join(ROOT, "test/support/fake-gateway-process.ts");

/** For one wait; a busy machine needs much of it, an idle one next to nothing. */
const PATIENCE_MS = 120_000;
/** Each look is a connection of its own: the longer something takes, the less often it is looked at. */
const FIRST_LOOK_MS = 25;
const LOOK_EVERY_MS = 250;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly error: string;
}

export interface Running {
  readonly pid: number;
  /** The first line on either stream in which this is found, said already or later; the groups of the expression too. */
  readonly says: (words: RegExp) => Promise<RegExpExecArray>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
}

export interface Place {
  readonly folder: string;
  /** `start("demo", "--count", "300")` */
  readonly start: (...line: readonly string[]) => Running;
  /** Any other program of ours. */
  readonly startScript: (script: string, ...line: readonly string[]) => Running;
  /** As a newcomer does: `npm start -- ARGS`. A signal goes to the whole tree of it, npm and what npm has started. */
  readonly startByNpm: (...line: readonly string[]) => Running;
  /** Starts, and waits for the end. */
  readonly call: (...line: readonly string[]) => Promise<Ended>;
  /** Behind the ledger's back. */
  readonly query: <R extends pg.QueryResultRow>(text: string) => Promise<readonly R[]>;
  /** What this locks stays locked until it is let go, which writes nothing. */
  readonly locking: (text: string) => Promise<() => Promise<void>>;
  /** Looks again and again, for two minutes unless something else is said. */
  readonly until: (what: string, look: () => Promise<boolean>, patienceMs?: number) => Promise<void>;
  /** The server ends at once and recovers at its next start. SIGKILL leaves its own processes to notice by themselves. */
  readonly killServer: (signal?: "SIGQUIT" | "SIGKILL") => Promise<void>;
  readonly close: () => Promise<void>;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const isOver = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

const until: Place["until"] = async (what, look, patienceMs = PATIENCE_MS) => {
  const untilMs = performance.now() + patienceMs;
  for (let everyMs = FIRST_LOOK_MS; !(await look()); everyMs = Math.min(everyMs * 1.25, LOOK_EVERY_MS)) {
    if (performance.now() > untilMs) throw new Error(`waited for too long: ${what}`);
    await wait(everyMs);
  }
};

const follow = (
  child: ChildProcess,
  kill: Running["kill"] = (signal) => void child.kill(signal),
): Running => {
  const heard = { out: "", error: "" };
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  for (const [name, stream] of [["out", child.stdout] as const, ["error", child.stderr] as const]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      heard[name] += text;
      tell();
    });
  }
  const ended = once(child, "close").then((how): Ended => {
    const [code, signal] = how as [number | null, NodeJS.Signals | null]; // as node documents it
    return { code, signal, ...heard };
  });
  ended.then(tell, tell);
  const says = (words: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const whole = (): string => `${heard.out}\n${heard.error}`;
      const finish = (how: () => void): void => {
        clearTimeout(timer);
        listeners.delete(look);
        how();
      };
      const look = (): void => {
        const found = words.exec(whole());
        if (found !== null) finish(() => resolve(found));
        else if (isOver(child))
          finish(() => reject(new Error(`it ended without saying ${String(words)}:\n${whole()}`)));
      };
      const timer = setTimeout(() => {
        finish(() => reject(new Error(`it never said ${String(words)}:\n${whole()}`)));
      }, PATIENCE_MS);
      listeners.add(look);
      look();
    });
  return { pid: child.pid ?? 0, says, ended, kill };
};

/** As it is called on a line of ours: from its source, without a build. */
const fromSource: Started = (source) => ["--conditions=millrace-source", "--import", TSX, source];

/** @param started how a program is called; specs call one that is compiled (`openBuiltPlace`). */
export const openPlace = async (
  environment: Readonly<Record<string, string>> = {},
  started: Started = fromSource,
): Promise<Place> => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-end-to-end-"));
  await chmod(folder, 0o755); // as root the server runs as another user, who has to come in
  const state = environment["MILLRACE_DATABASE_FOLDER"] ?? join(folder, "state");
  const processes: { readonly child: ChildProcess; readonly running: Running }[] = [];

  // nothing of whoever runs the tests: a variable of theirs would be a setting here
  const { PATH = "", HOME = folder } = process.env;
  const settings = { MILLRACE_DATABASE_FOLDER: state, MILLRACE_HTTP_PORT: "0", ...environment };
  const run = { env: { PATH, HOME, ...settings }, stdio: ["ignore", "pipe", "pipe"] as const };
  const keep = (running: Running, child: ChildProcess): Running => {
    processes.push({ child, running });
    return running;
  };

  const startScript: Place["startScript"] = (script, ...line) => {
    const child = spawn(process.execPath, [...started(script), ...line], {
      ...run,
      cwd: folder,
      stdio: [...run.stdio],
    });
    return keep(follow(child), child);
  };
  const start: Place["start"] = (...line) => startScript(CLI, ...line);

  const startByNpm: Place["startByNpm"] = (...line) => {
    // a group of its own: a negative id is all of it, the server not, which has gone its own way
    const child = spawn("npm", ["start", "--", ...line], {
      ...{ cwd: ROOT, detached: true },
      env: { ...run.env, npm_config_update_notifier: "false" },
      stdio: [...run.stdio],
    });
    const running = follow(child, (signal) => {
      if (child.pid !== undefined && !isOver(child)) process.kill(-child.pid, signal);
    });
    return keep(running, child);
  };

  const pidFile = join(state, "postgres", "postmaster.pid");
  const serverPid = async (): Promise<number | null> => {
    const pid = Number.parseInt(await readFile(pidFile, "utf8").catch(() => ""), 10);
    return Number.isNaN(pid) || !isAlive(pid) ? null : pid;
  };
  const killServer: Place["killServer"] = async (signal = "SIGQUIT") => {
    const pid = await serverPid();
    if (pid === null) return;
    process.kill(pid, signal);
    await until("the server's end", () => Promise.resolve(!isAlive(pid)));
  };

  let isClosed = false;
  const connected = async (): Promise<pg.Client> => {
    // whoever still looks, such as a test that has run out of time, must not start the server again
    if (isClosed) throw new Error("this place is closed");
    // the last one to leave has stopped it
    if ((await serverPid()) === null) await lastingServer(state);
    const [, , , port] = (await readFile(pidFile, "utf8")).split("\n");
    const password = await readFile(join(state, "postgres.password"), "utf8");
    // no name of ours: who looks must not keep the server from being stopped
    const client = new pg.Client({
      ...{ host: "127.0.0.1", port: Number(port), user: "postgres", password, database: "millrace" },
      application_name: "a look",
    });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  };

  return {
    ...{ folder, start, startScript, startByNpm, until, killServer },
    call: (...line) => start(...line).ended,
    query: async <R extends pg.QueryResultRow>(text: string) => {
      const client = await connected();
      try {
        return (await client.query<R>(text)).rows;
      } finally {
        await client.end();
      }
    },
    locking: async (text) => {
      const client = await connected();
      await client.query("BEGIN");
      await client.query(text);
      return () => client.end();
    },
    close: async () => {
      isClosed = true;
      for (const { child, running } of processes) if (!isOver(child)) running.kill("SIGKILL");
      await Promise.all(processes.map(({ running }) => running.ended));
      await killServer();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** What a script reads: the last line of standard output. */
export const lastLine = ({ out }: Ended): unknown => JSON.parse(out.trimEnd().split("\n").at(-1) ?? "");

/** How many sends became doubts on the way: of a kill that hit nothing, a test would show nothing. */
export const doubtsOf = async ({ query }: Pick<Place, "query">): Promise<number> =>
  (await query("SELECT FROM millrace.history WHERE to_status = 'in_doubt'")).length;
