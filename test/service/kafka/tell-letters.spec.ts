import { Effect, Result } from "effect";
import { describe, expect, it } from "vitest";
import type { WireRecord } from "../../../src/adapters/kafka/log-message.ts";
import { attemptId, channelId, instant, noticeId, period } from "../../../src/domain/ids.ts";
import type { Letter } from "../../../src/domain/ports/letters.ts";
import { readDeadLetter } from "../../../src/domain/records/dead-letter-record.ts";
import { Transient } from "../../../src/failure.ts";
import { tellLetters } from "../../../src/service/kafka/tell-letters.ts";
import type { Publisher } from "../../../src/streams/runtime/publisher.ts";
import type { TellPage } from "../../../src/streams/upkeep/relay.ts";

const AWAY = new Transient({ message: "the topic is away" });
const FULL = new Transient({ message: "the disk is full" });

const letter = (id: string): Letter => ({
  ...{ noticeId: noticeId(id), period: period(202611), epoch: 4, kind: "failed", generation: 1 },
  ...{ attemptId: attemptId("a-1"), reason: "render-notice: no name", state: "open", openedAt: instant(5) },
  ...{ channel: channelId("sms"), runId: null, stage: "render-notice", attempts: 3 },
  ...{ firstTriedAt: instant(1), lastTriedAt: instant(4) },
});

const world = () => {
  const lines: string[] = [];
  const copies: WireRecord[] = [];
  const state = { full: new Set<string>(), refused: new Set<string>(), isAway: false };
  const write: TellPage<Letter> = (page) =>
    Effect.sync(() =>
      page.map(({ noticeId: id }) => {
        if (state.full.has(id)) return Result.fail(FULL);
        lines.push(id);
        return Result.succeed(undefined);
      }),
    );
  const out: Publisher<WireRecord> = {
    publish: (records) =>
      state.isAway
        ? Effect.fail(AWAY)
        : Effect.sync(() =>
            records.map(({ body }) => {
              if (state.refused.has(body.key)) return Result.fail(AWAY);
              copies.push(body);
              return Result.succeed(undefined);
            }),
          ),
  };
  const teller = (rememberedCount?: number) =>
    tellLetters({
      ...{ out, lines: write, topic: "dead-letters" },
      ...(rememberedCount === undefined ? {} : { rememberedCount }),
    });
  return { lines, copies, state, teller };
};

const TOLD = Result.succeed(undefined);

describe("tellLetters", () => {
  it("writes a line and publishes a copy of each letter", async () => {
    const { lines, copies, teller } = world();
    expect(await Effect.runPromise(teller()([letter("a"), letter("b")]))).toEqual([TOLD, TOLD]);
    expect(lines).toEqual(["a", "b"]);
    expect(copies.map(({ topic, key }) => `${topic} ${key}`)).toEqual(["dead-letters a", "dead-letters b"]);
    expect(readDeadLetter(copies[0]?.value ?? null)).toMatchObject({
      success: { kind: "failed", noticeId: "a", epoch: 4, stage: "render-notice", openedAt: 5 },
    });
  });

  it("writes the line while the brokers are away, and not again with each try", async () => {
    const { lines, copies, state, teller } = world();
    const tell = teller();
    state.isAway = true;
    for (let tries = 0; tries < 3; tries += 1)
      expect(await Effect.runPromise(Effect.result(tell([letter("a")])))).toEqual(Result.fail(AWAY));
    expect(lines).toEqual(["a"]);
    state.isAway = false;
    expect(await Effect.runPromise(tell([letter("a")]))).toEqual([TOLD]);
    expect(lines).toEqual(["a"]);
    expect(copies).toHaveLength(1);
  });

  it("has told of a letter only when both the log and the topic have it", async () => {
    const { lines, copies, state, teller } = world();
    const tell = teller();
    state.full.add("a");
    state.refused.add("b");
    const page = [letter("a"), letter("b"), letter("c")];
    expect(await Effect.runPromise(tell(page))).toEqual([Result.fail(FULL), Result.fail(AWAY), TOLD]);
    state.full.clear();
    state.refused.clear();
    expect(await Effect.runPromise(tell(page.slice(0, 2)))).toEqual([TOLD, TOLD]);
    expect(lines).toEqual(["b", "c", "a"]);
    expect(copies.map(({ key }) => key)).toEqual(["a", "c", "a", "b"]);
  });

  it("remembers a bounded number of lines: beyond it one may come again, and none is left out", async () => {
    const { lines, state, teller } = world();
    const tell = teller(1);
    state.isAway = true;
    const page = [letter("a"), letter("b")];
    await Effect.runPromise(Effect.result(tell(page)));
    state.isAway = false;
    await Effect.runPromise(tell(page));
    expect(lines).toEqual(["a", "b", "a"]);
  });
});
