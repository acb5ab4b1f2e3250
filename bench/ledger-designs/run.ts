/**
 * Measures the contestants of `designs.ts` over whole lives (T1, T2, T3, T6, T8), in batches, on a server of its own:
 * µs of CPU (Node's and all of Postgres's processes), bytes of WAL, and how many updates of the hot row were HOT.
 *
 *     npx tsx --conditions=millrace-source bench/ledger-designs/run.ts [notices, default 50000] [rounds, default 2]
 *
 * `MILLRACE_BENCH_POSTGRES=postgres://user@host:port` takes a server on this machine instead of the embedded one.
 */
import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { startEmbeddedServer, type EmbeddedServer } from "millrace/postgres";
import pg from "pg";
import { DESIGNS, PERIOD, schemaOf, statementsOf, type Design } from "./designs.ts";

const NOTICES = Number(process.argv[2] ?? 50_000);
const ROUNDS = Number(process.argv[3] ?? 2);
const BATCH = 500;

/** Clock ticks of a process and of the children it has waited for, in µs. */
const ticksOf = (pid: string): { parent: number; micros: number } => {
  const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const parts = fields.split(" ").map(Number);
  const micros = [11, 12].reduce((sum, at) => sum + (parts[at] ?? 0), 0) * 10_000;
  return { parent: parts[1] ?? 0, micros };
};

const postgresMicros = (postmaster: number): number =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, pid) => {
      try {
        const { parent, micros } = ticksOf(pid);
        return parent === postmaster ? sum + micros : sum;
      } catch {
        return sum;
      }
    }, 0);

const literal = (texts: readonly string[]): string =>
  `{${texts.map((text) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`).join(",")}}`;

/** The embedded server is built for size (-Os); a server of the system shows what production pays. */
const startServer = async (): Promise<
  Pick<EmbeddedServer, "host" | "port" | "user" | "password" | "pid" | "stop">
> => {
  const url = process.env["MILLRACE_BENCH_POSTGRES"];
  if (url === undefined) {
    return startEmbeddedServer({
      settings: {
        shared_buffers: "512MB",
        max_wal_size: "8GB",
        checkpoint_timeout: "30min",
        fsync: "off",
        // A server that has run for a while writes over old files; a new one would fill each with zeros first.
        wal_init_zero: "off",
      },
    });
  }
  const { hostname, port, username, password } = new URL(url);
  const where = { host: hostname, port: Number(port), user: username, password };
  const client = new pg.Client({ ...where, database: "postgres" });
  await client.connect();
  const shown = await client.query<{ data_directory: string }>("SHOW data_directory");
  await client.end();
  const pid = Number(readFileSync(`${shown.rows[0]?.data_directory}/postmaster.pid`, "utf8").split("\n")[0]);
  return { ...where, pid, stop: async () => {} };
};

const server = await startServer();

const measure = async (design: Design): Promise<string> => {
  const admin = new pg.Client({ ...server, database: "postgres" });
  await admin.connect();
  await admin.query(schemaOf(design));
  await admin.end();
  const client = new pg.Client({
    ...server,
    database: "postgres",
    pipeline: true,
    options:
      "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off",
  });
  await client.connect();
  const statements = statementsOf(design);
  const ids = Array.from({ length: NOTICES }, () => randomUUID());
  const json = JSON.stringify({ email: "x".repeat(80), sms: "y".repeat(60) });
  const wal = async (): Promise<number> =>
    Number(
      (await client.query<{ b: string }>("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') b")).rows[0]?.b,
    );
  const figures: string[] = [];
  let total = 0;

  const timed = async (name: string, batch: (ids: readonly string[]) => Promise<void>): Promise<void> => {
    const [postgres, node, bytes] = [postgresMicros(server.pid), process.cpuUsage(), await wal()];
    for (let at = 0; at < ids.length; at += BATCH) await batch(ids.slice(at, at + BATCH));
    const used = process.cpuUsage(node);
    const micros = (postgresMicros(server.pid) - postgres) / ids.length;
    const nodeMicros = (used.user + used.system) / ids.length;
    total += micros + nodeMicros;
    figures.push(
      `${name} ${micros.toFixed(1)}+${nodeMicros.toFixed(1)} ${Math.round(((await wal()) - bytes) / ids.length)}B`,
    );
  };

  await timed("T1", async (some) => {
    const contents = literal(some.map(() => json));
    await client.query({
      name: "ingest",
      text: statements.ingest,
      values: [some.map(() => PERIOD), literal(some), literal(some), contents, contents, contents],
    });
  });
  let epoch = 0;
  for (const { name, text } of statements.steps) {
    const seen = epoch;
    await timed(name, async (some) => {
      const periods = `{${some.map(() => PERIOD).join(",")}}`;
      const keys = literal(some);
      const epochs = `{${some.map(() => seen).join(",")}}`;
      const { lock } = statements;
      const begun = client.query("BEGIN");
      const locked =
        lock === null
          ? null
          : client.query<{ places: string }>({ name: "lock", text: lock, values: [periods, keys] });
      await begun;
      const places = (await locked)?.rows[0]?.places;
      await client.query({
        name,
        text,
        values: design.lock === "handed" ? [places, epochs] : [periods, keys, epochs],
      });
      await client.query("COMMIT");
    });
    if (name === "T2" || name === "T3") epoch += 1;
  }
  const sent = await client.query<{ n: string }>("SELECT count(*) n FROM d.notice WHERE status = 'sent'");
  if (Number(sent.rows[0]?.n) !== NOTICES)
    throw new Error(`${design.name}: only ${sent.rows[0]?.n} were sent`);
  await client.query("SELECT pg_stat_force_next_flush()");
  const hot = await client.query<{ hot: string }>(
    "SELECT round(100.0 * sum(n_tup_hot_upd) / nullif(sum(n_tup_upd), 0)) AS hot FROM pg_stat_user_tables WHERE schemaname = 'd' AND relname LIKE 'notice%'",
  );
  await client.end();
  return `${design.name.padEnd(38)} ${total.toFixed(1).padStart(6)} µs a life · HOT ${hot.rows[0]?.hot}% · ${figures.join(" · ")}`;
};

try {
  console.log(`${NOTICES} notices, batches of ${BATCH}; per step: µs Postgres + µs Node, bytes of WAL`);
  for (let round = 1; round <= ROUNDS; round++) {
    for (const design of DESIGNS) console.log(`${round} ${await measure(design)}`);
  }
} finally {
  await server.stop();
}
