import { Effect, Result } from "effect";
import { describe, expect, it } from "vitest";
import type { WireRecord } from "../../../src/adapters/kafka/log-message.ts";
import { channelId, instant, noticeId, period, policyVersion } from "../../../src/domain/ids.ts";
import type { UntoldResult } from "../../../src/domain/ports/results.ts";
import { readResult } from "../../../src/domain/records/result-record.ts";
import { Transient } from "../../../src/failure.ts";
import { tellResults } from "../../../src/service/kafka/tell-results.ts";
import type { Publisher } from "../../../src/streams/runtime/publisher.ts";

const AWAY = new Transient({ message: "the topic is away" });

const result = (id: string): UntoldResult => ({
  ...{
    noticeId: noticeId(id),
    period: period(202611),
    generation: 1,
    epoch: 6,
    status: "sent",
    reason: null,
  },
  ...{ channel: channelId("sms"), attempts: 2, billId: `bill-${id}`, memberId: `member-${id}` },
  ...{ policyVersion: policyVersion(4), runId: null, provider: "sms-gateway", providerMessageId: "m-9f3c" },
  ...{ endedAt: instant(1_763_690_652_000), traceparent: null, mark: "7/1" },
});

describe("tellResults", () => {
  it("publishes a page in one call, and gives each record's own answer", async () => {
    const calls: (readonly WireRecord[])[] = [];
    const out: Publisher<WireRecord> = {
      publish: (records) =>
        Effect.sync(() => {
          calls.push(records.map(({ body }) => body));
          return records.map(({ key }) => (key === "bill-b" ? Result.fail(AWAY) : Result.succeed(undefined)));
        }),
    };
    const tell = tellResults({ out, topic: "results", key: "bill" });
    expect(await Effect.runPromise(tell([result("a"), result("b")]))).toEqual([
      Result.succeed(undefined),
      Result.fail(AWAY),
    ]);
    expect(calls.map((page) => page.map(({ topic, key }) => [topic, key]))).toEqual([
      [
        ["results", "bill-a"],
        ["results", "bill-b"],
      ],
    ]);
    const { mark, ...told } = result("a");
    expect(mark).toBe("7/1");
    expect(readResult(calls[0]?.[0]?.value ?? null)).toEqual(Result.succeed(told));
  });

  it("is keyed by member where the log is, and asks nobody about an empty page", async () => {
    const keys: string[] = [];
    const out: Publisher<WireRecord> = {
      publish: (records) =>
        Effect.sync(() => {
          keys.push(...records.map(({ key }) => key));
          return [];
        }),
    };
    const tell = tellResults({ out, topic: "results", key: "member" });
    expect(await Effect.runPromise(tell([]))).toEqual([]);
    expect(await Effect.runPromise(tell([result("a")])), "no answer is no success").toMatchObject([
      { failure: { _tag: "Unconfirmed" } },
    ]);
    expect(keys).toEqual(["member-a"]);
  });
});
