/**
 * `npm start` killed at random moments: npm, its shell and Node at once, in some rounds their Postgres, too; each time started
 * again and left to its end, where the ledger has to be clean, by the providers' own journal as well.
 *
 * The moments are spread evenly over everything that a start does, from npm's first breath to the verdict. Every fifth round
 * has a folder of its own, so that the making of the databases is hit, too; the others follow each other in one folder, whose
 * ledger grows, and what a round leaves behind the next one finds.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type Ended, openPlace, type Place, type Running } from "../../test/service/end-to-end/place.ts";
import { Draw } from "../../test/support/draw.ts";
import { type Figures, lastWords, type Summary, type Telling, verdictOf, wrongIn } from "./proof.ts";

export interface DemoProof extends Telling {
  readonly kills: number;
  readonly seed: number;
  /** Bills of one start. */
  readonly count: number;
  /** How long a start may take to its end. */
  readonly patienceMs: number;
}

type Victim = "npm and Node" | "npm, Node and Postgres";

interface Round {
  readonly victim: Victim;
  readonly afterMs: number;
  readonly doubts: number;
  /** From the next start until the last doubt had its end; empty where there was none. */
  readonly resolvedAfterMs: number | null;
  readonly figures: Figures | null;
  readonly wrong: readonly string[];
}

/** Of the rounds: those that kill the server, too. */
const SERVER_SHARE = 0.4;
const FRESH_EVERY = 5;
/** What a kill leaves has to resolve itself within this of the next start. */
const RESOLVED_WITHIN_MS = 20_000;
/** A start that was over before its moment is drawn again, so often for each kill. */
const DRAWS = 5;

export const proveDemo = async (proof: DemoProof): Promise<Summary> => {
  const { kills, seed, count, print } = proof;
  const draw = new Draw(seed);
  const beganMs = performance.now();
  const rounds: Round[] = [];
  const wrong: string[] = [];
  const old = proof.opened(await openPlace());
  try {
    const first = await toItsEnd(old, proof);
    const whole = first.elapsedMs;
    print(`not killed: ${count} bills in ${seconds(whole)}, ${sums(first.figures)}`);
    wrong.push(...first.wrong.map((words) => `not killed: ${words}`));

    for (let nth = 1; nth <= kills; nth += 1) {
      const isFresh = nth % FRESH_EVERY === 0;
      const place = isFresh ? proof.opened(await openPlace()) : old;
      try {
        const round = await oneRound(place, proof, draw, Math.round(whole));
        rounds.push(round);
        print(
          `kill ${nth}: ${round.victim}${isFresh ? ", in a new folder" : ""}, after ${seconds(round.afterMs)}; ${round.doubts} doubts` +
            `${round.resolvedAfterMs === null ? "" : `, resolved ${seconds(round.resolvedAfterMs)} after the next start`}; ${sums(round.figures)}` +
            round.wrong.map((words) => `; WRONG: ${words}`).join(""),
        );
        wrong.push(...round.wrong.map((words) => `kill ${nth}: ${words}`));
      } finally {
        if (isFresh) await place.close();
      }
    }
    const verified = await old.call("verify", "--json");
    wrong.push(...wrongIn(verdictOf(verified), { inDoubt: 0 }).map((words) => `verify: ${words}`));
    const { ingested, sent, failed, held, duplicates, lost, balanced } = verdictOf(verified) ?? {};
    const doubts = rounds.reduce((sum, round) => sum + round.doubts, 0);
    if (doubts === 0) wrong.push("no kill left a doubt behind: nothing was shown of them");
    return {
      ...{ what: "demo", seed, ok: wrong.length === 0, wrong, kills: rounds.length },
      withServer: rounds.filter(({ victim }) => victim !== "npm and Node").length,
      ...{ doubts, in_doubt: verdictOf(verified)?.in_doubt },
      longestResolvedAfterMs: Math.max(0, ...rounds.map(({ resolvedAfterMs }) => resolvedAfterMs ?? 0)),
      ...{ ingested, sent, failed, held, duplicates, lost, balanced },
      elapsedMs: Math.round(performance.now() - beganMs),
    };
  } finally {
    await old.close();
  }
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const sums = (figures: Figures | null): string =>
  figures === null
    ? "no verdict"
    : `ingested ${figures.ingested}, sent ${figures.sent}, failed ${figures.failed}, held ${figures.held}, in doubt ${figures.in_doubt}, duplicates ${figures.duplicates ?? "unknown"}, lost ${figures.lost}`;

const started = (place: Place, { count }: DemoProof): Running =>
  place.startByNpm("--count", String(count), "--json");

const within = async (running: Running, patienceMs: number): Promise<Ended | null> => {
  const stop = new AbortController();
  const late = wait(patienceMs, null, { signal: stop.signal }).catch(() => null);
  const ended = await Promise.race([running.ended, late]);
  stop.abort();
  return ended;
};

/** One start that nobody disturbs. */
const toItsEnd = async (
  place: Place,
  proof: DemoProof,
): Promise<Pick<Round, "figures" | "wrong"> & { readonly elapsedMs: number; readonly said: string }> => {
  const beganMs = performance.now();
  const running = started(place, proof);
  const ended = await within(running, proof.patienceMs);
  const elapsedMs = performance.now() - beganMs;
  if (ended === null) {
    running.kill("SIGKILL");
    const { error } = await running.ended;
    const wrong = [`not at its end after ${seconds(proof.patienceMs)}: ${lastWords({ error, out: "" })}`];
    return { figures: null, wrong, elapsedMs, said: error };
  }
  const figures = verdictOf(ended);
  const wrong = [
    ...(ended.code === 0 ? [] : [`exit code ${ended.code ?? ended.signal}: ${lastWords(ended)}`]),
    ...wrongIn(figures, { inDoubt: 0 }),
  ];
  return { figures, wrong, elapsedMs, said: ended.error };
};

const oneRound = async (place: Place, proof: DemoProof, draw: Draw, wholeMs: number): Promise<Round> => {
  const victim: Victim = draw.chance(SERVER_SHARE) ? "npm, Node and Postgres" : "npm and Node";
  for (let tries = 1; tries <= DRAWS; tries += 1) {
    const afterMs = draw.within(0, wholeMs);
    const running = started(place, proof);
    if ((await within(running, afterMs)) !== null) continue; // over already: that was no kill
    running.kill("SIGKILL");
    if (victim !== "npm and Node") await place.killServer("SIGKILL");
    await running.ended;
    const againMs = Date.now();
    const { figures, wrong } = await toItsEnd(place, proof);
    const { doubts, lastMs } = await doubtsSince(place, againMs);
    const resolvedAfterMs = lastMs === null ? null : lastMs - againMs;
    return {
      ...{ victim, afterMs, doubts, resolvedAfterMs, figures },
      wrong:
        resolvedAfterMs !== null && resolvedAfterMs > RESOLVED_WITHIN_MS
          ? [...wrong, `the last doubt had its end only after ${seconds(resolvedAfterMs)}`]
          : wrong,
    };
  }
  const wrong = [`${DRAWS} starts were over before they could be killed`];
  return { victim, afterMs: wholeMs, doubts: 0, resolvedAfterMs: null, figures: null, wrong };
};

/** By the history, whose times are those of this machine: the server runs on it. */
const doubtsSince = async (
  { query }: Place,
  sinceMs: number,
): Promise<{ readonly doubts: number; readonly lastMs: number | null }> => {
  const [found] = await query<{ doubts: number; last: string | null }>(
    `SELECT (count(*) FILTER (WHERE to_status = 'in_doubt' AND from_status <> 'in_doubt'))::int AS doubts,
            max(at) FILTER (WHERE from_status = 'in_doubt') AS last
     FROM millrace.history WHERE at >= ${sinceMs}`,
  );
  return { doubts: found?.doubts ?? 0, lastMs: found?.last == null ? null : Number(found.last) };
};
