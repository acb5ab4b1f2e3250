import { describe, expect, it } from "vitest";
import { RETOLD_AFTER_MS } from "../../../src/domain/ports/letters.ts";
import { Transient } from "../../../src/failure.ts";
import { relayLetters } from "../../../src/streams/upkeep/relay-letters.ts";
import { worldWith } from "./world.ts";

describe("relayLetters", () => {
  it("tells of each entry into failed or in doubt, once", async () => {
    const world = await worldWith();
    await world.failed("lost");
    await world.doubtful("unclear");
    const duty = relayLetters(world.ports, world.limits());
    expect(await world.turn(duty)).toEqual({ found: 2, changed: 2, more: false });
    await world.clock.advance(10 * RETOLD_AFTER_MS);
    expect(await world.turn(duty)).toMatchObject({ found: 0 });
    expect(world.told.map(({ noticeId, kind }) => `${noticeId} ${kind}`).sort()).toEqual([
      "lost failed",
      "unclear doubt",
    ]);
  });

  it("repeats a line that was not told, and keeps none of the others back", async () => {
    const world = await worldWith();
    await world.failed("a");
    await world.failed("b");
    const duty = relayLetters(world.ports, world.limits());
    world.tellFailure = ({ noticeId }) =>
      noticeId === "a" ? new Transient({ message: "the topic is away" }) : null;
    await expect(world.turn(duty)).rejects.toThrow("the topic is away");
    expect(world.told.map(({ noticeId }) => noticeId)).toEqual(["b"]);
    world.tellFailure = null;
    await world.clock.advance(RETOLD_AFTER_MS);
    await world.turn(duty);
    expect(world.told.map(({ noticeId }) => noticeId)).toEqual(["b", "a"]);
  });
});
