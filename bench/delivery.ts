/**
 * What a delivered notice costs: Millrace's delivery on the Postgres log beside a plain skeleton of the same steps (the same
 * batched statements, decryption, templates and provider; no runtime, no leases, no gate, no health), in turn, in one run.
 * Settled per second, CPU of this process and of all of Postgres's for each notice, memory.
 *
 *     npm run bench -- delivery [--notices 30000] [--in-flight 12000] [--rounds 3] [--json]
 */
import { parseArgs } from "node:util";
import { Effect, Result } from "effect";
import {
  attemptId,
  type ClaimedPage,
  contactRule,
  DELIVERY_LIMITS,
  deliveryPipeline,
  type DueCursor,
  instant,
  ledgerDelivery,
  Leases,
  policyVersion,
  ProviderGate,
  systemPorts,
  workerId,
} from "millrace";
import { EMAIL, openWorld, PERIOD, type World } from "./delivery-world.ts";
import { median, record } from "./measure.ts";
import { postgresCpuUs } from "./postgres-cpu.ts";

const { values } = parseArgs({
  options: {
    notices: { type: "string", default: "30000" },
    "in-flight": { type: "string", default: "12000" },
    rounds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});
const notices = Number(values.notices);
const inFlight = Number(values["in-flight"]);
const rounds = Number(values.rounds);

const LATENCY_MS = 1_000;
const PAGE = 500;
const LANES = 2;
const LEASE_MS = 60_000;
const SEND_WINDOW_MS = 10_000;
const DAY_MS = 86_400_000;

const worker = workerId("bench-worker");
const system = systemPorts;

/** Until the ledger has no more of them open. */
const runtime = async (world: World, count: number): Promise<void> => {
  const sender = world.sender();
  const { ledger, policies, cipher, templates } = world;
  const leases = new Leases({ ledger, worker, leaseMs: LEASE_MS, system });
  let settled = 0;
  const ports = {
    ...{ channel: EMAIL, worker, policies, cipher, templates, sender, leases, system, ledger },
    bills: { load: () => Effect.succeed([]) },
    readContact: contactRule(EMAIL),
    sealedAbout: ({ noticeId }: { readonly noticeId: string }) => noticeId,
    gate: new ProviderGate({ provider: sender.provider, limits: sender.limits, ports: system }),
    limits: { ...DELIVERY_LIMITS, windowCredits: inFlight, leaseMs: LEASE_MS },
  };
  const running = deliveryPipeline(
    ports,
    ledgerDelivery(ports, { queued: world.queued(), pageCount: PAGE }),
  ).start();
  await new Promise<void>((resolve, reject) => {
    running.done.catch(reject);
    running.on((event) => {
      if (event.type === "item:settle:done" && (settled += 1) === count) resolve();
    });
  });
  await running.drain();
  await sender.close();
};

/** A contestant that has failed is no contestant. */
const stop = (error: unknown): never => {
  console.error(error);
  process.exit(1);
};

/** Gathers while a statement is under way, as the runtime's batches do. */
const gathering = <Item>(work: (batch: readonly Item[]) => Promise<void>) => {
  const waiting: Item[] = [];
  let lanes = 0;
  const next = (): void => {
    while (lanes < LANES && waiting.length > 0) {
      const batch = waiting.splice(0, PAGE);
      lanes += 1;
      work(batch).then(() => {
        lanes -= 1;
        next();
      }, stop);
    }
  };
  return (item: Item): void => {
    waiting.push(item);
    if (waiting.length === 1) setImmediate(next);
  };
};

const skeleton = async (world: World, count: number): Promise<void> => {
  const sender = world.sender();
  const queued = world.queued();
  const { ledger } = world;
  let open = 0;
  let settled = 0;
  let room: (() => void) | null = null;
  let finished: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    finished = resolve;
  });

  const settle = gathering(
    async (
      batch: readonly {
        readonly id: Prepared["notice"]["noticeId"];
        readonly attempt: string;
        readonly message: string;
      }[],
    ) => {
      const answers = await Effect.runPromise(
        ledger.apply(
          "accept",
          batch.map(({ id, attempt, message }) => ({
            ...{ type: "accept" as const, noticeId: id, period: PERIOD, actor: worker },
            ...{ attemptId: attemptId(attempt), providerMessageId: message, evidence: "accepted" },
          })),
        ),
      );
      demandWon(answers);
      open -= batch.length;
      settled += batch.length;
      room?.();
      if (settled === count) finished();
    },
  );

  type Prepared = ReturnType<World["prepare"]>;
  const send = gathering(async (batch: readonly Prepared[]) => {
    const now = world.policies.now();
    const untilMs = performance.now() + SEND_WINDOW_MS;
    const asked = batch.map((each) => ({ each, attempt: attemptId(system.newId()) }));
    const answers = await Effect.runPromise(
      ledger.apply(
        "begin-send",
        asked.map(({ each: { notice, rendered }, attempt }) => ({
          ...{ type: "begin-send" as const, noticeId: notice.noticeId, period: PERIOD, actor: worker },
          ...{ epoch: notice.epoch, attemptId: attempt, provider: sender.provider, providerKey: attempt },
          ...{ contentDigest: rendered.digest, sendWindowMs: SEND_WINDOW_MS },
          gate: {
            policyVersion: policyVersion(1),
            openFrom: instant(now - DAY_MS),
            openUntil: instant(now + DAY_MS),
          },
        })),
      ),
    );
    demandWon(answers);
    for (const { each, attempt } of asked) {
      const { notice, to, rendered } = each;
      const [answer] = sender.send([
        {
          ...{
            attemptId: attempt,
            providerKey: attempt,
            reference: `${notice.noticeId}/${notice.generation}`,
          },
          ...{
            channel: EMAIL,
            to,
            message: rendered.message,
            mayStillLeave: () => performance.now() < untilMs,
          },
        },
      ]);
      answer
        ?.then((outcome) => {
          if (outcome.kind !== "accepted") throw new Error(outcome.words);
          settle({ id: notice.noticeId, attempt, message: outcome.providerMessageId });
        })
        .catch(stop);
    }
  });

  let after: DueCursor | null = null;
  let claimed = 0;
  while (claimed < count) {
    if (open + PAGE > inFlight) {
      await new Promise<void>((resolve) => {
        room = resolve;
      });
      continue;
    }
    const page: ClaimedPage = await Effect.runPromise(
      queued.claimPage({ channels: [EMAIL], limit: PAGE, after, owner: worker, leaseMs: LEASE_MS }),
    );
    after = page.next;
    claimed += page.claimed.length;
    open += page.claimed.length;
    for (const claim of page.claimed) send(world.prepare(claim));
  }
  await over;
  await sender.close();
};

const demandWon = (answers: readonly Result.Result<{ readonly verdict: string }, unknown>[]): void => {
  if (!answers.every((each) => Result.isSuccess(each) && each.success.verdict === "won"))
    throw new Error("a notice was not won");
};

interface Figures {
  readonly perSecond: number;
  readonly nodeUs: number;
  readonly postgresUs: number;
  readonly residentMb: number;
}

const CONTESTANTS = [
  ["skeleton", skeleton],
  ["millrace", runtime],
] as const;

const world = await openWorld(LATENCY_MS);
const all = new Map<string, Figures[]>(CONTESTANTS.map(([name]) => [name, []]));
try {
  for (let round = 0; round <= rounds; round += 1) {
    const count = round === 0 ? Math.min(notices, 3_000) : notices; // the first round warms up
    for (const [name, run] of CONTESTANTS) {
      await world.queue(`${name}-${round}`, count);
      globalThis.gc?.();
      const postgresBefore = postgresCpuUs(world.server.pid);
      const before = process.cpuUsage();
      const fromMs = performance.now();
      await run(world, count);
      const elapsedMs = performance.now() - fromMs;
      const { user, system: inKernel } = process.cpuUsage(before);
      const figures = {
        perSecond: (count / elapsedMs) * 1_000,
        nodeUs: (user + inKernel) / count,
        postgresUs: (postgresCpuUs(world.server.pid) - postgresBefore) / count,
        residentMb: process.memoryUsage().rss / 1_048_576,
      };
      if (round === 0) continue;
      all.get(name)?.push(figures);
      record("delivery", { contestant: name, round, count, inFlight, ...figures });
    }
  }
} finally {
  await world.close();
}

const medians = [...all].map(([contestant, figures]) => ({
  contestant,
  perSecond: median(figures.map(({ perSecond }) => perSecond)),
  nodeUs: median(figures.map(({ nodeUs }) => nodeUs)),
  postgresUs: median(figures.map(({ postgresUs }) => postgresUs)),
  residentMb: median(figures.map(({ residentMb }) => residentMb)),
}));
if (values.json) console.log(JSON.stringify(medians));
else {
  console.log(
    `${notices} notices, ${LATENCY_MS} ms of latency, ${inFlight} in flight; medians of ${rounds} rounds`,
  );
  for (const { contestant, perSecond, nodeUs, postgresUs, residentMb } of medians) {
    console.log(
      `  ${contestant.padEnd(9)} ${perSecond.toFixed(0).padStart(7)}/s   Node ${nodeUs.toFixed(0).padStart(4)} µs   ` +
        `Postgres ${postgresUs.toFixed(0).padStart(4)} µs a notice   ${residentMb.toFixed(0).padStart(5)} MB resident`,
    );
  }
  const [plain, ours] = medians;
  if (plain !== undefined && ours !== undefined)
    console.log(
      `Millrace settles ${((ours.perSecond / plain.perSecond) * 100).toFixed(0)} % of what the skeleton does`,
    );
}
