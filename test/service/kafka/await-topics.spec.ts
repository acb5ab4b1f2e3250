import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import type { FoundTopic } from "../../../src/adapters/kafka/topic-plan.ts";
import { type Failure, Permanent, Transient } from "../../../src/failure.ts";
import { awaitTopics } from "../../../src/service/kafka/await-topics.ts";
import { configOf } from "../config-of.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const PLAN = { name: "t", partitions: 4, replication: 3, retentionMs: 60_000, recordBytes: 1_000 };
const FOUND: FoundTopic = { ...PLAN, inSync: 2 };
const AWAY = new Transient({ message: "looking at t: nobody answers", code: "kafka:ECONNREFUSED" });

const waiting = (answers: readonly (Failure | readonly (FoundTopic | null)[])[]) => {
  const clock = new VirtualClock();
  const said: string[] = [];
  const noted: string[] = [];
  const stop = new AbortController();
  let asked = 0;
  const ready = awaitTopics(
    {
      describe: () => {
        const answer = answers[Math.min(asked, answers.length - 1)] ?? [];
        asked += 1;
        return "_tag" in answer ? Effect.fail(answer) : Effect.succeed(answer);
      },
    },
    {
      kafka: configOf({}).kafka,
      plans: [PLAN],
      ...{ clock, signal: stop.signal },
      say: (words) => void noted.push(words),
      waits: (words) => void said.push(words),
    },
  );
  return { clock, said, noted, stop, ready, asked: () => asked };
};

describe("awaitTopics", () => {
  it("waits for brokers for as long as it takes, says so every few seconds, and goes on by itself", async () => {
    const { clock, said, ready, asked } = waiting([...Array.from({ length: 8 }, () => AWAY), [FOUND]]);
    await clock.advance(60_000);
    expect(await ready).toBe(true);
    expect(asked()).toBe(9);
    expect(said.length).toBeGreaterThan(3);
    expect(said[0]).toContain("waiting for the brokers, for 0 s now (looking at t: nobody answers)");
    expect(said[0]).toContain("MILLRACE_KAFKA_BROKERS");
  });

  it("refuses a topic that is not there, with the command that makes it", async () => {
    const { ready } = waiting([[null]]);
    await expect(ready).rejects.toMatchObject({
      ending: "refused",
      message: expect.stringContaining('make it with "millrace topics create"') as string,
    });
  });

  it("refuses what no waiting mends, with the setting to look at", async () => {
    const failure = new Permanent({ message: "looking at t: no", code: "kafka:SASL_AUTHENTICATION_FAILED" });
    await expect(waiting([failure]).ready).rejects.toMatchObject({
      message: expect.stringContaining("MILLRACE_KAFKA_PASSWORD") as string,
    });
  });

  it("tells what can be lived with, and goes on", async () => {
    const { noted, ready } = waiting([[{ ...FOUND, partitions: 2 }]]);
    expect(await ready).toBe(true);
    expect(noted).toEqual([expect.stringContaining("has 2 partitions, not 4")]);
  });

  it("ends at once when somebody wants to stop", async () => {
    const { clock, stop, ready } = waiting([AWAY]);
    await clock.advance(2_000);
    stop.abort();
    expect(await ready).toBe(false);
  });
});
