/**
 * The runtime's own CPU per item, over the same work in plain async code.
 *
 * The work: parse a number, wait for an answer that comes after a while (all answers that are due come from one timer, so
 * that no timer per item is measured), add to a sum. Plain: as many async loops as there may be in flight. Both are run
 * in turn, several rounds, at 100, 1,000 and 10,000 in flight; the medians and the difference are printed.
 *
 * What is measured is the steady state: from when the first waves have come in until the last item has, so that the same
 * number is in flight at both ends, and opening as many slots as items in flight is not laid at the items' door. What an
 * item in flight holds of the heap is looked at in a round of its own, which also warms up.
 *
 *     npm run bench -- overhead [--items 60000] [--waves 40] [--rounds 5] [--only 100,1000,10000] [--json]
 */
import { parseArgs } from "node:util";
import { fromIterable, memoryDeadLetters, pipeline, deadLetter, stage, step } from "millrace";
import { median, record } from "./measure.ts";

const { values } = parseArgs({
  options: {
    items: { type: "string", default: "60000" },
    waves: { type: "string", default: "40" },
    only: { type: "string", default: "100,1000,10000" },
    rounds: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const fewestItems = Number(values.items);
const waves = Number(values.waves);
const rounds = Number(values.rounds);
const numbersInFlight = values.only.split(",").map(Number);

const TICK_MS = 1;
/** A fortieth of a millisecond for each item: what is waited for leaves the processor idle most of the time. */
const ITEMS_PER_MS = 40;
const WARM_WAVES = 4;

/** What the source does on its way, told by how many items have been taken. */
interface Marks {
  readonly count: number;
  readonly warm: number;
  readonly onWarm: () => void;
  readonly onHalf: () => void;
  readonly onEnd: () => void;
}

/**
 * Answers between half of `latencyMs` and one and a half of it after the question, one timer for all: answers that all
 * take the same time would keep the first wave together for ever. The times are the same in every run.
 */
const provider = (latencyMs: number) => {
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
        const inTicks = shortest + ((state >>> 8) % (ticks - shortest));
        due[(now + inTicks) % ticks]?.push(resolve);
      }),
    close: () => {
      clearInterval(timer);
    },
  };
};

function* numbers({ count, warm, onWarm, onHalf, onEnd }: Marks): Generator<string> {
  const half = count >> 1;
  for (let n = 0; n < count; n += 1) {
    if (n === warm) onWarm();
    if (n === half) onHalf();
    yield String(n);
  }
  onEnd();
}

let sum = 0;

type Contestant = (inFlight: number, marks: Marks, ask: () => Promise<void>) => Promise<void>;

const plain: Contestant = async (inFlight, marks, ask) => {
  const source = numbers(marks);
  const loop = async (): Promise<void> => {
    for (let next = source.next(); next.done !== true; next = source.next()) {
      const number = Number(next.value);
      await ask();
      sum += number;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, loop));
};

const runtime: Contestant = async (inFlight, marks, ask) => {
  await pipeline({
    name: "overhead",
    source: fromIterable("numbers", numbers(marks)),
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

interface Figures {
  readonly us: number;
  readonly bytes: number;
}

const heapBytes = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

/** One run: its CPU per item in the steady state or, where `looksAtHeap`, what an item in flight holds of the heap. */
const measured = async (run: Contestant, inFlight: number, looksAtHeap: boolean): Promise<Figures> => {
  const count = Math.max(fewestItems, waves * inFlight);
  const warm = WARM_WAVES * inFlight;
  const { ask, close } = provider(inFlight / ITEMS_PER_MS);
  const emptyBytes = heapBytes();
  let before = process.cpuUsage();
  let us = NaN;
  let bytes = NaN;
  const onWarm = (): void => {
    before = process.cpuUsage();
  };
  const onHalf = (): void => {
    if (looksAtHeap) bytes = (heapBytes() - emptyBytes) / inFlight;
  };
  const onEnd = (): void => {
    const used = process.cpuUsage(before);
    us = (used.user + used.system) / (count - warm);
  };
  await run(inFlight, { count, warm, onWarm, onHalf, onEnd }, ask);
  close();
  return { us, bytes };
};

interface Row {
  readonly inFlight: number;
  readonly plain: number;
  readonly runtime: number;
  readonly more: number;
  readonly bytes: number;
}

const rows: Row[] = [];
for (const inFlight of numbersInFlight) {
  const figures: { plain: number[]; runtime: number[] } = { plain: [], runtime: [] };
  const held = { plain: NaN, runtime: NaN };
  for (let round = 0; round <= rounds; round += 1) {
    for (const [contestant, run] of [
      ["plain", plain],
      ["runtime", runtime],
    ] as const) {
      const { us, bytes } = await measured(run, inFlight, round === 0);
      if (round === 0) {
        held[contestant] = bytes;
        continue;
      }
      figures[contestant].push(us);
      record("overhead", { contestant, inFlight, round, us, bytes: Math.round(held[contestant]) });
    }
  }
  const row = { inFlight, plain: median(figures.plain), runtime: median(figures.runtime) };
  rows.push({ ...row, more: row.runtime - row.plain, bytes: held.runtime - held.plain });
}

if (values.json) console.log(JSON.stringify(rows));
else {
  console.log(
    "in flight   plain µs   runtime µs   more µs   more bytes   (CPU per item, median; heap per item in flight)",
  );
  for (const row of rows) {
    console.log(
      String(row.inFlight).padStart(9) +
        row.plain.toFixed(1).padStart(11) +
        row.runtime.toFixed(1).padStart(13) +
        row.more.toFixed(1).padStart(10) +
        row.bytes.toFixed(0).padStart(13),
    );
  }
  const more = rows.map((row) => row.more);
  console.log(`flat within ${((Math.max(...more) / Math.min(...more) - 1) * 100).toFixed(0)} %`);
}
if (sum === 0) throw new Error("nothing was added: the work did not run");
