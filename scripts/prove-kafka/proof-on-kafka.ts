/**
 * One proof: a service on Kafka does its work while it is disturbed; in the end everything has to be settled, the ledger clean by the
 * gateway's own journal, and in doubt nothing but what was out when its process was killed or frozen.
 */
import { readFile } from "node:fs/promises";
import { isSettled, wrongFates } from "../prove-kills/settled.ts";
import { type Summary, verdictOf, wrongIn } from "../prove-kills/proof.ts";
import { openWorld, type World, type WorldOptions } from "./world.ts";

/** What a disturbance has seen. */
export interface Disturbed {
  readonly figures: Readonly<Record<string, unknown>>;
  readonly wrong: readonly string[];
  readonly kills?: number;
}

/** Carried out while the work goes on. */
export interface Disturbance {
  readonly name: string;
  readonly disturb: (world: World) => Promise<Disturbed>;
}

export const proveOnKafka = async (
  what: string,
  options: WorldOptions,
  disturbances: readonly Disturbance[],
): Promise<Summary> => {
  const openedMs = performance.now();
  const world = await openWorld(options);
  try {
    const { print } = options;
    print(
      `${what}: ${world.crew.seats.length} processes serve, ${options.count} bills, class ${options.itsClass}`,
    );
    const seen: Record<string, Disturbed["figures"]> = {};
    const wrong: string[] = [];
    let kills = 0;
    for (const { name, disturb } of disturbances) {
      const found = await disturb(world);
      print(
        `${name}: ${JSON.stringify(found.figures)}${found.wrong.map((words) => `; WRONG: ${words}`).join("")}`,
      );
      seen[name] = found.figures;
      wrong.push(...found.wrong);
      kills += found.kills ?? 0;
    }
    const judged = await judge(world);
    wrong.push(...judged.wrong);
    return {
      ...{ what, client: options.client ?? "kafkajs", class: options.itsClass, seed: options.seed },
      ...{ ok: wrong.length === 0, wrong, kills, ...seen, ...judged.figures },
      elapsedMs: Math.round(performance.now() - openedMs),
    };
  } finally {
    await world.close();
  }
};

/** Waits for the end of everything, and holds it against the promise. */
const judge = async (world: World): Promise<Disturbed> => {
  const { options, place, crew, runs, supply, flags, gateway, sends, beganMs } = world;
  const { itsClass, patienceMs, print } = options;
  let opened: number | null = null;
  const admitted = runs.done.then((count) => {
    opened = count;
  });
  const wrong: string[] = [];
  try {
    await supply.withRuns(() =>
      place.until("every bill is admitted", () => Promise.resolve(opened !== null), patienceMs),
    );
    await place.until("everything is settled", () => isSettled(place, itsClass), patienceMs);
  } catch (error) {
    wrong.push(`${error instanceof Error ? error.message : String(error)}: ${await standing(world)}`);
  }
  const settledMs = performance.now() - beganMs;
  runs.stop();
  await admitted.catch(() => undefined);
  print(`settled after ${(settledMs / 1_000).toFixed(1)} s; asking everybody to end, and verifying`);
  wrong.push(...(await crew.dismiss()));
  const verified = await place.call(...flags, "verify", "--provider-journal", gateway.journal, "--json");
  const verdict = verdictOf(verified);
  const fates = await sends.fates();
  wrong.push(
    ...wrongIn(verdict, { inDoubt: itsClass === "C" ? (fates.byState["in_doubt"] ?? 0) : 0 }),
    ...wrongFates(fates, itsClass),
  );
  const journal = await acceptances(gateway.journal);
  const repeated = [...journal.byReference.values()].filter((count) => count > 1).length;
  if (repeated > 0) wrong.push(`${repeated} references were accepted more than once`);
  const { ingested, sent, failed, in_doubt, open, duplicates, lost, balanced } = verdict ?? {};
  if (ingested !== options.count) wrong.push(`${ingested ?? "no"} were ingested, not ${options.count}`);
  return {
    wrong,
    figures: {
      ...{ runs: opened, intentAtKills: fates.atKills, doubts: fates.doubts, doubtsByState: fates.byState },
      ...{ ingested, sent, failed, in_doubt, open, duplicates, lost, balanced },
      ...{ accepted: journal.accepted, byChannel: journal.byChannel, acceptedTwice: repeated },
      ...{ settledMs: Math.round(settledMs), perSecond: Math.round((options.count / settledMs) * 1_000) },
    },
  };
};

/** What the gateway itself has written down, read by nobody's code but this. */
const acceptances = async (journal: string) => {
  const byReference = new Map<string, number>();
  const byChannel: Record<string, number> = {};
  const lines = (await readFile(journal, "utf8")).split("\n").filter((line) => line !== "");
  for (const line of lines) {
    const { reference, channel } = JSON.parse(line) as { reference: string; channel: string }; // as the gateway writes it
    byReference.set(reference, (byReference.get(reference) ?? 0) + 1);
    byChannel[channel] = (byChannel[channel] ?? 0) + 1;
  }
  return { accepted: lines.length, byReference, byChannel };
};

/** How many stand where. */
const standing = async ({ place }: World): Promise<string> => {
  const rows = await place.query<{ status: string; n: number }>(
    "SELECT status::text, count(*)::int AS n FROM millrace.notice GROUP BY status ORDER BY status",
  );
  return rows.map(({ status, n }) => `${n} ${status}`).join(", ");
};
