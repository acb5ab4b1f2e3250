import { expect, it } from "vitest";
import { toldAtOnceMs, toldByUpkeepMs } from "../../src/service/republish-times.ts";
import { configOf } from "./config-of.ts";

it("tells nobody again where the ledger is the log, and soon where there are brokers", () => {
  const yearMs = 365 * 24 * 3_600_000;
  expect([toldAtOnceMs(configOf({})), toldByUpkeepMs(configOf({}))]).toEqual([yearMs, yearMs]);
  const withBrokers = configOf({
    MILLRACE_KAFKA_BROKERS: "kafka-1:9092",
    MILLRACE_KAFKA_REPUBLISH_MS: "2000",
  });
  expect([toldAtOnceMs(withBrokers), toldByUpkeepMs(withBrokers)]).toEqual([2_000, 0]);
});
