/**
 * What happens to processes: killed, asked to end, frozen.
 */
import { setTimeout as wait } from "node:timers/promises";
import { SESSION_TIMEOUT_MS } from "../../test/service/end-to-end/on-kafka.ts";
import type { Seat } from "../prove-kills/crew.ts";
import { lastWords } from "../prove-kills/proof.ts";
import type { Disturbance } from "./proof-on-kafka.ts";
import { SeenAgain } from "./seen-again.ts";
import { countOf, goesOn, hasWork, mostInFlight, type World } from "./world.ts";

/** A worker reads its topics: it is in both groups. */
export const isReading = async (world: World, seat: Seat): Promise<boolean> => {
  const { checks } = await world.crew.readinessOf(seat);
  return checks.some(({ name, ok }) => name === "log" && ok);
};

/** How many notices it has in that status. */
const heldBy = (world: World, { running }: Seat, status: "claimed" | "sending"): Promise<number> =>
  countOf(world, `millrace.notice WHERE status = '${status}' AND owner LIKE '%:${running.pid}:%'`);

/** Until a worker has sends under way, a dispatcher a run. False where nothing is left to do. */
const isAtWork = (world: World, seat: Seat): Promise<boolean> => {
  switch (seat.role) {
    case "deliver":
      return hasWork(world, "it has sends under way", async () => (await heldBy(world, seat, "sending")) > 0);
    case "dispatch":
      return world.supply.withRuns(() =>
        hasWork(
          world,
          "a run is open",
          async () => (await countOf(world, "millrace.run WHERE state = 'open'")) > 0,
        ),
      );
    case "upkeep":
      return hasWork(world, "it is there", () => Promise.resolve(true));
  }
};

/** Each process in turn, at a random moment, with a new one in its place at once. */
export const kills = (times: number, betweenMs: readonly [number, number]): Disturbance => ({
  name: "killed",
  disturb: async (world) => {
    const { crew, draw, sends, options } = world;
    const killed: Record<string, number> = {};
    const order = draw.shuffled(crew.seats);
    let done = 0;
    await goesOn(world, "before the first kill");
    while (done < times) {
      const seat = order[done % order.length];
      if (seat === undefined) break;
      const afterMs = draw.within(...betweenMs);
      await crew.baseOf(seat); // somebody who serves
      await wait(afterMs);
      if (!(await isAtWork(world, seat))) break;
      const pid = await crew.kill(seat);
      const out = seat.role === "deliver" ? await sends.note(pid) : 0;
      crew.replace(seat);
      done += 1;
      killed[seat.role] = (killed[seat.role] ?? 0) + 1;
      options.print(`kill ${done}: ${seat.role}, process ${pid}; ${out} rights to send were out`);
    }
    return {
      kills: done,
      figures: killed,
      wrong: done < times ? [`everything was settled after ${done} kills: give more with --count`] : [],
    };
  },
});

/** Everybody after the other is asked to end and followed by a new one, as a new version is rolled out. */
export const rolling: Disturbance = {
  name: "rolling",
  disturb: async (world) => {
    const { crew, options } = world;
    const wrong: string[] = [];
    const seen = new SeenAgain(world);
    await goesOn(world, "before the rolling restart");
    let most = 0;
    let atWork = 0;
    const byRebalance: number[] = [];
    for (const seat of [...crew.of("deliver"), ...crew.of("dispatch"), ...crew.of("upkeep")]) {
      const isWorker = seat.role === "deliver";
      if ((await isAtWork(world, seat)) && isWorker) atWork += 1;
      most = Math.max(most, await seen.look());
      const followed = isWorker ? seen.follow(seat) : Promise.resolve();
      const ended = await crew.end(seat);
      await followed;
      if (ended.code !== 0)
        wrong.push(`${seat.role} ended with ${ended.code ?? ended.signal} at SIGTERM: ${lastWords(ended)}`);
      const left = await heldBy(world, seat, "claimed");
      if (left > 0) wrong.push(`${seat.role} ended in order and has left ${left} claims`);
      const others = crew.of("deliver").filter((other) => other !== seat);
      if (isWorker) byRebalance.push(await againUntilRead(world, seen, others));
      crew.replace(seat);
      await crew.baseOf(seat);
      if (isWorker) byRebalance.push(await againUntilRead(world, seen, crew.of("deliver")));
      options.print(`restarted: ${seat.role}; seen again, by rebalance: ${byRebalance.join(", ")}`);
    }
    await seen.look();
    if (atWork === 0)
      wrong.push("everything was settled before anybody was replaced: give more with --count");
    const bound = mostInFlight(world);
    // what comes late of one rebalance is counted with the next
    for (const [at, again] of byRebalance.entries()) {
      const both = again + (byRebalance[at + 1] ?? 0);
      if (both > 2 * bound)
        wrong.push(`${both} records were seen again in two rebalances, more than twice ${bound} in flight`);
    }
    return {
      wrong,
      figures: {
        ...{ restarted: crew.seats.length, workersAtWork: atWork, seenAgainByRebalance: byRebalance },
        ...{ seenAgain: seen.repeated + seen.refused, ofThemRefused: seen.refused },
        ...{ mostInFlight: most, mayBeInFlight: bound },
      },
    };
  },
};

/** Waits until those have the partitions among them and go on; answers what all have seen again since the last time. */
const againUntilRead = async (world: World, seen: SeenAgain, readers: readonly Seat[]): Promise<number> => {
  for (const seat of readers) {
    await world.place.until("who reads has its partitions", () => isReading(world, seat));
  }
  await goesOn(world, "after a rebalance");
  await seen.look();
  return seen.sinceLastAsked();
};

/** Freezes it with sends and claims in hand. False, and not frozen, where nothing is left to send. */
const isFrozenAtWork = async (world: World, seat: Seat): Promise<boolean> => {
  const { place, sends } = world;
  // not just the first few
  const fewestSends = world.credits / 8;
  const hasBoth = async (): Promise<boolean> =>
    (await heldBy(world, seat, "sending")) >= fewestSends && (await heldBy(world, seat, "claimed")) > 0;
  for (;;) {
    if (!(await hasWork(world, "it has sends and claims in hand", hasBoth))) return false;
    seat.running.kill("SIGSTOP");
    await place.until("the server has nothing of it under way", () => sends.hasServed(seat.running.pid));
    // what it had may have been settled in that moment
    if (await hasBoth()) return true;
    await sends.excuse(seat.running.pid);
    seat.running.kill("SIGCONT");
  }
};

/** A worker is frozen with sends and claims in hand, until others have taken what they may, and then goes on. */
export const frozen: Disturbance = {
  name: "frozen",
  disturb: async (world) => {
    const { crew, place, sends, options } = world;
    const [seat] = crew.of("deliver");
    if (seat === undefined) throw new Error("there is nobody to freeze");
    const { pid } = seat.running;
    const held = (status: "claimed" | "sending"): Promise<number> => heldBy(world, seat, status);
    if (!(await isFrozenAtWork(world, seat)))
      return {
        figures: {},
        wrong: ["nobody was frozen with sends and claims in hand: give more with --count"],
      };
    const fromMs = performance.now();
    const out = await sends.note(pid);
    const claims = await held("claimed");
    options.print(`frozen: process ${pid}; ${out} rights to send were out, ${claims} claims`);
    // the silence has to be longer than the brokers bear it; what is waited for besides comes later than that on a slow machine only
    await wait(SESSION_TIMEOUT_MS + 2_000);
    await place.until("others have what it had claimed", async () => (await held("claimed")) === 0);
    await place.until("its sends are in doubt", async () => (await held("sending")) === 0);
    await goesOn(world, "by the others while it is frozen");
    const forMs = performance.now() - fromMs;
    seat.running.kill("SIGCONT");
    await place.until("it reads its topics again", () => isReading(world, seat));
    const wrong =
      options.itsClass !== "C" && forMs >= options.deltaMs
        ? [
            `it was frozen for ${Math.round(forMs)} ms, not less than Δ (${options.deltaMs} ms): nothing is promised`,
          ]
        : [];
    return { wrong, figures: { frozenMs: Math.round(forMs), sendsOut: out, claims } };
  },
};
