/**
 * What a notice's whole life costs in the Postgres ledger, history included: T1 ingest, T2 route, T3 claim, T6 right to
 * send, T8 accept; CPU of this process and of all of Postgres's, in batches and one by one, on a server of its own.
 *
 *     npm run bench -- ledger [--notices 50000] [--singles 2000] [--rounds 3] [--json]
 */
import { parseArgs } from "node:util";
import { Effect, Result } from "effect";
import {
  attemptId,
  channelId,
  type Command,
  instant,
  type ItemAnswer,
  type NewNotice,
  noticeId,
  type NoticeLedger,
  period,
  policyVersion,
  workerId,
} from "millrace";
import { migrateUp, openPool, postgresLedger, startEmbeddedServer } from "millrace/postgres";
import { median, record } from "./measure.ts";
import { postgresCpuUs } from "./postgres-cpu.ts";

const { values } = parseArgs({
  options: {
    notices: { type: "string", default: "50000" },
    singles: { type: "string", default: "2000" },
    rounds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);

const PERIOD = period(202611);
const EMAIL = channelId("email");
const POLICY = policyVersion(1);
const WORKER = workerId("bench-worker");
const DAY_MS = 86_400_000;
/** Statements under way at once, as a worker has them: one is answered while another is made. */
const LANES = 2;
const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

const newNotice = (id: string, now: number): NewNotice => ({
  noticeId: noticeId(id),
  period: PERIOD,
  billId: `bill-${id}`,
  purpose: "bill",
  userId: `user-${id}`,
  kind: "bill",
  priority: 0,
  dueAt: instant(now - 1_000),
  expiresAt: instant(now + DAY_MS),
  contacts: { [EMAIL]: LETTERS.repeat(3), [channelId("sms")]: LETTERS.repeat(2) },
  routing: { zone: "Asia/Seoul" },
  content: { ref: `bills/202611/${id}` },
  actor: "bench",
});

/** The commands of one life after its ingest, for a batch of ids. */
const STEPS = ["route", "claim", "begin-send", "accept"] as const;

const commandFor = (type: (typeof STEPS)[number], id: string, now: number): Command => {
  const to = { noticeId: noticeId(id), period: PERIOD, actor: "bench" };
  const attempt = attemptId(`attempt-${id}`);
  switch (type) {
    case "route":
      return {
        ...to,
        type,
        epoch: 0,
        choice: { channel: EMAIL, policyVersion: POLICY },
        runId: null,
        republishInMs: 60_000,
      };
    case "claim":
      return { ...to, type, epoch: 1, owner: WORKER, leaseMs: 60_000 };
    case "begin-send":
      return {
        ...to,
        type,
        epoch: 2,
        attemptId: attempt,
        provider: "simulated",
        providerKey: `attempt-${id}`,
        contentDigest: LETTERS,
        sendWindowMs: 10_000,
        gate: {
          policyVersion: POLICY,
          openFrom: instant(now - DAY_MS),
          openUntil: instant(now + DAY_MS),
        },
      };
    case "accept":
      return {
        ...to,
        type,
        attemptId: attempt,
        providerMessageId: `message-${id}`,
        evidence: "accepted",
      };
  }
};

const demandWon = (what: string, answers: readonly ItemAnswer<{ readonly verdict: string }>[]): void => {
  for (const answer of answers) {
    if (Result.isSuccess(answer) && answer.success.verdict === "won") continue;
    throw new Error(`${what}: ${JSON.stringify(answer)}`);
  }
};

const server = await startEmbeddedServer({
  settings: {
    shared_buffers: "512MB",
    max_wal_size: "8GB",
    checkpoint_timeout: "30min",
    // a server that has run for a while uses its log files again; a new one would be measured making them
    wal_init_zero: "off",
  },
});
const connection = {
  host: server.host,
  port: server.port,
  user: server.user,
  password: server.password,
  database: "postgres",
};
await migrateUp(connection);
const pool = openPool({ connection, maxConnections: LANES });
const ledger: NoticeLedger = postgresLedger({ pool });
await Effect.runPromise(ledger.activatePolicy(POLICY, { version: 1 }, "bench"));

interface Cost {
  readonly nodeUs: number;
  readonly postgresUs: number;
}

const measured = async (count: number, work: () => Promise<void>): Promise<Cost> => {
  const postgresBefore = postgresCpuUs(server.pid);
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return {
    nodeUs: (user + system) / count,
    postgresUs: (postgresCpuUs(server.pid) - postgresBefore) / count,
  };
};

const batchesOf = (ids: readonly string[], size: number): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(ids.length / size) }, (_, n) => ids.slice(n * size, (n + 1) * size));

/** Works the batches off in a few lanes at once. */
const inLanes = async <Batch>(
  batches: readonly Batch[],
  work: (batch: Batch) => Promise<void>,
): Promise<void> => {
  const left = batches.values();
  const lane = async (): Promise<void> => {
    for (const batch of left) await work(batch);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
};

const lives = async (round: string, count: number, size: number): Promise<Record<string, Cost>> => {
  const ids = Array.from({ length: count }, (_, n) => `${round}-${n.toString(36).padStart(6, "0")}`);
  const now = await Effect.runPromise(ledger.now);
  const costs: Record<string, Cost> = {};
  // What a worker would have in hand anyway is made before the clock starts.
  const newOnes = batchesOf(ids, size).map((batch) => batch.map((id) => newNotice(id, now)));
  costs["ingest"] = await measured(count, () =>
    inLanes(newOnes, async (batch) => {
      demandWon("ingest", await Effect.runPromise(ledger.ingest(batch)));
    }),
  );
  for (const type of STEPS) {
    const asked = batchesOf(ids, size).map((batch) => batch.map((id) => commandFor(type, id, now)));
    costs[type] = await measured(count, () =>
      inLanes(asked, async (batch) => {
        // each step's commands are of that step's type, which the list of steps forgets
        demandWon(type, await Effect.runPromise(ledger.apply(type, batch as never)));
      }),
    );
  }
  return costs;
};

const CONTESTANTS = [
  { name: "batches of 500", count: Number(values.notices), size: 500 },
  { name: "one by one", count: Number(values.singles), size: 1 },
] as const;

const rows: { contestant: string; step: string; nodeUs: number; postgresUs: number }[] = [];
try {
  const all = new Map<string, Cost[]>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, count, size } of CONTESTANTS) {
      // the first round warms up, in small
      const costs = await lives(`r${round}-${size}`, round === 0 ? Math.min(count, 2_000) : count, size);
      const life = Object.values(costs).reduce((sum, cost) => ({
        nodeUs: sum.nodeUs + cost.nodeUs,
        postgresUs: sum.postgresUs + cost.postgresUs,
      }));
      if (round === 0) continue;
      for (const [step, cost] of Object.entries({ ...costs, life })) {
        record("ledger", { contestant: name, step, round, ...cost });
        const key = `${name}|${step}`;
        all.set(key, [...(all.get(key) ?? []), cost]);
      }
    }
  }
  for (const [key, costs] of all) {
    const [contestant = "", step = ""] = key.split("|");
    rows.push({
      contestant,
      step,
      nodeUs: median(costs.map((cost) => cost.nodeUs)),
      postgresUs: median(costs.map((cost) => cost.postgresUs)),
    });
  }
} finally {
  await pool.close();
  await server.stop();
}

if (values.json) console.log(JSON.stringify(rows));
else {
  const totals = CONTESTANTS.map(({ name }) => {
    console.log(`${name}: µs of CPU per notice, median of ${rounds} rounds`);
    for (const { step, nodeUs, postgresUs } of rows.filter(({ contestant }) => contestant === name)) {
      console.log(
        `  ${step.padEnd(10)} Node ${nodeUs.toFixed(1).padStart(7)}   Postgres ${postgresUs.toFixed(1).padStart(7)}` +
          `   together ${(nodeUs + postgresUs).toFixed(1).padStart(7)}`,
      );
    }
    const life = rows.find(({ contestant, step }) => contestant === name && step === "life");
    return (life?.nodeUs ?? NaN) + (life?.postgresUs ?? NaN);
  });
  const [batched = NaN, single = NaN] = totals;
  console.log(`one by one costs ${(single / batched).toFixed(1)} times as much`);
}
