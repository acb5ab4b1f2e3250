/**
 * Two deliverers and two dispatchers of a service, killed one by one at random moments while runs go on, each followed by a
 * new process at once; upkeep and the gateway are left alone. In the end everything is settled, the gateway's own journal
 * knows no message twice, and in doubt was exactly what was `intent` at a kill.
 */
import { setTimeout as wait } from "node:timers/promises";
import {
  BRIEF,
  type GatewayClass,
  gatewayFlags,
  startGateway,
  writeBills,
} from "../../test/service/end-to-end/november.ts";
import { openPlace, type Place } from "../../test/service/end-to-end/place.ts";
import { SendsAtKills } from "../../test/service/end-to-end/sends-at-kills.ts";
import { Crew, type Seat } from "./crew.ts";
import { Draw } from "../../test/support/draw.ts";
import { keepRunning, runsOverCap } from "./keep-running.ts";
import { isSettled, wrongFates } from "./settled.ts";
import { lastWords, type Summary, type Telling, verdictOf, wrongIn } from "./proof.ts";

export interface RolesProof extends Telling {
  readonly kills: number;
  readonly seed: number;
  readonly itsClass: GatewayClass;
  /** What the gateway keeps of it: where that is less, the proof has to fail, or it would prove nothing. */
  readonly keepsClass: GatewayClass;
  /** Bills for each kill. */
  readonly count: number;
  readonly latencyMs: number;
  readonly patienceMs: number;
}

/** So few in flight, and pages so small, that the work lasts for as long as the killing does. */
const CAP = 300;
const NARROW = {
  ...BRIEF,
  MILLRACE_DELIVERY_WINDOW_CREDITS: "80",
  MILLRACE_DISPATCH_PAGE_SIZE: "10",
  MILLRACE_DISPATCH_CAP_PER_RUN: String(CAP),
};

const BETWEEN_KILLS_MS = [300, 5_000] as const;

export const proveRoles = async (proof: RolesProof): Promise<Summary> => {
  const { seed, itsClass } = proof;
  const beganMs = performance.now();
  const place = proof.opened(await openPlace(NARROW));
  try {
    const gateway = await startGateway(
      place,
      "--class",
      proof.keepsClass,
      "--latency",
      String(proof.latencyMs),
    );
    const flags = gatewayFlags(gateway.url, itsClass);
    const crew = new Crew(place, flags);
    for (const role of ["upkeep", "deliver", "deliver", "dispatch", "dispatch"] as const) crew.add(role);
    await crew.ready();
    const ingested = await place.call("ingest", await writeBills(place, proof.count * proof.kills), "--json");
    if (ingested.code !== 0) throw new Error(`the bills could not be taken in: ${lastWords(ingested)}`);

    const sends = new SendsAtKills(place);
    const runs = keepRunning(place, crew);
    const kills = await killing(place, proof, crew, sends);
    const opened = await runs.done;
    await place.until("everything is settled", () => isSettled(place, itsClass), proof.patienceMs);

    const wrong: string[] = [
      ...(await crew.dismiss()),
      ...(await runsOverCap(place, CAP)),
      ...(kills.length < proof.kills
        ? [`everything was settled after ${kills.length} kills: give more with --count`]
        : []),
    ];
    const verified = await place.call(...flags, "verify", "--provider-journal", gateway.journal, "--json");
    const verdict = verdictOf(verified);
    const fates = await sends.fates();
    wrong.push(
      ...wrongIn(verdict, { inDoubt: itsClass === "C" ? fates.doubts : 0 }),
      ...wrongFates(fates, itsClass),
      ...(fates.doubts === 0 ? ["no kill left a doubt behind: nothing was shown of them"] : []),
    );
    const { sent, failed, in_doubt, open, duplicates, lost, balanced } = verdict ?? {};
    return {
      ...{ what: "roles", class: itsClass, seed, ok: wrong.length === 0, wrong, kills: kills.length },
      killed: {
        deliver: kills.filter((role) => role === "deliver").length,
        dispatch: kills.filter((role) => role === "dispatch").length,
      },
      ...{ runs: opened, intentAtKills: fates.atKills, doubts: fates.doubts, doubtsByState: fates.byState },
      ...{ doubtsOfNoKill: fates.strangers.length, ingested: verdict?.ingested },
      ...{ sent, failed, in_doubt, open, duplicates, lost, balanced },
      elapsedMs: Math.round(performance.now() - beganMs),
    };
  } finally {
    await place.close();
  }
};

/** The role of each that was killed. */
const killing = async (
  place: Place,
  { kills, seed, itsClass, print }: RolesProof,
  crew: Crew,
  sends: SendsAtKills,
): Promise<readonly Seat["role"][]> => {
  const draw = new Draw(seed);
  const mortal = crew.seats.filter(({ role }) => role !== "upkeep");
  const [first, ...others] = mortal;
  if (first === undefined) throw new Error("there is nobody to kill");
  const killed: Seat["role"][] = [];
  while (killed.length < kills) {
    const afterMs = draw.within(...BETWEEN_KILLS_MS);
    const seat = draw.one([first, ...others]);
    await wait(afterMs);
    if (await isSettled(place, itsClass)) break;
    const pid = await crew.kill(seat);
    const out = await sends.note(pid);
    crew.replace(seat);
    killed.push(seat.role);
    print(
      `kill ${killed.length}: ${seat.role}, process ${pid}, ${afterMs} ms after the one before; ${out} rights to send were out`,
    );
  }
  return killed;
};
