/**
 * One question to the provider, and everything that can come of its answer.
 */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { instant } from "../../../src/domain/ids.ts";
import { Transient } from "../../../src/failure.ts";
import { lookUpDoubt } from "../../../src/streams/upkeep/look-up-doubt.ts";
import type { HelpPorts } from "../../../src/streams/upkeep/settle-doubt.ts";
import { EMAIL, SEND_WINDOW_MS } from "../../contracts/notice-ledger-commands.ts";
import { ANSWER_WINDOW_MS, CLASSES, DELTA_MS, HOUR_MS, POLICY, worldWith, type World } from "./world.ts";

const SETTLED_MS = SEND_WINDOW_MS + DELTA_MS + 1;

const inDoubt = async (): Promise<World> => {
  const world = await worldWith(CLASSES.B);
  await world.doubtful("n1");
  await world.clock.advance(SETTLED_MS);
  return world;
};

const lookUp = async (world: World, askedAt = world.now) => {
  const stopping = new AbortController().signal;
  const ports: HelpPorts = { ...world.ports, limits: world.limits(), stopping };
  const [provider] = world.ports.providers;
  if (provider === undefined) throw new Error("there is no provider");
  return world.run(lookUpDoubt(ports, provider, await world.doubt("n1"), POLICY, askedAt));
};

describe("lookUpDoubt", () => {
  it("takes what is found for an acceptance", async () => {
    const world = await inDoubt();
    world.lookUp = () => Effect.succeed({ found: true, providerMessageId: "m-1", words: "found" });
    expect(await lookUp(world)).toEqual({ kind: "settled", words: "accepted: found" });
    expect(world.view("n1")).toMatchObject({
      notice: { status: "sent" },
      attempts: [{ state: "accepted", providerMessageId: "m-1", evidence: "found" }],
    });
  });

  it("takes nothing found, asked late enough, for a no: the next attempt, after its back-off", async () => {
    const world = await inDoubt();
    await lookUp(world);
    const { notice, attempts, deadLetters } = world.view("n1");
    expect(notice).toMatchObject({ status: "queued", channel: EMAIL, attemptNo: 2 });
    expect(notice.dueAt).toBeGreaterThan(world.now);
    expect(attempts).toMatchObject([{ state: "not_handed_over" }]);
    expect(deadLetters).toMatchObject([{ kind: "doubt", state: "resolved" }]);
  });

  it("proves nothing by a question that was asked too early, or answered too late", async () => {
    const early = await inDoubt();
    expect(await lookUp(early, instant(early.now - 1))).toMatchObject({ kind: "again" });
    const late = await inDoubt();
    late.lookUp = () => Effect.delay(Effect.succeed({ found: false, words: "nothing" }), 10_000);
    await late.clock.advance(HOUR_MS - SETTLED_MS - 5_000);
    const help = lookUp(late);
    await late.clock.advance(10_000);
    expect(await help).toMatchObject({ kind: "again" });
    for (const world of [early, late]) expect(world.view("n1").notice.status).toBe("in_doubt");
  });

  it("waits no longer than the provider's answer window", async () => {
    const world = await inDoubt();
    world.lookUp = () => Effect.never;
    const help = lookUp(world);
    await world.clock.advance(ANSWER_WINDOW_MS);
    expect(await help).toEqual({ kind: "again", words: "the look-up was not answered in time" });
  });

  it("concludes nothing from an answer that cannot be believed", async () => {
    const world = await inDoubt();
    world.lookUp = () => Effect.fail(new Transient({ message: "a bare 404" }));
    await expect(lookUp(world)).rejects.toThrow("a bare 404");
    expect(world.view("n1").notice.status).toBe("in_doubt");
  });
});
