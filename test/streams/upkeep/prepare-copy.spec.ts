import { Effect, Result } from "effect";
import { describe, expect, it } from "vitest";
import { reveal } from "../../../src/domain/masking-sensitive.ts";
import { Permanent, Transient } from "../../../src/failure.ts";
import {
  canNeverBeMade,
  prepareCopy,
  type PrepareCopyPorts,
} from "../../../src/streams/upkeep/prepare-copy.ts";
import { CLASSES, POLICY, worldWith, type World } from "./world.ts";

const made = async (world: World, ports: PrepareCopyPorts = world.ports) => {
  const [provider] = world.ports.providers;
  if (provider === undefined) throw new Error("there is no provider");
  return world.run(Effect.result(prepareCopy(ports, provider, await world.doubt("n1"), POLICY)));
};

describe("prepareCopy", () => {
  it("makes the same bytes from what the ledger keeps", async () => {
    const world = await worldWith(CLASSES.A);
    await world.doubtful("n1");
    const copy = Result.getOrThrow(await made(world));
    expect(reveal(copy.to)).toBe("n1@example.com");
    expect(copy.rendered.digest).toBe((await world.doubt("n1")).attempt.contentDigest);
  });

  it("loads what lies elsewhere, and tells a bill that is gone from a store that is away", async () => {
    const world = await worldWith(CLASSES.A);
    const content = { sealed: 'sealed:{"sum":"n1"}', ref: { place: "file:n1.json", sha256: null } };
    await world.doubtful("n1", { content });
    const elsewhere = (answer: Result.Result<string, Permanent | Transient>) => ({
      ...world.ports,
      bills: { load: () => Effect.succeed([answer]) },
    });
    const whole = await made(world, elsewhere(Result.succeed("sealed:{}")));
    expect(Result.isSuccess(whole)).toBe(true);
    const gone = await made(world, elsewhere(Result.fail(new Permanent({ message: "no such bill" }))));
    expect(Result.isFailure(gone) && canNeverBeMade(gone.failure)).toBe(true);
    const away = await made(world, elsewhere(Result.fail(new Transient({ message: "away" }))));
    expect(Result.isFailure(away) && canNeverBeMade(away.failure)).toBe(false);
  });

  it("refuses a copy whose inputs have changed, under the same template version", async () => {
    const world = await worldWith(CLASSES.A);
    await world.doubtful("n1");
    world.templates.salt = "changed";
    const refused = await made(world);
    expect(Result.isFailure(refused) && refused.failure).toMatchObject({ _tag: "Permanent", code: "digest" });
  });
});
