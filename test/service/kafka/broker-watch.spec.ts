import { beforeEach, describe, expect, it } from "vitest";
import { openLog } from "../../../src/adapters/telemetry/log.ts";
import { Transient } from "../../../src/failure.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { BrokerWatch } from "../../../src/service/kafka/broker-watch.ts";

const TOPIC = "millrace.request.email";
const REFUSED = new Transient({ message: "publishing to t: nobody answers", code: "kafka:ECONNREFUSED" });

describe("BrokerWatch", () => {
  let clock: VirtualClock;
  let said: string[];
  let events: string[];
  let watch: BrokerWatch;
  beforeEach(() => {
    clock = new VirtualClock();
    said = [];
    events = [];
    const sink = {
      write: (line: string) => void events.push((JSON.parse(line) as { event: string }).event), // a line of ours
    };
    watch = new BrokerWatch({
      log: openLog({ sink }),
      say: (words) => said.push(words),
      clock,
    });
  });

  it("names a topic that cannot be read, for how long and why, until it is read again", async () => {
    watch.expect(TOPIC);
    expect(watch.trouble).toBe(`the group of ${TOPIC} was not joined yet`);
    watch.told({ type: "group:join:done", topic: TOPIC, partitions: [0, 1] });
    expect(watch.trouble).toBeNull();
    watch.told({ type: "broker:away:seen", topic: TOPIC, code: "kafka:ECONNREFUSED", inMs: 250 });
    await clock.advance(12_000);
    watch.told({ type: "broker:away:seen", topic: TOPIC, code: "kafka:ECONNREFUSED", inMs: 500 });
    expect(watch.trouble).toBe(`${TOPIC} cannot be read for 12 s now (kafka:ECONNREFUSED)`);
    watch.told({ type: "group:join:done", topic: TOPIC, partitions: [0, 1] });
    expect(watch.trouble).toBeNull();
    expect(said).toEqual([
      `Topic ${TOPIC} cannot be read (kafka:ECONNREFUSED): it is tried again and again, and nothing is lost.`,
      `Topic ${TOPIC} is read again, after 12 s.`,
    ]);
    expect(events).toEqual(["group:join:done", "broker:away:seen", "broker:away:seen", "group:join:done"]);
  });

  it("says a trouble that lasts every half minute, also where the adapter tells of it once", async () => {
    watch.told({ type: "broker:away:seen", topic: TOPIC, code: "kafka:_TRANSPORT", inMs: 5_000 });
    await clock.advance(95_000);
    expect(said).toHaveLength(4);
    expect(said[3]).toBe(
      `Still waiting for the brokers: ${TOPIC} cannot be read for 90 s now (kafka:_TRANSPORT).`,
    );
    watch.told({ type: "group:rebalance:begin", topic: TOPIC });
    expect(watch.trouble).not.toBeNull();
    watch.told({ type: "group:join:done", topic: TOPIC, partitions: [0] });
    await clock.advance(95_000);
    expect(said.slice(4)).toEqual([`Topic ${TOPIC} is read again, after 95 s.`]);
  });

  it("says nothing more once it is closed", async () => {
    watch.told({ type: "broker:away:seen", topic: TOPIC, code: "kafka:_TRANSPORT", inMs: 5_000 });
    watch.close();
    await clock.advance(95_000);
    expect(said).toHaveLength(1);
  });

  it("names what cannot be published, and says when it can again", async () => {
    watch.published(null);
    expect(said).toEqual([]);
    watch.published(REFUSED);
    await clock.advance(3_000);
    watch.published(REFUSED);
    expect(watch.trouble).toBe("nothing can be published for 3 s now (kafka:ECONNREFUSED)");
    watch.published(null);
    expect(watch.trouble).toBeNull();
    expect(said).toEqual([
      "The log takes no records (publishing to t: nobody answers): they stay queued, and are published later.",
      "The log takes records again, after 3 s.",
    ]);
    expect(events).toEqual(["log:publish:failed", "log:publish:done"]);
  });

  it("does not conclude from a refusal of long ago, and counts from the first one while they go on", async () => {
    watch.published(REFUSED);
    await clock.advance(59_000);
    expect(watch.trouble).toContain("for 59 s now");
    watch.published(REFUSED);
    await clock.advance(59_000);
    expect(watch.trouble).toContain("for 118 s now");
    await clock.advance(1_000);
    expect(watch.trouble).toBeNull();
    watch.published(null);
    expect(said.at(-1)).toBe("The log takes records again, after 119 s.");
  });

  it("takes a rebalance for nothing to worry about", () => {
    watch.expect(TOPIC);
    watch.told({ type: "group:join:done", topic: TOPIC, partitions: [0] });
    watch.told({ type: "group:rebalance:begin", topic: TOPIC });
    expect(watch.trouble).toBeNull();
    watch.told({ type: "log:begin-anew:seen", topic: TOPIC, partition: 0, from: 9, to: 0 });
    watch.told({ type: "log:gap:seen", topic: TOPIC, partition: 0, from: 0, to: 4 });
    expect(events.slice(-3)).toEqual(["group:rebalance:begin", "log:begin-anew:seen", "log:gap:seen"]);
    expect(said).toEqual([]);
  });
});
