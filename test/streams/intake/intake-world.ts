/**
 * An intake's surroundings in memory, on a virtual clock: candidates, runs whose pages can fail, be lost or be late, and a log that may be
 * away.
 */
import { Effect, Result } from "effect";
import { memoryLedger, type MemoryLedger } from "../../../src/adapters/memory/notice-ledger.ts";
import { memoryRuns } from "../../../src/adapters/memory/runs.ts";
import { instant, policyVersion, runId, workerId, type Instant } from "../../../src/domain/ids.ts";
import type { Policy } from "../../../src/domain/policy.ts";
import type { NewNotice } from "../../../src/domain/ports/notice-ledger.ts";
import type { Run, Runs } from "../../../src/domain/ports/runs.ts";
import { type Failure, Permanent, Transient, Unconfirmed } from "../../../src/failure.ts";
import type { Routed } from "../../../src/streams/intake/bodies.ts";
import { type IntakePorts, PAGE_TIMEOUT_MS } from "../../../src/streams/intake/intake-ports.ts";
import { effectContext } from "../../../src/streams/runtime/system-ports.ts";
import { aNotice, START } from "../../contracts/notice-ledger-commands.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { POLICY } from "../delivery/delivery-world.ts";
import { policiesAtHand } from "../upkeep/ports-at-hand.ts";

/** What befalls one page. `lost`: committed, but the answer did not come · `unwritten`: nothing happened, which nobody knows. */
export type PageFault = "none" | "transient" | "lost" | "unwritten" | "late" | "slow" | "permanent" | "bug";

export const RUN = runId("run-1");

export class IntakeWorld {
  readonly clock: VirtualClock;
  readonly ledger: MemoryLedger;
  readonly runs: Runs;
  readonly published: Routed[] = [];
  logFailure: Failure | null = null;
  active: Policy | null = null;
  readonly #policies = new Map([[POLICY.version, POLICY]]);

  constructor(seed = 1) {
    this.clock = new VirtualClock({ seed, wallMs: START });
    this.ledger = memoryLedger({ now: () => this.now });
    this.runs = memoryRuns(this.ledger);
  }

  get now(): Instant {
    return instant(START + Math.floor(this.clock.nowMs));
  }

  run<A, E>(effect: Effect.Effect<A, E>): Promise<A> {
    return Effect.runPromiseWith(effectContext(this.clock.ports))(effect);
  }

  async activate(policy: Policy = POLICY): Promise<void> {
    this.#policies.set(policy.version, policy);
    this.active = policy;
    await Effect.runPromise(this.ledger.activatePolicy(policy.version, policy, "operator:kim"));
  }

  async ingest(ids: readonly string[], more: Partial<NewNotice> = {}): Promise<void> {
    await Effect.runPromise(this.ledger.ingest(ids.map((id) => aNotice(id, { routing: {}, ...more }))));
  }

  async open(cap: number): Promise<Run> {
    return (await Effect.runPromise(this.runs.open({ runId: RUN, key: "k", cap, actor: "operator:kim" })))
      .run;
  }

  read(): Run {
    const run = Effect.runSync(this.runs.read(RUN));
    if (run === null) throw new Error("there is no run");
    return run;
  }

  statuses(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { notice } of this.ledger.notices()) counts[notice.status] = (counts[notice.status] ?? 0) + 1;
    return counts;
  }

  /** How often each notice was routed. */
  async routedTimes(): Promise<readonly number[]> {
    return Promise.all(
      this.ledger.notices().map(async ({ notice: { noticeId, period } }) => {
        const record = await Effect.runPromise(this.ledger.read(noticeId, period));
        return record?.history.filter(({ transition }) => transition === "T2").length ?? 0;
      }),
    );
  }

  ports(
    name = "dispatcher-1",
    faults: readonly PageFault[] = [],
    pageCount = 3,
    hasLog = false,
  ): IntakePorts {
    return {
      runId: RUN,
      worker: workerId(name),
      runs: { ...this.runs, routePage: this.#pages([...faults]) },
      policies: policiesAtHand(
        this.#policies,
        new Map(),
        () => this.active,
        () => this.now,
      ),
      pauses: this.ledger.pauses,
      log: hasLog
        ? {
            publish: (records) => {
              if (this.logFailure !== null) return Effect.fail(this.logFailure);
              this.published.push(...records.map(({ body }) => body));
              return Effect.succeed(records.map(() => Result.succeed(undefined)));
            },
          }
        : null,
      system: this.clock.ports,
      limits: { pageCount, pagesAhead: 3, republishMs: 60_000, lookAgainMs: 200 },
    };
  }

  #pages(faults: PageFault[]): Runs["routePage"] {
    return (page, decide) =>
      Effect.suspend(() => {
        const routed = this.runs.routePage(page, decide);
        switch (faults.shift() ?? "none") {
          case "none":
            return routed;
          case "transient":
            return Effect.fail(new Transient({ message: "the database is away" }));
          case "lost":
            return Effect.andThen(routed, Effect.fail(new Unconfirmed({ message: "the answer was lost" })));
          case "unwritten":
            return Effect.fail(new Unconfirmed({ message: "the answer was lost" }));
          case "late":
            return Effect.tap(routed, () => Effect.sleep(PAGE_TIMEOUT_MS + 1));
          case "slow":
            return Effect.tap(routed, () => Effect.sleep(500));
          case "permanent":
            return Effect.fail(new Permanent({ message: "routing a page: the schema is behind" }));
          case "bug":
            throw new SyntaxError("kim.minsu@example.com is not valid JSON");
        }
      });
  }
}

export const intakeWorld = async (seed = 1): Promise<IntakeWorld> => {
  const world = new IntakeWorld(seed);
  await world.activate();
  return world;
};

/** Quiet at every hour that a case looks at. */
export const QUIET: Policy = {
  ...POLICY,
  version: policyVersion(2),
  sendHours: [3],
  zone: POLICY.zone,
};
