/** Whether a process can do its work: what makes it unready, and what is only said. */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { instant } from "../../src/domain/ids.ts";
import { Transient } from "../../src/failure.ts";
import { type AtWork, readinessOf } from "../../src/service/readiness.ts";
import type { DutyHealth } from "../../src/streams/upkeep/duty-loop.ts";

type Wiring = Parameters<typeof readinessOf>[0];

const WELL: DutyHealth = {
  ...{ name: "lapse-leases", turns: 3, changed: 0, bugs: 0 },
  ...{ lastDoneAgoMs: 1_000, failing: null, failingForMs: null },
};

const of = (wrong: Partial<Wiring> = {}, atWork: Partial<AtWork> = {}) => {
  const alive = () => Effect.succeed([{ roles: ["all"] }]);
  const wiring = {
    ledger: { now: Effect.succeed(instant(1)) },
    members: { alive },
    gates: new Map(),
    policies: { active: () => ({ version: 1 }) },
    kafka: null,
    ...wrong,
    // of the wiring these are what it looks at
  } as unknown as Wiring;
  return Effect.runPromise(readinessOf(wiring, { isDraining: () => false, duties: () => [WELL], ...atWork }));
};
const unreadyBy = async (answer: ReturnType<typeof of>): Promise<readonly string[]> =>
  (await answer).checks.filter(({ ok }) => !ok).map(({ name }) => name);

describe("a process is ready", () => {
  it("where nothing is wrong, and names all that was looked at", async () => {
    const { checks } = await of();
    expect(checks.map(({ name }) => name)).toEqual([
      ...["database", "schema", "log", "policy", "providers", "upkeep", "draining"],
    ]);
    expect(await unreadyBy(of())).toEqual([]);
  });

  it("but for a database that is away, a policy that is missing, brokers that are away, and its own end", async () => {
    const away = { now: Effect.fail(new Transient({ message: "the database is away" })) };
    expect(await unreadyBy(of({ ledger: away as unknown as Wiring["ledger"] }))).toEqual(["database", "log"]);
    const none = { active: () => null } as unknown as Wiring["policies"];
    expect(await unreadyBy(of({ policies: none }))).toEqual(["policy"]);
    const kafka = { watch: { trouble: "the brokers are away" } } as unknown as Wiring["kafka"];
    expect(await unreadyBy(of({ kafka }))).toEqual(["log"]);
    expect(await unreadyBy(of({}, { isDraining: () => true }))).toEqual(["draining"]);
  });

  it("where a provider is paused or a duty fails, too: others go on, and it is said", async () => {
    const gates = new Map([
      ["email", { state: "paused", waiting: "email is paused for 3 s" }],
    ]) as unknown as Wiring["gates"];
    const failing = { ...WELL, failing: "Transient: no answer", failingForMs: 90_000 };
    const { checks } = await of({ gates }, { duties: () => [WELL, failing] });
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.flatMap(({ name, reason }) => (reason === null ? [] : [`${name}: ${reason}`]))).toEqual([
      "log: the ledger itself is the log",
      "providers: email is paused for 3 s",
      "upkeep: lapse-leases fails for 90 s (Transient)",
    ]);
  });
});
