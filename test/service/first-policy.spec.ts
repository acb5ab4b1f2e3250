/** Which policy a ledger gets that has none: the configured file's, the demonstration's on a first try, or none at all. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect } from "effect";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { policyVersion } from "../../src/domain/ids.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { secret, type Secret } from "../../src/service/config/secret.ts";
import { demandPolicy } from "../../src/service/first-policy.ts";
import { DEMO_POLICY, DEMO_POLICY_WRITTEN } from "../../src/service/policy-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-first-policy-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const world = (options: {
  readonly file: string | null;
  readonly url: Secret | null;
  readonly active?: Policy;
}) => {
  const activated: { readonly version: number; readonly written: unknown; readonly where: unknown }[] = [];
  const wiring = {
    config: { policy: { file: options.file }, database: { url: options.url } },
    ledger: {
      activatePolicy: (version: number, written: unknown, _actor: string, where?: string) =>
        Effect.sync(() => {
          activated.push({ version, written, where });
        }),
    },
    policies: { active: () => options.active ?? null, refresh: Effect.void },
    // of the wiring these are what it looks at
  } as unknown as Parameters<typeof demandPolicy>[0];
  return { activated, demand: () => demandPolicy(wiring, "test") };
};

describe("a ledger without a policy", () => {
  it("gets the one of the configured file", async () => {
    const file = join(folder, "policy.json");
    writeFileSync(file, JSON.stringify({ ...(DEMO_POLICY_WRITTEN as Policy), version: 7 }));
    const { activated, demand } = world({ file, url: secret("postgres://somewhere") });
    await demand();
    expect(activated).toMatchObject([{ version: 7, where: "none-is-active" }]);
  });

  it("gets the demonstration's where the embedded server says that this is a first try", async () => {
    const { activated, demand } = world({ file: null, url: null });
    await demand();
    expect(activated).toEqual([
      { version: DEMO_POLICY.version, written: DEMO_POLICY_WRITTEN, where: "none-is-active" },
    ]);
  });

  it("gets none behind an operator's back", async () => {
    const { activated, demand } = world({ file: null, url: secret("postgres://somewhere") });
    await demand();
    expect(activated).toEqual([]);
  });

  it("is told everything that is wrong with the file, and keeps waiting for a policy", async () => {
    const file = join(folder, "policy.json");
    writeFileSync(file, JSON.stringify({ version: policyVersion(1), zone: "Mars/Olympus" }));
    const { activated, demand } = world({ file, url: null });
    await expect(demand()).rejects.toThrow(/policy\.file: .*zone.*channels/s);
    expect(activated).toEqual([]);
  });
});

describe("a ledger with a policy", () => {
  it("keeps it, whatever the configuration names", async () => {
    const { activated, demand } = world({
      file: join(folder, "not-there.json"),
      url: null,
      active: DEMO_POLICY,
    });
    await demand();
    expect(activated).toEqual([]);
  });
});
