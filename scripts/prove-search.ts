/**
 * The exhaustive search by hand: bigger worlds than the tests have time for, one mutant and its story, all mutants in
 * all worlds, or the harmless ones in pairs. Exits with 1 where something is not as it should be.
 */
import { parseArgs } from "node:util";
import { BOUNDS, MISDEEDS, type Bounds, type Misdeed } from "../test/search/bounds.ts";
import {
  BREACHES,
  PURPOSES,
  searchBreach,
  searchWithout,
  WORLDS,
  type WorldName,
} from "../test/search/mutants.ts";
import { INVARIANTS, lineOf } from "../test/search/report.ts";
import { search, type SearchResult } from "../test/search/search.ts";
import { storyOf } from "../test/search/story.ts";
import { tableWithout } from "../test/search/without.ts";

const HELP = `Searches every state of one notice's world, over the transition table that production runs.

  npm run prove:search                                    classes C, B and A with three workers
  npm run prove:search -- --class A --workers 2 --upkeeps 2 --memory 9
  npm run prove:search -- --without T6.index,T6.status --class C --one-owner
  npm run prove:search -- --mutants                       each check taken away, in every world
  npm run prove:search -- --pairs --worlds "C;C, one process"

What is searched
  --class A|B|C|all     the provider's class (all)
  --workers N           journeys from record to settlement under way at once (3)
  --upkeeps N           resends and look-ups under way at once (1)
  --generations N       with replays, from 2 on (1)
  --attempts N          for each channel (1)
  --channels N          up to 3 (2)
  --copies N            of one attempt at most (3); a third needs --memory 9
  --memory TICKS        W of class A, R of class B (6)
  --delta TICKS|never   Δ (1; at most 3)
  --send-window TICKS   (1)
  --one-owner           the workers are one process that was given the record several times
  --no-expiry           the notice's end never comes near: a third of the states
  --no-cancels          nobody cancels: half of the states

What is taken away
  --without A,B         checks of the table: guards, T6.status, T6.already-mine
  --no-c3               copies may be accepted however late
  --breaks-class        the provider may accept what it has refused
  --misdeed TEXT        somebody breaks a rule around the table:
                        ${MISDEEDS.join("\n                        ")}
  --harm                counts only what somebody outside can see, not form (S4, S5, rows that agree)

How
  --mutants             every check, and every breach, against the table of purposes (test/search/mutants.ts)
  --pairs               every two checks that are harmless alone; hours in all worlds
  --worlds A;B          for --mutants and --pairs, separated by ";" (all): ${Object.keys(WORLDS).join(" · ")}
  --stories             tells every counter-example
  --max-states N        gives up there (none)
`;

/** Says what was wrong with the question, in a line, and how to ask. */
const refuse = (error: unknown): never => {
  if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
  process.stderr.write(`${error.message}\nnpm run prove:search -- --help\n`);
  process.exit(2);
};

const OPTIONS = {
  allowPositionals: false,
  options: {
    class: { type: "string", default: "all" },
    workers: { type: "string", default: "3" },
    upkeeps: { type: "string", default: String(BOUNDS.upkeeps) },
    generations: { type: "string", default: String(BOUNDS.generations) },
    attempts: { type: "string", default: String(BOUNDS.attempts) },
    channels: { type: "string", default: String(BOUNDS.channels) },
    copies: { type: "string", default: String(BOUNDS.copies) },
    memory: { type: "string", default: String(BOUNDS.memory) },
    delta: { type: "string", default: String(BOUNDS.delta) },
    "send-window": { type: "string", default: String(BOUNDS.sendWindow) },
    "one-owner": { type: "boolean", default: false },
    "no-expiry": { type: "boolean", default: false },
    "no-cancels": { type: "boolean", default: false },
    without: { type: "string", default: "" },
    "no-c3": { type: "boolean", default: false },
    "breaks-class": { type: "boolean", default: false },
    misdeed: { type: "string" },
    harm: { type: "boolean", default: false },
    mutants: { type: "boolean", default: false },
    pairs: { type: "boolean", default: false },
    worlds: { type: "string", default: Object.keys(WORLDS).join(";") },
    stories: { type: "boolean", default: false },
    "max-states": { type: "string" },
    help: { type: "boolean", default: false },
  },
} as const;

const asked = (): ReturnType<typeof parseArgs<typeof OPTIONS>>["values"] => {
  try {
    return parseArgs(OPTIONS).values;
  } catch (error) {
    return refuse(error);
  }
};

const values = asked();

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const whole = (name: string, text: string, low: number, high: number): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count >= low && count <= high) return count;
  throw new RangeError(`--${name} is a whole number from ${low} to ${high}, not ${text}`);
};

const CLASSES = ["C", "B", "A"] as const;
const classes = (): readonly (typeof CLASSES)[number][] => {
  const chosen = CLASSES.filter((name) => values.class === "all" || values.class === name);
  if (chosen.length === 0) throw new RangeError(`--class is A, B, C or all, not ${values.class}`);
  return chosen;
};

const misdeedAsked = (): Misdeed | null => {
  if (values.misdeed === undefined) return null;
  const known = MISDEEDS.find((name) => name === values.misdeed);
  if (known === undefined)
    throw new RangeError(`no misdeed "${values.misdeed}"; there are: ${MISDEEDS.join(" · ")}`);
  return known;
};

const boundsAsked = (): Partial<Bounds> => ({
  workers: whole("workers", values.workers, 1, 4),
  upkeeps: whole("upkeeps", values.upkeeps, 1, 3),
  generations: whole("generations", values.generations, 1, 3),
  attempts: whole("attempts", values.attempts, 1, 5),
  channels: whole("channels", values.channels, 1, 3),
  copies: whole("copies", values.copies, 1, 3),
  memory: whole("memory", values.memory, 1, 15),
  delta: values.delta === "never" ? null : whole("delta", values.delta, 0, 3),
  sendWindow: whole("send-window", values["send-window"], 1, 3),
  oneOwner: values["one-owner"],
  expiry: !values["no-expiry"],
  cancels: !values["no-cancels"],
  c3: !values["no-c3"],
  c2: !values["breaks-class"],
  misdeed: misdeedAsked(),
});

const worldsAsked = (): readonly WorldName[] =>
  values.worlds.split(";").map((name) => {
    if (!(name in WORLDS))
      throw new RangeError(`no world ${name}; there are ${Object.keys(WORLDS).join(" · ")}`);
    return name as WorldName; // looked up above
  });

const tell = (result: SearchResult): void => {
  if (result.found !== null) print(storyOf(result.found, result.ledger));
};

const EVERY_MS = 3_000;
/** A line now and then, so that a long search is seen to be alive. */
const progress = (name: string): ((states: number, waiting: number) => void) => {
  let last = performance.now();
  return (states, waiting) => {
    if (performance.now() - last < EVERY_MS) return;
    last = performance.now();
    const memory = Math.round(process.memoryUsage().rss / 2 ** 20);
    print(
      `  … ${name}: ${states.toLocaleString("en-US")} states, ${waiting.toLocaleString("en-US")} to look at, ${memory} MiB`,
    );
  };
};

/** The worlds that were asked for, one class after the other. */
const searchWorlds = (): boolean => {
  const checks = values.without === "" ? [] : values.without.split(",");
  print(`invariants: ${INVARIANTS}`);
  let sound = true;
  for (const providerClass of classes()) {
    const name = `class ${providerClass}${checks.length === 0 ? "" : ` without ${checks.join(" and ")}`}`;
    const result = search({
      bounds: { ...boundsAsked(), providerClass },
      table: tableWithout(...checks),
      counting: values.harm ? "harm" : "all",
      onProgress: progress(name),
      ...(values["max-states"] === undefined
        ? {}
        : { maxStates: whole("max-states", values["max-states"], 1, 1e9) }),
    });
    print(lineOf(name, result));
    tell(result);
    if (result.found !== null || !result.complete) sound = false;
  }
  return sound;
};

/** The first of the worlds in which something falls without these checks. */
const firstHarm = (
  checks: readonly string[],
): { readonly world: WorldName; readonly result: SearchResult } | string => {
  const unfinished: string[] = [];
  for (const world of worldsAsked()) {
    const result = searchWithout(checks, world, "harm");
    if (result.found !== null) return { world, result };
    if (!result.complete) unfinished.push(world);
  }
  return unfinished.length === 0
    ? "no harm in any world"
    : `no harm found; not finished: ${unfinished.join(" · ")}`;
};

const inWords = (harm: ReturnType<typeof firstHarm>): string =>
  typeof harm === "string"
    ? harm
    : `${harm.result.found?.broken.invariant} broken in ${harm.world}, ${harm.result.found?.story.length} steps`;

const searchMutants = (): boolean => {
  let sound = true;
  for (const [check, purpose] of Object.entries(PURPOSES)) {
    const harm = firstHarm([check]);
    const expected = (typeof harm !== "string") === (purpose.kind === "needed");
    print(`${expected ? "ok" : "NOT AS SAID"}  ${check} (${purpose.kind}): ${inWords(harm)}`);
    if (values.stories && typeof harm !== "string") tell(harm.result);
    sound &&= expected;
  }
  for (const breach of BREACHES) {
    const result = searchBreach(breach);
    const expected = result.found?.broken.invariant === breach.breaks;
    print(
      `${expected ? "ok" : "NOT AS SAID"}  ${breach.name}: ${result.found?.broken.invariant ?? "nothing"} broken`,
    );
    if (values.stories) tell(result);
    sound &&= expected;
  }
  return sound;
};

const searchPairs = (): boolean => {
  const harmless = Object.entries(PURPOSES).flatMap(([check, { kind }]) =>
    kind === "needed" ? [] : [check],
  );
  harmless.forEach((one, place) => {
    for (const other of harmless.slice(place + 1)) {
      const harm = firstHarm([one, other]);
      if (harm === "no harm in any world") continue;
      print(`${one} and ${other}: ${inWords(harm)}`);
      if (values.stories && typeof harm !== "string") tell(harm.result);
    }
  });
  print(`${(harmless.length * (harmless.length - 1)) / 2} pairs of ${harmless.length} checks`);
  return true;
};

const run = (): boolean => {
  if (values.mutants) return searchMutants();
  if (values.pairs) return searchPairs();
  return searchWorlds();
};

if (values.help) {
  print(HELP);
} else {
  try {
    process.exitCode = run() ? 0 : 1;
  } catch (error) {
    refuse(error);
  }
}
