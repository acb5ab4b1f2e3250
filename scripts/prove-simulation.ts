/**
 * The simulation by hand: more seeds than the tests have time for, or one seed told as a story. Exits with 1 where an invariant broke.
 */
import { parseArgs } from "node:util";
import { CORPUS, type KeptWorld } from "../test/simulation/corpus.ts";
import {
  emptyTally,
  type FailedWorld,
  liveSeed,
  liveWorld,
  replayOf,
  type Tally,
  type World,
  worldKept,
  worldOfSeed,
} from "../test/simulation/seeds.ts";
import { shrunk } from "../test/simulation/shrink.ts";
import { simulate } from "../test/simulation/town.ts";

const HELP = `Lives whole services in one process, on a virtual clock: dispatchers, workers and upkeep, struck by crashes, freezes,
lost answers, lost records and a provider that does what its class allows. In the end everything has to be final, or owed by an
operator, and the provider's own journal has to agree.

  npm run prove:simulation                        5,000 seeds, and the worlds that are kept because they once failed
  npm run prove:simulation -- --seeds 500000 --from 1
  npm run prove:simulation -- --seed 4711         one of them: its plan made smaller where it fails, and its story

  --seeds N   worlds to live (5000)
  --from N    the first seed (1)
  --seed N    this one only, with its plan and its story
  --kept NAME one that is kept (${CORPUS.map(({ name }) => name).join(", ")}), with its story
  --whole     with either: the plan as it is drawn, not made smaller
`;

const ask = () => {
  const { values } = parseArgs({
    allowPositionals: false,
    options: {
      seeds: { type: "string", default: "5000" },
      from: { type: "string", default: "1" },
      seed: { type: "string" },
      kept: { type: "string" },
      whole: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const whole = (name: string, text: string): number => {
    const count = Number(text);
    if (Number.isInteger(count) && count >= 1) return count;
    throw new RangeError(`--${name} is a whole number from 1 on, not ${text}`);
  };
  if (values.seed !== undefined && values.kept !== undefined)
    throw new RangeError("say --seed or --kept: one world's story at a time");
  return {
    help: values.help,
    isWhole: values.whole,
    seeds: whole("seeds", values.seeds),
    from: whole("from", values.from),
    world:
      values.seed !== undefined
        ? worldOfSeed(whole("seed", values.seed))
        : values.kept !== undefined
          ? worldKept(keptAs(values.kept))
          : null,
  };
};

const keptAs = (name: string): KeptWorld => {
  const found = CORPUS.find((kept) => kept.name === name);
  if (found !== undefined) return found;
  throw new RangeError(`--kept is one of ${CORPUS.map((kept) => kept.name).join(", ")}, not ${name}`);
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const PROGRESS_EVERY = 500;

const lineOf = (from: number, to: number, tally: Tally, seconds: number): string => {
  const times = (fault: string): number => tally.injected.get(fault) ?? 0;
  const duplicates = tally.failed.filter(({ violations }) =>
    violations.some((one) => one.startsWith("S1")),
  ).length;
  return [
    `seeds ${from}..${to}`,
    `${tally.notices} notices`,
    `kills ${times("crash")}`,
    `freezes ${times("freeze") + times("frozenBeforeFirstByte")}`,
    `ledger away ${times("ledger-away")}`,
    `log away ${times("log-away")}, wiped ${times("wipe")}`,
    `accepted ${tally.accepted}`,
    `duplicates ${duplicates}`,
    `failed seeds ${tally.failed.length}`,
    `in doubt ${tally.inDoubt}`,
    `${(tally.virtualMs / 1_000 / seconds).toFixed(0)} times as fast as the clock`,
    `${seconds.toFixed(0)} s`,
  ].join(" · ");
};

const tellStory = async ({ plan: drawn }: World, isWhole: boolean): Promise<number> => {
  const first = await simulate(drawn);
  const plan =
    isWhole || first.violations.length === 0
      ? drawn
      : await shrunk(drawn, async (candidate) => (await simulate(candidate)).violations);
  const { lines, violations, hash } = await simulate(plan, { tells: true });
  say(JSON.stringify(plan, null, 1));
  for (const { atMs, words } of lines) say(`${(atMs / 1_000).toFixed(3).padStart(10)} s  ${words}`);
  say(`trace ${hash}`);
  for (const violation of violations) say(`BROKEN ${violation}`);
  if (violations.length === 0) say("every invariant holds");
  return violations.length === 0 ? 0 : 1;
};

const liveMany = async (from: number, seeds: number): Promise<number> => {
  const beganMs = performance.now();
  const tally = emptyTally();
  const told: FailedWorld[] = [];
  const tellNew = (): void => {
    for (const failed of tally.failed.slice(told.length)) {
      told.push(failed);
      say(replayOf(failed));
    }
  };
  for (const kept of CORPUS) await liveWorld(tally, worldKept(kept));
  for (let nth = 0; nth < seeds; nth += 1) {
    await liveSeed(tally, from + nth);
    tellNew();
    if ((nth + 1) % PROGRESS_EVERY === 0 && nth + 1 < seeds) say(`… ${nth + 1} of ${seeds}`);
  }
  tellNew();
  say(lineOf(from, from + seeds - 1, tally, (performance.now() - beganMs) / 1_000));
  return tally.failed.length === 0 ? 0 : 1;
};

const main = async (): Promise<number> => {
  const asked = ask();
  if (asked.help) {
    say(HELP);
    return 0;
  }
  return asked.world === null ? liveMany(asked.from, asked.seeds) : tellStory(asked.world, asked.isWhole);
};

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
  process.stderr.write(`${error.message}\nnpm run prove:simulation -- --help\n`);
  process.exitCode = 2;
}
