import { Effect, Result } from "effect";
import { describe, expect, it } from "vitest";
import type { WireRecord } from "../../../src/adapters/kafka/log-message.ts";
import { memoryLedger } from "../../../src/adapters/memory/notice-ledger.ts";
import { memoryPoisonLetters } from "../../../src/adapters/memory/poison-letters.ts";
import { instant } from "../../../src/domain/ids.ts";
import type { PoisonRecord } from "../../../src/domain/ports/notice-ledger.ts";
import { readDeadLetter } from "../../../src/domain/records/dead-letter-record.ts";
import { tellPoison } from "../../../src/service/kafka/tell-poison.ts";

const record = (offset: string, payload: string): PoisonRecord => ({
  ...{ topic: "millrace.request.email", partition: 3, offset },
  ...{ reason: "it is no JSON", stage: "consume-requests", attempts: 1 },
  payload: Buffer.from(payload),
  digest: { sha256: "9f86d081", bytes: 913_408 },
});

describe("tellPoison", () => {
  it("copies the ledger's entries into the topic of dead letters, with what of them has room there", async () => {
    const ledger = memoryLedger({ now: () => instant(7) });
    const small = `v1.k2026.${"x".repeat(100)}`;
    await Effect.runPromise(
      ledger.poison([record("1", small), record("2", `v1.k2026.${"x".repeat(2_000)}`)]),
    );
    const copies: WireRecord[] = [];
    const { outbox, tell } = tellPoison({
      out: {
        publish: (records) =>
          Effect.sync(() => {
            copies.push(...records.map(({ body }) => body));
            return records.map(() => Result.succeed(undefined));
          }),
      },
      topic: "dead-letters",
      poison: memoryPoisonLetters(ledger),
      letterBytes: 21_000,
    });
    const page = await Effect.runPromise(outbox.untold(16));
    expect(await Effect.runPromise(tell(page))).toHaveLength(2);
    await Effect.runPromise(outbox.told(page));
    expect(copies.map(({ topic, key }) => `${topic} ${key}`)).toEqual([
      "dead-letters millrace.request.email/3/1",
      "dead-letters millrace.request.email/3/2",
    ]);
    expect(copies.map(({ value }) => Result.getOrThrow(readDeadLetter(value)))).toMatchObject([
      { kind: "poison", offset: "1", payload: { kind: "sealed", text: small }, openedAt: 7 },
      { kind: "poison", offset: "2", payload: { kind: "elsewhere", sha256: "9f86d081", bytes: 913_408 } },
    ]);
  });
});
