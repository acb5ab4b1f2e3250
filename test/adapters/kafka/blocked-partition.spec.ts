/**
 * What one record, or one partition, may keep from the others: nothing but the commits of its own partition. And what a member does
 * that takes nothing at all: it stays one, and holds no more than it said.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Effect } from "effect";
import { expect, it } from "vitest";
import type { LogEvent } from "../../../src/adapters/kafka/log-events.ts";
import type { LogMessage } from "../../../src/adapters/kafka/log-message.ts";
import type { KafkaSourceOptions } from "../../../src/adapters/kafka/source-settings.ts";
import { deadLetter, pipeline, type Running, stage } from "../../../src/index.ts";
import { describeOnKafka, freshName } from "../../support/kafka.ts";
import { describeByClient, clusterWorld, Waiters } from "../../support/kafka-clients.ts";

const PARTITIONS = 4;
const BUDGET_MS = 50;
const KIB = 1_024;
/** The shortest that a broker takes as it comes. */
const SESSION_MS = 6_000;

const texts = (count: number, what: string): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${what} ${at}`);
const textOf = ({ value }: LogMessage): string => Buffer.from(value ?? []).toString("utf8");

setFlagsFromString("--expose-gc");
// the engine's own function, which has no type of its own there
const collect = runInNewContext("gc") as () => void;
/** After what is not needed any more has been let go. */
const heldBytes = (): number => {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** What is worked on, and what hangs until it is let go. */
class Bench extends Waiters {
  readonly done: string[] = [];
  readonly hanging = new Map<string, () => void>();
  readonly events: LogEvent[] = [];
  isStill = false;

  async work(message: LogMessage): Promise<void> {
    const text = textOf(message);
    if (this.isStill || text.startsWith("hangs")) {
      await new Promise<void>((resolve) => {
        this.hanging.set(text, resolve);
        this.look();
      });
    } else await new Promise((resolve) => setImmediate(resolve));
    this.done.push(text);
    this.look();
  }

  release(): void {
    this.isStill = false;
    for (const go of this.hanging.values()) go();
    this.hanging.clear();
  }
}

describeByClient(describeOnKafka, "one that hangs", (client) => {
  const world = clusterWorld(client);

  const start = (
    bench: Bench,
    options: Pick<KafkaSourceOptions<LogMessage>, "topic" | "groupId"> &
      Partial<KafkaSourceOptions<LogMessage>>,
    credits: number,
  ): Running => {
    const running = pipeline({
      name: "bench",
      source: world.log().source<LogMessage>({
        ...{ commitEveryMs: 20, maxWaitMs: 50, heartbeatMs: 100 },
        told: (event) => {
          bench.events.push(event);
          bench.look();
        },
        ...options,
        body: (message) => message,
      }),
      window: { credits },
      flow: (messages) =>
        messages.pipe(
          stage({
            ...{ name: "work", concurrency: credits, retry: false, timeoutMs: 600_000, budgetMs: BUDGET_MS },
            work: (message: LogMessage) => bench.work(message),
          }),
        ),
      diversions: { work: deadLetter },
      deadLetters: { write: () => Effect.die("nothing here is to die") },
    }).start();
    running.on(({ type }) => {
      if (type === "offset:commit:done") bench.look();
    });
    return running;
  };

  it("delays the commits of its own partition only, and health names it: where it lies, its stage, its age", async () => {
    const [topic, groupId] = [await world.makeTopic(PARTITIONS), freshName("group")];
    const bench = new Bench();
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const own = texts(200, `early ${partition}`);
      await world.append(
        topic,
        partition,
        partition === 2 ? [...own.slice(0, 50), "hangs", ...own.slice(50)] : own,
      );
    }
    const running = start(bench, { topic, groupId }, 300);
    await bench.until(() => bench.done.length === PARTITIONS * 200);
    // all of this comes after it, also in its own partition, and is done while it hangs
    for (let partition = 0; partition < PARTITIONS; partition += 1)
      await world.append(topic, partition, texts(200, `late ${partition}`));
    await bench.until(() => bench.done.length === PARTITIONS * 400);
    const others = () => running.health().partitions.filter(({ partition }) => partition !== "2");
    await bench.until(() => others().every(({ committed }) => committed === 400));

    const committed = await world.committed(groupId, topic);
    expect([0, 1, 2, 3].map((partition) => committed.get(partition))).toEqual([400, 400, 50, 400]);
    const { partitions, overBudget, inFlight } = running.health();
    const held = partitions.find(({ partition }) => partition === "2");
    expect(held).toMatchObject({ position: 50, committed: 50, unfinished: 1, oldest: { record: "2@50" } });
    expect(inFlight).toBe(1);
    expect(overBudget).toHaveLength(1);
    expect(overBudget[0]).toMatchObject({ record: "2@50", stage: "work", state: "stuck" });
    expect(overBudget[0]?.ageMs).toBeGreaterThan(BUDGET_MS);

    bench.release();
    await running.drain();
    expect(await world.isCommitted(groupId, topic)).toBe(true);
    expect(bench.done).toHaveLength(PARTITIONS * 400 + 1);
  });

  it("leaves room for the other partitions, however much lies in one of them", async () => {
    const [topic, groupId] = [await world.makeTopic(PARTITIONS), freshName("group")];
    const bench = new Bench();
    const hot = 5_000;
    await world.append(topic, 0, texts(hot, "hot"));
    for (const partition of [1, 2, 3]) await world.append(topic, partition, texts(20, `cold ${partition}`));
    const running = start(
      bench,
      { topic, groupId, bufferBytes: 64 * KIB, partitionFetchBytes: 16 * KIB },
      20,
    );
    const cold = (): number => bench.done.filter((text) => text.startsWith("cold")).length;
    await bench.until(() => cold() === 60);
    // more come while the hot one still has thousands
    const before = bench.done.length;
    expect(before).toBeLessThan(hot / 2);
    await world.append(topic, 3, texts(20, "colder"));
    await bench.until(() => bench.done.filter((text) => text.startsWith("colder")).length === 20);
    const hotBehind = hot - bench.done.filter((text) => text.startsWith("hot")).length;
    expect(hotBehind).toBeGreaterThan(0);
    await bench.until(() => bench.done.length === hot + 80);
    await running.drain();
    expect(await world.isCommitted(groupId, topic)).toBe(true);
  });

  it(
    "stays a member while nothing is taken for longer than its session, and fetches no more than its bound",
    async () => {
      const [topic, groupId] = [await world.makeTopic(PARTITIONS), freshName("group")];
      const bench = new Bench();
      bench.isStill = true;
      const large = "x".repeat(10 * KIB);
      for (let partition = 0; partition < PARTITIONS; partition += 1)
        await world.append(topic, partition, texts(500, `${partition} ${large}`));
      const emptyBytes = heldBytes();
      const options = { bufferBytes: 1_024 * KIB, fetchBytes: 1_024 * KIB, partitionFetchBytes: 256 * KIB };
      const running = start(bench, { topic, groupId, sessionTimeoutMs: SESSION_MS, ...options }, 100);
      await bench.until(() => bench.hanging.size === 100);
      // time itself is what is tried here: nothing happens in it that could be waited for
      await new Promise((resolve) => setTimeout(resolve, SESSION_MS * 1.25));
      // 20 MiB lie there: in flight is 1 MiB, ahead of it 1 MiB and a fetch; the rest is for answers as they come
      expect(heldBytes() - emptyBytes).toBeLessThan(10 * KIB * KIB);
      expect(bench.events.map(({ type }) => type)).toEqual(["group:join:done"]);
      bench.release();
      await bench.until(() => bench.done.length === PARTITIONS * 500);
      await running.drain();
      expect(await world.isCommitted(groupId, topic)).toBe(true);
      expect(new Set(bench.done).size).toBe(PARTITIONS * 500);
    },
    SESSION_MS * 10,
  );
});
