/**
 * What names no readable notice is kept as it came, and its place in the log moves on.
 */
import { Effect, Result } from "effect";
import { describe, expect, it } from "vitest";
import { MemoryLog } from "../../../src/adapters/memory/log.ts";
import { noticeId } from "../../../src/domain/ids.ts";
import { Transient, Undecodable } from "../../../src/failure.ts";
import type { ReadRequest } from "../../../src/streams/delivery/consume-requests.ts";
import { deadLetters, type KeepPoison } from "../../../src/streams/delivery/dead-letter.ts";
import { deliveryPipeline } from "../../../src/streams/delivery/delivery-pipeline.ts";
import type { DeadRecord } from "../../../src/streams/runtime/publisher.ts";
import { PERIOD } from "../../contracts/notice-ledger-commands.ts";
import { worldWith } from "./delivery-world.ts";

const read: ReadRequest<string> = (record) =>
  record.startsWith("notice:")
    ? Result.succeed({ noticeId: noticeId(record.slice(7)), period: PERIOD, epoch: 1, claim: null })
    : Result.fail(new Undecodable({ message: "it names no notice", code: "request" }));

/** Coordinates out of `partition@offset`, and the bytes as they were. */
const keepPoison: KeepPoison = ({ record, body, reason, stage, attempts }) => {
  const [partition = "", offset = ""] = record.split("@");
  return {
    ...{ topic: "requests", partition: Number(partition), offset, reason, stage, attempts },
    payload: new TextEncoder().encode(String(body)),
    digest: { sha256: "00", bytes: String(body).length },
  };
};

const dead: DeadRecord = {
  ...{ pipeline: "deliver-email", record: "0@1", key: "k", body: "x", attempts: 1 },
  ...{ stage: "consume-requests", failure: "Undecodable", reason: "why", stack: null, atMs: 0 },
};

describe("deadLetters", () => {
  it("keeps a poison record with its bytes and where it lay, and the log goes on behind it", async () => {
    const world = await worldWith();
    await world.queue("n1");
    const log = new MemoryLog<string>(1);
    for (const record of ["\0 no notice", "notice:n1"]) log.append("0", "key", record);
    log.end();
    const reader = log.reader("worker");
    const running = deliveryPipeline(world.ports(), { source: reader, read, keepPoison }).start();
    await world.clock.runUntil(running.done, 60_000);
    expect(world.view("n1").notice.status).toBe("sent");
    const [poison, ...others] = world.ledger.poisoned();
    expect(others).toEqual([]);
    expect(poison).toMatchObject({
      topic: "requests",
      partition: 0,
      offset: "0",
      reason: "it names no notice",
    });
    expect(new TextDecoder().decode(poison?.payload)).toBe("\0 no notice");
    expect(log.committed("0"), "both are done with").toBe(2);
  });

  it("says of a bug where it is, and nothing of the record that it tripped over", async () => {
    const world = await worldWith();
    const log = new MemoryLog<string>(1);
    log.append("0", "key", "kim.minsu@example.com");
    log.end();
    const breaks: ReadRequest<string> = (record) => {
      throw new SyntaxError(`${record} is not valid JSON`);
    };
    const kept: DeadRecord[] = [];
    const running = deliveryPipeline(world.ports(), {
      source: log.reader("worker"),
      read: breaks,
      keepPoison: (record) => {
        kept.push(record);
        return keepPoison(record);
      },
    }).start();
    await world.clock.runUntil(running.done, 60_000);
    const [poison] = world.ledger.poisoned();
    expect(poison?.reason).toMatch(/^a bug in our program at .*dead-letter\.spec/);
    expect(kept).toMatchObject([{ stack: null }]);
  });

  it("fails where the ledger did not take it: the record is not done with before it is kept", async () => {
    const away = new Transient({ message: "the database is away" });
    const ledger = { apply: () => Effect.fail(away), poison: () => Effect.fail(away) };
    const written = await Effect.runPromise(Effect.result(deadLetters({ ledger }, keepPoison).write([dead])));
    expect(written).toMatchObject({ failure: { message: "the database is away" } });
  });

  it("asks nothing of the ledger where there is nothing to keep", async () => {
    const ledger = { apply: () => Effect.never, poison: () => Effect.never };
    expect(await Effect.runPromise(deadLetters({ ledger }, keepPoison).write([]))).toBeUndefined();
  });
});
