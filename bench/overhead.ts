/**
 * The runtime's own CPU per item, over the same work in plain async code.
 *
 * The work: parse a number, wait for an answer that comes after a while (all answers that are due come from one timer, so
 * that no timer per item is measured), add to a sum. Plain: as many async loops as there may be in flight. Both are run
 * in turn, several rounds, at 100, 1,000 and 10,000 in flight; the medians and the difference are printed.
 *
 *     npm run bench -- overhead [--items 60000] [--rounds 5] [--json]
 */
import { parseArgs } from "node:util";
import { fromIterable, memoryDeadLetters, pipeline, deadLetter, stage, step } from "millrace";
import { median, record } from "./measure.ts";

const { values } = parseArgs({
  options: {
    items: { type: "string", default: "60000" },
    rounds: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const items = Number(values.items);
const rounds = Number(values.rounds);

const TICK_MS = 5;
const IN_FLIGHT = [100, 1_000, 10_000] as const;

/** Answers `latencyMs` after the question, in groups: one timer for all. */
const provider = (latencyMs: number) => {
  const ticks = Math.max(1, Math.round(latencyMs / TICK_MS));
  let groups: (() => void)[][] = Array.from({ length: ticks }, () => []);
  const timer = setInterval(() => {
    const due = groups[0] ?? [];
    groups = [...groups.slice(1), []];
    for (const answer of due) answer();
  }, TICK_MS);
  return {
    ask: (): Promise<void> =>
      new Promise((resolve) => {
        groups[ticks - 1]?.push(resolve);
      }),
    close: () => {
      clearInterval(timer);
    },
  };
};

function* numbers(count: number): Generator<string> {
  for (let n = 0; n < count; n += 1) yield String(n);
}

let sum = 0;

const plain = async (inFlight: number, ask: () => Promise<void>): Promise<void> => {
  const source = numbers(items);
  const loop = async (): Promise<void> => {
    for (let next = source.next(); next.done !== true; next = source.next()) {
      const number = Number(next.value);
      await ask();
      sum += number;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, loop));
};

const runtime = async (inFlight: number, ask: () => Promise<void>): Promise<void> => {
  await pipeline({
    name: "overhead",
    source: fromIterable("numbers", numbers(items)),
    window: { credits: inFlight },
    flow: (texts) =>
      texts.pipe(
        step({ name: "parse", work: Number }),
        stage({
          name: "ask",
          concurrency: inFlight,
          work: async (number: number) => {
            await ask();
            return number;
          },
        }),
        step({
          name: "add",
          work: (number: number) => {
            sum += number;
          },
        }),
      ),
    diversions: { parse: deadLetter, ask: deadLetter, add: deadLetter },
    deadLetters: memoryDeadLetters(),
  }).start().done;
};

const cpuPerItem = async (work: () => Promise<void>): Promise<number> => {
  globalThis.gc?.();
  const before = process.cpuUsage();
  await work();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / items;
};

const rows: { inFlight: number; plain: number; runtime: number; more: number }[] = [];
for (const inFlight of IN_FLIGHT) {
  const latencyMs = Math.max(TICK_MS, inFlight / 20);
  const figures: { plain: number[]; runtime: number[] } = { plain: [], runtime: [] };
  for (let round = 0; round <= rounds; round += 1) {
    for (const [contestant, run] of [
      ["plain", plain],
      ["runtime", runtime],
    ] as const) {
      const { ask, close } = provider(latencyMs);
      const us = await cpuPerItem(() => run(inFlight, ask));
      close();
      if (round > 0) figures[contestant].push(us); // the first round warms up
      if (round > 0) record("overhead", { contestant, inFlight, round, us });
    }
  }
  const row = { inFlight, plain: median(figures.plain), runtime: median(figures.runtime) };
  rows.push({ ...row, more: row.runtime - row.plain });
}

if (values.json) console.log(JSON.stringify(rows));
else {
  console.log("in flight   plain µs   runtime µs   more µs   (CPU per item, median)");
  for (const row of rows) {
    console.log(
      String(row.inFlight).padStart(9) +
        row.plain.toFixed(1).padStart(11) +
        row.runtime.toFixed(1).padStart(13) +
        row.more.toFixed(1).padStart(10),
    );
  }
  const more = rows.map((row) => row.more);
  console.log(`flat within ${((Math.max(...more) / Math.min(...more) - 1) * 100).toFixed(0)} %`);
}
if (sum === 0) throw new Error("nothing was added: the work did not run");
