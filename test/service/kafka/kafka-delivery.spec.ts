import { Effect, Result } from "effect";
import { describe, expect, it } from "vitest";
import type { LogMessage } from "../../../src/adapters/kafka/log-message.ts";
import type { OffsetSource } from "../../../src/streams/runtime/source.ts";
import { kafkaDelivery } from "../../../src/service/kafka/kafka-delivery.ts";
import { Leases } from "../../../src/streams/delivery/leases.ts";
import { memoryLedger } from "../../../src/adapters/memory/notice-ledger.ts";
import { instant, noticeId, policyVersion, workerId } from "../../../src/domain/ids.ts";
import { aNotice, command, EMAIL, PERIOD, START } from "../../contracts/notice-ledger-commands.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const WORKER = workerId("worker:1");
const messageOf = (value: string): LogMessage => ({
  ...{ topic: "request.email", partition: 3, offset: 7, key: null, headers: {}, timestampMs: 0 },
  value: new TextEncoder().encode(value),
});

const opened = (more: Partial<OffsetSource<LogMessage>> = {}) => {
  const clock = new VirtualClock();
  const ledger = memoryLedger({ now: () => instant(START) });
  const leases = new Leases({ ledger, worker: WORKER, leaseMs: 30_000, system: clock.ports });
  const source: OffsetSource<LogMessage> = {
    kind: "offsets",
    name: "request.email of g",
    can: {
      ...{ individualAck: false, partitions: true, delayedRetry: false, priority: false },
      awaitedRevocation: false,
    },
    open: () => Effect.void,
    pull: () => Effect.never,
    commit: (marks) => Effect.succeed(marks.map(() => "committed")),
    close: Effect.void,
    ...more,
  };
  const cipher = {
    seal: () => "v1.k1.c2VhbGVk",
    open: () => Result.succeed({} as never), // nothing is opened here
  };
  const kafka = { source: () => source as unknown as OffsetSource<never> }; // of messages, whatever body is asked for
  const log = kafkaDelivery({ channel: EMAIL, cipher, leases }, kafka, {
    topic: "request.email",
    groupId: "g",
  });
  return { ledger, leases, log };
};

describe("kafkaDelivery", () => {
  it("believes of a request the hint alone, in the present version and the one before it", () => {
    const { log } = opened();
    const hint = { noticeId: "n1", period: 202611, epoch: 3 };
    const old = JSON.stringify({ schema: "millrace.request", version: 1, ...hint, channel: "email" });
    expect(log.read(messageOf(old))).toEqual(Result.succeed({ ...hint, claim: null }));
    const unreadable = log.read(messageOf("{"));
    expect(Result.isFailure(unreadable) && unreadable.failure).toMatchObject({ _tag: "Undecodable" });
  });

  it("takes no record that lies in the topic of another channel", () => {
    const hint = { noticeId: "n1", period: 202611, epoch: 3 };
    const misplaced = JSON.stringify({ schema: "millrace.request", version: 1, ...hint, channel: "sms" });
    const read = opened().log.read(messageOf(misplaced));
    expect(Result.isFailure(read) && read.failure).toMatchObject({
      _tag: "Undecodable",
      message: "reading a request of email: it is one of sms, in the wrong topic",
    });
  });

  it("keeps what cannot be read by its place, its bytes sealed", () => {
    const { log } = opened();
    const dead = {
      ...{ pipeline: "deliver-email", record: "3@7", key: "", attempts: 1, stage: "consume-requests" },
      ...{ failure: "Undecodable" as const, reason: "it is no JSON", stack: null, atMs: 0 },
      body: messageOf("hong@example.com"),
    };
    const kept = log.keepPoison(dead);
    expect(kept).toMatchObject({
      topic: "request.email",
      partition: 3,
      offset: "7",
      reason: "it is no JSON",
    });
    expect(Buffer.from(kept.payload).toString("utf8")).toBe("v1.k1.c2VhbGVk");
  });

  it("gives back what is still claimed when it closes, also where the source does not close well", async () => {
    for (const close of [Effect.void, Effect.die(new Error("the source is broken"))]) {
      const { ledger, leases, log } = opened({ close });
      await Effect.runPromise(ledger.activatePolicy(policyVersion(1), {}, "operator"));
      await Effect.runPromise(ledger.ingest([aNotice("n1", { dueAt: instant(START) })]));
      await Effect.runPromise(ledger.apply("route", [command("route", "n1")]));
      await Effect.runPromise(
        ledger.apply("claim", [command("claim", "n1", { actor: WORKER, owner: WORKER, epoch: 1 })]),
      );
      leases.take({ noticeId: noticeId("n1"), period: PERIOD, epoch: 2 });
      await Effect.runPromiseExit(log.source.close);
      expect(ledger.notices().map(({ notice }) => notice.status)).toEqual(["queued"]);
    }
  });
});
