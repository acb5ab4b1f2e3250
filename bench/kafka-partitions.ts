/**
 * Whether the throughput of one worker with thousands in flight depends on the number of partitions, and what it holds meanwhile.
 *
 * The same records lie in topics of 1 and of 16 partitions (or as asked). A pipeline with so many credits reads each of them to
 * its end, in turn, several rounds, as a group that is new each time; the work is to wait for an answer, which comes after half
 * of `latency` to one and a half of it. What is measured: from when the first waves have come in until the last record has been
 * settled, and the CPU of that time. In a round of its own, half-way, memory is looked at: what is held there may be at most
 *
 *     in flight × (the record + 4 KiB) + read ahead + 2 fetches + 32 MiB
 *
 * (a record in flight, its ticket and its promise; the buffer of the source; a fetch that is being read beside the buffer of its
 * whole answer; what the process needs besides). It fails beyond that, and where the slowest number of partitions is more than
 * 20 % slower than the fastest.
 *
 *     MILLRACE_KAFKA_BROKERS=127.0.0.1:9092 npm run bench -- kafka-partitions
 *         [--client kafkajs] [--partitions 1,16] [--records 100000] [--bytes 600] [--in-flight 10000] [--latency 250]
 *         [--rounds 5] [--json]
 */
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { Effect, Result } from "effect";
import { deadLetter, pipeline, stage } from "millrace";
import { type KafkaLog, openKafka } from "millrace/kafka";
import { median, record } from "./measure.ts";

const { values } = parseArgs({
  options: {
    client: { type: "string", default: "kafkajs" },
    partitions: { type: "string", default: "1,16" },
    records: { type: "string", default: "100000" },
    bytes: { type: "string", default: "600" },
    "in-flight": { type: "string", default: "10000" },
    latency: { type: "string", default: "250" },
    rounds: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const counts = values.partitions.split(",").map(Number);
const records = Number(values.records);
const bytes = Number(values.bytes);
const inFlight = Number(values["in-flight"]);
const latencyMs = Number(values.latency);
const rounds = Number(values.rounds);

const MIB = 1_048_576;
const BUFFER_BYTES = 16 * MIB;
const FETCH_BYTES = 8 * MIB;
/** Of the ticket, the promises and the watermark's place of one record in flight. */
const ITEM_BYTES = 4_096;
const PROCESS_BYTES = 32 * MIB;
const MOST_HELD_BYTES = inFlight * (bytes + ITEM_BYTES) + BUFFER_BYTES + 2 * FETCH_BYTES + PROCESS_BYTES;
/** By so much may the slowest be slower than the fastest. */
const MOST_SLOWER = 0.2;
const WARM_WAVES = 1;
const PUBLISHED_AT_ONCE = 20_000;
const TICK_MS = 1;

const brokers = (process.env["MILLRACE_KAFKA_BROKERS"] ?? "").split(",").filter((one) => one !== "");
if (brokers.length === 0) throw new Error("a broker is needed: set MILLRACE_KAFKA_BROKERS to its host:port");

/** Answers that are due come from one timer, so that no timer per record is measured; the times are the same in every run. */
const provider = () => {
  const ticks = Math.max(2, Math.round((latencyMs * 1.5) / TICK_MS));
  const shortest = Math.max(1, Math.floor(ticks / 3));
  const due: (() => void)[][] = Array.from({ length: ticks }, () => []);
  let now = 0;
  let state = 7;
  const timer = setInterval(() => {
    now = (now + 1) % ticks;
    for (const answer of due[now]?.splice(0) ?? []) answer();
  }, TICK_MS);
  return {
    ask: (): Promise<void> =>
      new Promise((resolve) => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        due[(now + shortest + ((state >>> 8) % (ticks - shortest))) % ticks]?.push(resolve);
      }),
    close: () => {
      clearInterval(timer);
    },
  };
};

const name = randomBytes(6).toString("hex");
const topicOf = (partitions: number): string => `bench-${name}-${partitions}`;

/** Every topic gets the same records, spread by their keys; tells how many a second were taken. */
const fill = async (log: KafkaLog, partitions: number): Promise<number> => {
  const topic = topicOf(partitions);
  const value = Buffer.alloc(bytes, "x");
  const publisher = log.publisher<null>({
    wire: ({ key, headers }) => Result.succeed({ topic, key, value, headers }),
  });
  const beganMs = performance.now();
  for (let at = 0; at < records; at += PUBLISHED_AT_ONCE) {
    const page = Array.from({ length: Math.min(PUBLISHED_AT_ONCE, records - at) }, (_, n) => ({
      ...{ key: `key-${at + n}`, body: null, headers: {} },
    }));
    const outcomes = await Effect.runPromise(publisher.publish(page));
    if (!outcomes.every(Result.isSuccess)) throw new Error(`${topic}: a record was not taken`);
  }
  const perSecond = records / ((performance.now() - beganMs) / 1_000);
  await Effect.runPromise(publisher.close);
  return perSecond;
};

const heldBytes = (): number => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

interface Figures {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly heldBytes: number;
}

let groups = 0;
const measured = async (log: KafkaLog, partitions: number, looksAtMemory: boolean): Promise<Figures> => {
  const { ask, close } = provider();
  const warm = WARM_WAVES * inFlight;
  const emptyBytes = looksAtMemory ? heldBytes() : 0;
  let held = NaN;
  let settled = 0;
  let before = { ms: 0, cpu: process.cpuUsage() };
  const running = pipeline({
    name: "bench",
    source: log.source({
      topic: topicOf(partitions),
      groupId: `bench-${name}-${(groups += 1)}`,
      bufferBytes: BUFFER_BYTES,
      fetchBytes: FETCH_BYTES,
      body: ({ value }) => value,
    }),
    window: { credits: inFlight, bytes: Infinity },
    flow: (items) => items.pipe(stage({ name: "ask", concurrency: inFlight, work: () => ask() })),
    diversions: { ask: deadLetter },
    deadLetters: { write: () => Effect.die("nothing here is to die") },
  }).start();
  const after = await new Promise<{ ms: number; cpu: NodeJS.CpuUsage }>((resolve) => {
    running.on(({ type }) => {
      if (type !== "item:settle:done") return;
      settled += 1;
      if (settled === warm) before = { ms: performance.now(), cpu: process.cpuUsage() };
      if (settled === records >> 1 && looksAtMemory) held = heldBytes() - emptyBytes;
      if (settled === records) resolve({ ms: performance.now(), cpu: process.cpuUsage(before.cpu) });
    });
  });
  await running.drain();
  close();
  return {
    perSecond: (records - warm) / ((after.ms - before.ms) / 1_000),
    cpuUs: (after.cpu.user + after.cpu.system) / (records - warm),
    heldBytes: held,
  };
};

const client = values.client === "rdkafka" ? "rdkafka" : "kafkajs";
const log = await Effect.runPromise(openKafka(client, { brokers, clientId: "millrace-bench" }));
const topics = log.topics();
await Effect.runPromise(
  topics.create(
    counts.map((partitions) => ({
      name: topicOf(partitions),
      ...{ partitions, replication: 1, retentionMs: 3_600_000, recordBytes: bytes },
    })),
  ),
);
const published = new Map<number, number>();
for (const partitions of counts) published.set(partitions, await fill(log, partitions));

const perSecond = new Map<number, number[]>(counts.map((partitions) => [partitions, []]));
const cpuUs = new Map<number, number[]>(counts.map((partitions) => [partitions, []]));
const held = new Map<number, number>();
for (let round = 0; round <= rounds; round += 1) {
  for (const partitions of round % 2 === 0 ? counts : [...counts].reverse()) {
    const figures = await measured(log, partitions, round === 0);
    if (round === 0) {
      held.set(partitions, figures.heldBytes);
      continue;
    }
    perSecond.get(partitions)?.push(figures.perSecond);
    cpuUs.get(partitions)?.push(figures.cpuUs);
    record("kafka-partitions", {
      ...{ client, partitions, inFlight, records, bytes, latencyMs, round },
      perSecond: Math.round(figures.perSecond),
      cpuUs: Number(figures.cpuUs.toFixed(1)),
      heldMb: Number(((held.get(partitions) ?? NaN) / MIB).toFixed(1)),
      publishedPerSecond: Math.round(published.get(partitions) ?? NaN),
    });
  }
}
await Effect.runPromise(topics.close);

const rows = counts.map((partitions) => ({
  partitions,
  perSecond: median(perSecond.get(partitions) ?? []),
  cpuUs: median(cpuUs.get(partitions) ?? []),
  heldMb: (held.get(partitions) ?? NaN) / MIB,
  publishedPerSecond: published.get(partitions) ?? NaN,
}));
const rates = rows.map((row) => row.perSecond);
const slower = 1 - Math.min(...rates) / Math.max(...rates);
if (values.json) console.log(JSON.stringify(rows));
else {
  console.log("partitions   a second   CPU µs   held MB   published a second   (medians)");
  for (const row of rows) {
    console.log(
      String(row.partitions).padStart(10) +
        row.perSecond.toFixed(0).padStart(11) +
        row.cpuUs.toFixed(1).padStart(9) +
        row.heldMb.toFixed(1).padStart(10) +
        row.publishedPerSecond.toFixed(0).padStart(21),
    );
  }
  const bound = (MOST_HELD_BYTES / MIB).toFixed(0);
  console.log(`slowest to fastest: ${(slower * 100).toFixed(0)} % slower; memory bound ${bound} MB`);
}
if (slower > MOST_SLOWER) {
  console.error(`throughput depends on partitions: more than ${MOST_SLOWER * 100} % between them`);
  process.exitCode = 1;
}
if (rows.some(({ heldMb }) => heldMb * MIB > MOST_HELD_BYTES)) {
  console.error("more is held than the bound");
  process.exitCode = 1;
}
