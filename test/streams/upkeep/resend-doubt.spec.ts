/**
 * One copy more, and everything that can come of it.
 */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { policyVersion } from "../../../src/domain/ids.ts";
import { reveal } from "../../../src/domain/masking-sensitive.ts";
import { Unconfirmed } from "../../../src/failure.ts";
import { resendDoubt } from "../../../src/streams/upkeep/resend-doubt.ts";
import type { HelpPorts } from "../../../src/streams/upkeep/settle-doubt.ts";
import type { UpkeepLedger } from "../../../src/streams/upkeep/upkeep-ports.ts";
import { EMAIL, SEND_WINDOW_MS } from "../../contracts/notice-ledger-commands.ts";
import { CLASSES, DELTA_MS, POLICY, worldWith, type World } from "./world.ts";

const SETTLED_MS = SEND_WINDOW_MS + DELTA_MS + 1;

const inDoubt = async (): Promise<World> => {
  const world = await worldWith(CLASSES.A);
  await world.doubtful("n1");
  await world.clock.advance(SETTLED_MS);
  return world;
};

const resend = async (world: World, ledger: UpkeepLedger = world.ledger) => {
  const ports: HelpPorts = {
    ...world.ports,
    ledger,
    limits: world.limits({ permitWaitMs: 1_000 }),
    stopping: new AbortController().signal,
  };
  const [provider] = world.ports.providers;
  if (provider === undefined) throw new Error("there is no provider");
  return world.run(resendDoubt(ports, provider, await world.doubt("n1"), POLICY));
};

describe("resendDoubt", () => {
  it("sends the bytes that the attempt was made with, and believes the provider's answer to the repeat", async () => {
    const world = await inDoubt();
    world.answer = () => ({ kind: "accepted", providerMessageId: "m-1", words: "accepted before" });
    expect(await resend(world)).toMatchObject({ kind: "settled" });
    const [copy] = world.copies;
    expect(copy === undefined ? null : reveal(copy.request.to)).toBe("n1@example.com");
    expect(copy === undefined ? null : reveal(copy.request.message)).toMatchObject({ text: '{"sum":"n1"}' });
    expect(world.view("n1").notice.status).toBe("sent");
    expect(world.gate.inFlight, "the permit came back").toBe(0);
  });

  it("takes a refusal of the newest copy for a refusal of all, and goes on by the pinned policy", async () => {
    const world = await inDoubt();
    world.answer = () => ({ kind: "rejected", forGood: false, words: "not this time" });
    await resend(world);
    const { notice, attempts } = world.view("n1");
    expect(notice).toMatchObject({ status: "queued", channel: EMAIL, attemptNo: 2 });
    expect(attempts).toMatchObject([{ state: "rejected", copies: 2 }]);
  });

  it.each([
    { kind: "unknown", words: "no answer" },
    { kind: "not-accepted", trouble: "busy", retryAfterMs: null, words: "too busy" },
    { kind: "not-handed-over", trouble: "down", words: "refused the connection" },
  ] as const)("leaves the doubt as it was after $kind, until the next copy may leave", async (outcome) => {
    const world = await inDoubt();
    world.answer = () => outcome;
    expect(await resend(world)).toMatchObject({ kind: "again", notBefore: world.now + SETTLED_MS });
    expect(world.view("n1")).toMatchObject({ notice: { status: "in_doubt" }, attempts: [{ copies: 2 }] });
    await world.clock.advance(SETTLED_MS - 1);
    expect(await resend(world), "too early").toMatchObject({ kind: "again" });
    expect(world.copies).toHaveLength(1);
    await world.clock.advance(1);
    await resend(world);
    expect(world.copies.map(({ committed }) => committed)).toEqual([2, 3]);
  });

  it("sends nothing whose right is not positively known to be committed", async () => {
    const world = await inDoubt();
    const lost = new Unconfirmed({ message: "the answer to the COMMIT was lost" });
    const ledger: UpkeepLedger = {
      ...world.ledger,
      apply: (type, batch) => Effect.flatMap(world.ledger.apply(type, batch), () => Effect.fail(lost)),
    };
    await expect(resend(world, ledger)).rejects.toThrow("was lost");
    expect(world.copies).toEqual([]);
    expect(world.view("n1").attempts, "though it was").toMatchObject([{ copies: 2 }]);
    expect(world.gate.inFlight).toBe(0);
  });

  it("sends nothing when the answer to the right comes too late to be used", async () => {
    const world = await inDoubt();
    const ledger: UpkeepLedger = {
      ...world.ledger,
      apply: (type, batch) => Effect.tap(world.ledger.apply(type, batch), () => Effect.sleep(SEND_WINDOW_MS)),
    };
    const help = resend(world, ledger);
    await world.clock.advance(SEND_WINDOW_MS);
    expect(await help).toMatchObject({ kind: "again" });
    expect(world.copies).toEqual([]);
  });

  it("ends automation where the bytes would not be the same", async () => {
    const changed = await inDoubt();
    changed.templates.salt = "somebody changed the templates under the same version";
    expect(await resend(changed)).toMatchObject({ kind: "owed" });
    const gone = await inDoubt();
    gone.templates.version = "t2";
    expect(await resend(gone)).toMatchObject({ kind: "owed", words: "there is no template t1" });
    for (const world of [changed, gone]) {
      expect(world.copies).toEqual([]);
      expect(world.view("n1").attempts).toMatchObject([{ copies: 1 }]);
    }
  });

  it("sends nothing in a quiet hour, a pause, or to a recipient who has objected", async () => {
    const quiet = await inDoubt();
    const hour = new Date(quiet.now).getUTCHours() + 9; // the policy's zone is nine hours ahead
    const minute = (hour % 24) * 60;
    const quietHours = [{ fromMinute: minute, untilMinute: minute + 120 }];
    await quiet.activate({ ...POLICY, version: policyVersion(2), quietHours });
    const help = await resend(quiet);
    expect(help).toMatchObject({ kind: "again", words: "it may not leave now" });
    const paused = await inDoubt();
    await Effect.runPromise(paused.ledger.pause(EMAIL, "repairs", "operator:kim"));
    expect(await resend(paused)).toMatchObject({ words: "no copy may leave: not-now, T11r.paused" });
    const objected = await inDoubt();
    await Effect.runPromise(objected.ledger.suppress("user-of-n1", "objected", "operator:kim"));
    expect(await resend(objected)).toMatchObject({ words: "no copy may leave: not-now, T11r.suppressed" });
    for (const world of [quiet, paused, objected]) {
      expect(world.copies).toEqual([]);
      expect(world.gate.inFlight).toBe(0);
    }
  });

  it("waits for a permit no longer than it may", async () => {
    const world = await inDoubt();
    const permits = Array.from({ length: 1_000 }, () => world.gate.tryTake());
    const help = resend(world);
    await world.clock.advance(1_000);
    expect(await help).toMatchObject({ kind: "again", words: "the provider takes no more requests for now" });
    for (const permit of permits) permit?.giveBack();
    expect(world.view("n1").attempts).toMatchObject([{ copies: 1 }]);
  });

  it("gives its permit back when the sender throws", async () => {
    const world = await inDoubt();
    world.answer = () => {
      throw new Error("a bug in the adapter");
    };
    await expect(resend(world)).rejects.toThrow("a bug");
    expect(world.gate.inFlight).toBe(0);
    expect(world.view("n1").notice.status).toBe("in_doubt");
  });

  it("asks a ledger that is away again, rather than to lose what it has learned", async () => {
    const world = await inDoubt();
    world.answer = () => ({ kind: "accepted", providerMessageId: "m-1", words: "accepted" });
    let failures = 3;
    const ledger: UpkeepLedger = {
      ...world.ledger,
      apply: (type, batch) =>
        Effect.suspend(() => {
          if (type !== "accept" || failures === 0) return world.ledger.apply(type, batch);
          failures -= 1;
          return Effect.fail(new Unconfirmed({ message: "the database is away" }));
        }),
    };
    const help = resend(world, ledger);
    await world.clock.advance(5_000);
    expect(await help).toMatchObject({ kind: "settled" });
    expect(world.view("n1").notice.status).toBe("sent");
    expect(world.copies).toHaveLength(1);
  });
});
