import { tmpdir } from "node:os";
import { Result } from "effect";
import { describe, expect, it } from "vitest";
import type { LoadedConfig } from "../../src/service/config/config.ts";
import { loadConfig } from "../../src/service/config/load.ts";
import { demoConfig } from "../../src/service/demo-config.ts";

const loaded = (environment: Readonly<Record<string, string>>): LoadedConfig => {
  const read = loadConfig({ folder: tmpdir(), environment });
  if (Result.isFailure(read)) throw new Error(JSON.stringify(read.failure));
  return read.success;
};

describe("the configuration of a demonstration", () => {
  it("has short windows, so that the doubts of a kill are over within 20 seconds of the next start", () => {
    const { delivery, upkeep, providers } = demoConfig(loaded({}));
    const deltas = [...providers.values()].map(({ terms }) => Number(terms.deltaMs));
    expect(delivery.sendWindowMs + Math.max(upkeep.answerWindowMs, ...deltas)).toBeLessThan(15_000);
    expect(delivery.leaseMs).toBeLessThan(10_000);
  });

  it("leaves what somebody has written, also where that is the usual default", () => {
    const { delivery, upkeep } = demoConfig(
      loaded({ MILLRACE_DELIVERY_LEASE_MS: "30000", MILLRACE_UPKEEP_ANSWER_WINDOW_MS: "61000" }),
    );
    expect([delivery.leaseMs, upkeep.answerWindowMs]).toEqual([30_000, 61_000]);
    expect(delivery.sendWindowMs).toBe(3_000);
  });

  it("changes nothing else", () => {
    const of = loaded({});
    const { delivery, upkeep, ...others } = demoConfig(of);
    expect({ ...of.config, delivery, upkeep }).toEqual({ ...others, delivery, upkeep });
  });
});
