/**
 * A delivery's surroundings in memory, on a virtual clock: the memory ledger with answers that can be lost or late, a bill store, a
 * cipher, templates and a provider that each do by script what a case demands, and a record of every copy that left.
 */
import { Effect, Result } from "effect";
import { memoryLedger, type MemoryLedger } from "../../../src/adapters/memory/notice-ledger.ts";
import { memoryProviderJournal } from "../../../src/adapters/memory/provider-journal.ts";
import { memoryQueuedNotices } from "../../../src/adapters/memory/queued-notices.ts";
import {
  instant,
  noticeId,
  policyVersion,
  type AttemptId,
  type ChannelId,
  type Instant,
  type PolicyVersion,
  type WorkerId,
} from "../../../src/domain/ids.ts";
import type { CommandOf, CommandType } from "../../../src/domain/lifecycle/commands.ts";
import { conceal, reveal, Sensitive } from "../../../src/domain/masking-sensitive.ts";
import { maskWhole } from "../../../src/domain/masking.ts";
import type { Status } from "../../../src/domain/notice.ts";
import type { Policy } from "../../../src/domain/policy.ts";
import type { NewNotice, NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import type { QueuedNotices } from "../../../src/domain/ports/queued-notices.ts";
import type { Sender, SendOutcome, SendRequest } from "../../../src/domain/ports/sender.ts";
import { type Failure, Permanent, Postponed, Transient, Unconfirmed } from "../../../src/failure.ts";
import type { Claimed } from "../../../src/streams/delivery/bodies.ts";
import { asItIs } from "../../../src/streams/delivery/consume-requests.ts";
import { deliveryPipeline } from "../../../src/streams/delivery/delivery-pipeline.ts";
import type { DeliveryPorts } from "../../../src/streams/delivery/delivery-ports.ts";
import { ledgerLog } from "../../../src/streams/delivery/ledger-log.ts";
import { Leases } from "../../../src/streams/delivery/leases.ts";
import { ProviderGate } from "../../../src/streams/delivery/provider-gate.ts";
import type { Running } from "../../../src/streams/runtime/pipeline.ts";
import { effectContext } from "../../../src/streams/runtime/system-ports.ts";
import {
  aNotice,
  command,
  EMAIL,
  LEASE_MS,
  SEND_WINDOW_MS,
  SMS,
  START,
  WORKER,
} from "../../contracts/notice-ledger-commands.ts";
import { billPolicy } from "../../domain/policy-arbitraries.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { policiesAtHand, templateStore } from "../upkeep/ports-at-hand.ts";

export const ANSWER_WINDOW_MS = 20_000;
/** Of a provider that takes its time. */
export const SLOW_MS = 5_000;

/** Open at every hour: two attempts by e-mail, then two text messages. */
export const POLICY: Policy = {
  ...billPolicy,
  version: policyVersion(1),
  quietHours: [],
  channels: [
    { channel: EMAIL, maxAttempts: 2, backoff: { firstMs: 1_000, factor: 2, capMs: 10_000 } },
    { channel: SMS, maxAttempts: 2, backoff: { firstMs: 1_000, factor: 2, capMs: 10_000 } },
  ],
};

/** How one step of the preparation goes for a notice: for good, or the first time only. */
export type StepFate = "works" | "transient" | "permanent" | "postponed" | "throws";

export type SendFate =
  | "accepted"
  | "accepted slowly"
  | "rejected for good"
  | "rejected for now"
  | "not accepted"
  | "not handed over"
  | "unknown"
  | "dropped"
  | "throws";

/** What befalls one statement. `lost`: written, but the answer did not come · `unwritten`: nothing happened, which nobody knows. */
export type Fault =
  | "none"
  | "transient"
  | "lost"
  | "unwritten"
  | "late"
  | "wall steps back"
  | "wall jumps"
  | "throws";

export interface Fates {
  readonly load: StepFate;
  readonly open: StepFate;
  readonly render: StepFate;
  /** One an attempt; after the last of them everything is accepted. */
  readonly sends: readonly SendFate[];
}

export interface Copy {
  readonly request: SendRequest;
  /** What the ledger held when it left. */
  readonly status: Status;
  readonly state: string;
  readonly elapsedMs: number;
  readonly wallElapsedMs: number;
}

export interface WorldOptions {
  readonly seed?: number;
  readonly maxInFlight?: number;
  readonly credits?: number;
  /** Of the statements of each kind, one after the other. */
  readonly faults?: Partial<Record<CommandType, readonly Fault[]>>;
}

/** A process: once it is killed nothing that it asks for happens, and no answer reaches it. */
export class Process {
  isKilled = false;

  guarded<A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.suspend(() => {
      if (this.isKilled) return Effect.never;
      return Effect.flatMap(effect, (answer) => (this.isKilled ? Effect.never : Effect.succeed(answer)));
    });
  }
}

const WORKS: Fates = { load: "works", open: "works", render: "works", sends: [] };

export class DeliveryWorld {
  readonly clock: VirtualClock;
  readonly ledger: MemoryLedger;
  readonly copies: Copy[] = [];
  readonly gates = new Map<ChannelId, ProviderGate>();
  readonly journal;
  readonly policies = new Map<PolicyVersion, Policy>();
  active: Policy | null = null;
  readonly #fates = new Map<string, Fates>();
  readonly #seen = new Set<string>();
  readonly #sent = new Map<string, number>();
  readonly #asked = new Map<AttemptId, { readonly ms: number; readonly wallMs: number }>();
  readonly #faults: Map<CommandType, Fault[]>;
  readonly #options: WorldOptions;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.clock = new VirtualClock({ seed: options.seed ?? 1, wallMs: START });
    this.journal = memoryProviderJournal(this.clock);
    this.ledger = memoryLedger({ now: () => this.now });
    this.#faults = new Map(
      Object.entries(options.faults ?? {}).map(([type, list]) => [type as CommandType, [...list]]), // its keys are those
    );
    for (const channel of [EMAIL, SMS])
      this.gates.set(
        channel,
        new ProviderGate({
          provider: "scripted",
          limits: { maxInFlight: options.maxInFlight ?? 100, perSecond: null },
          ports: this.clock.ports,
        }),
      );
  }

  get now(): Instant {
    return instant(START + Math.floor(this.clock.nowMs));
  }

  run<A, E>(effect: Effect.Effect<A, E>): Promise<A> {
    return Effect.runPromiseWith(effectContext(this.clock.ports))(effect);
  }

  async activate(policy: Policy = POLICY): Promise<void> {
    this.policies.set(policy.version, policy);
    this.active = policy;
    await Effect.runPromise(this.ledger.activatePolicy(policy.version, policy, "operator:kim"));
  }

  async ingest(id: string, fates: Partial<Fates> = {}, more: Partial<NewNotice> = {}): Promise<void> {
    this.#fates.set(id, { ...WORKS, ...fates });
    await Effect.runPromise(
      this.ledger.ingest([
        aNotice(id, {
          contacts: { [EMAIL]: `contact:${id}`, [SMS]: `contact:${id}` },
          routing: {},
          content: { sealed: `bill:{"sum":"${id}"}`, ref: { place: `file:${id}` } },
          dueAt: this.now,
          ...more,
        }),
      ]),
    );
  }

  /** Ingested, and routed to its first channel. */
  async queue(id: string, fates: Partial<Fates> = {}, more: Partial<NewNotice> = {}): Promise<void> {
    await this.ingest(id, fates, more);
    await this.win("route", id);
  }

  async win<T extends CommandType>(type: T, id: string, more: Partial<CommandOf<T>> = {}): Promise<void> {
    const [answer] = await Effect.runPromise(this.ledger.apply(type, [command(type, id, more)]));
    if (answer === undefined || Result.isFailure(answer) || answer.success.verdict !== "won")
      throw new Error(`${type} ${id} was not won`);
  }

  /** Queued, and claimed by the worker: what the delivery's stages begin with. */
  async claimed(id: string, more: Partial<NewNotice> = {}): Promise<Claimed> {
    await this.queue(id, {}, more);
    await this.win("claim", id);
    const { notice } = this.view(id);
    const contents = this.ledger.contentsOf(notice.noticeId);
    if (contents === null) throw new Error(`${id} has no contents`);
    return { notice, contents, policy: POLICY };
  }

  view(id: string) {
    const found = this.ledger.notices().find(({ notice }) => notice.noticeId === noticeId(id));
    if (found === undefined) throw new Error(`${id} is not there`);
    return found;
  }

  async history(id: string): Promise<readonly string[]> {
    const { notice } = this.view(id);
    const record = await Effect.runPromise(this.ledger.read(notice.noticeId, notice.period));
    return record?.history.map(({ transition }) => transition) ?? [];
  }

  /** Claimed in the name of the worker, and not given back. */
  claimedBy(worker: WorkerId): readonly string[] {
    return this.ledger
      .notices()
      .filter(({ notice }) => notice.status === "claimed" && notice.owner === worker)
      .map(({ notice }) => notice.noticeId);
  }

  ports(
    channel: ChannelId = EMAIL,
    worker: WorkerId = WORKER,
    { process = new Process() }: { readonly process?: Process } = {},
  ): DeliveryPorts {
    const gate = this.gates.get(channel);
    if (gate === undefined) throw new Error(`there is no gate for ${channel}`);
    const apply: NoticeLedger["apply"] = (type, batch) => process.guarded(this.#apply(type, batch));
    const ledger = { apply, poison: this.ledger.poison };
    return {
      ...{ channel, worker, ledger, gate },
      policies: policiesAtHand(
        this.policies,
        new Map(),
        () => this.active,
        () => this.now,
      ),
      bills: {
        load: (refs) =>
          Effect.suspend(() =>
            Effect.succeed(
              refs.map(({ place }) => {
                const failure = this.#step("load", place.slice("file:".length));
                return failure === null ? Result.succeed("{}") : Result.fail(failure);
              }),
            ),
          ),
      },
      cipher: {
        seal: (text) => reveal(text),
        open: (sealed) => {
          const [what = "", text = ""] = [sealed.split(":", 1)[0], sealed.slice(sealed.indexOf(":") + 1)];
          const failure = what === "contact" ? this.#step("open", text) : null;
          return failure === null ? Result.succeed(conceal(text)) : Result.fail(failure);
        },
      },
      templates: {
        ...templateStore({ version: "t1", salt: "" }),
        render: (request) => {
          const sum = String(reveal(request.bill)["sum"]);
          const failure = this.#step("render", sum);
          return failure === null
            ? templateStore({ version: "t1", salt: "" }).render(request)
            : Result.fail(failure);
        },
      },
      sealedAbout: ({ noticeId: id }) => id,
      readContact: (written) =>
        Result.succeed(new Sensitive("email", reveal(written), maskWhole(reveal(written)))),
      sender: this.#sender(channel, process),
      leases: new Leases({ ledger, worker, leaseMs: LEASE_MS, system: this.clock.ports }),
      system: this.clock.ports,
      limits: {
        windowCredits: this.#options.credits ?? 100,
        leaseMs: LEASE_MS,
        republishMs: 31_536_000_000,
        batchCount: 3,
        batchLanes: 2,
      },
    };
  }

  /** As the service starts it, without a broker. */
  deliver(ports: DeliveryPorts, queued: QueuedNotices = memoryQueuedNotices(this.ledger)): Running {
    return deliveryPipeline(ports, {
      source: ledgerLog({
        ...{ queued, channel: ports.channel, worker: ports.worker, leases: ports.leases },
        leaseMs: LEASE_MS,
        pageCount: 2,
        idleMs: 30_000, // no hint is missed here: to look every second finds nothing, at a third of a suite's time
      }),
      read: asItIs,
      keepPoison: () => {
        throw new Error("a row of the ledger cannot be unreadable");
      },
    }).start();
  }

  readonly #apply: NoticeLedger["apply"] = (type, batch) =>
    Effect.suspend(() => {
      if (type === "begin-send")
        for (const each of batch as readonly CommandOf<"begin-send">[])
          // of this type, as compared
          this.#asked.set(each.attemptId, { ms: this.clock.monotonicMs(), wallMs: this.clock.wallMs() });
      const applied = this.ledger.apply(type, batch);
      switch (this.#faults.get(type)?.shift() ?? "none") {
        case "none":
          return applied;
        case "transient":
          return Effect.fail(new Transient({ message: "the database is away" }));
        case "lost":
          return Effect.andThen(applied, Effect.fail(new Unconfirmed({ message: "the answer was lost" })));
        case "unwritten":
          return Effect.fail(new Unconfirmed({ message: "the answer was lost" }));
        case "late":
          return Effect.tap(applied, () => Effect.sleep(SEND_WINDOW_MS));
        case "wall steps back":
          return Effect.tap(applied, () => Effect.sync(() => this.clock.stepWall(-1)));
        case "wall jumps":
          return Effect.tap(applied, () => Effect.sync(() => this.clock.stepWall(SEND_WINDOW_MS)));
        case "throws":
          return Effect.die(new TypeError("a bug in the adapter"));
      }
    });

  #step(step: "load" | "open" | "render", id: string): Failure | null {
    const fate = this.#fates.get(id)?.[step] ?? "works";
    const isFirst = !this.#seen.has(`${step} ${id}`);
    this.#seen.add(`${step} ${id}`);
    switch (fate) {
      case "works":
        return null;
      case "transient":
        return isFirst ? new Transient({ message: `${step} ${id}: not now` }) : null;
      case "postponed":
        return isFirst
          ? new Postponed({ message: `${step} ${id}: later`, untilMs: this.clock.wallMs() + 7_000 })
          : null;
      case "permanent":
        return new Permanent({ message: `${step} ${id}: never` });
      case "throws":
        throw new TypeError(`${step} ${id}: a bug`);
    }
  }

  #fateOf({ reference }: SendRequest): SendFate {
    const id = reference.slice(0, reference.lastIndexOf("/"));
    const before = this.#sent.get(id) ?? 0;
    this.#sent.set(id, before + 1);
    return this.#fates.get(id)?.sends[before] ?? "accepted";
  }

  async #arrived(request: SendRequest, judgement: "accepted" | "rejected" | "dropped"): Promise<SendOutcome> {
    const [arrival] = await Effect.runPromise(
      this.journal.arrived([
        {
          ...{ attemptId: request.attemptId, reference: request.reference, channel: request.channel },
          arrivedAt: this.clock.wallMs(),
          acceptUntil: this.clock.wallMs() + 1_000,
          judgement,
          providerMessageId: `m-${request.attemptId}`,
          remembersMs: 0,
        },
      ]),
    );
    if (arrival === undefined || arrival.kind === "too-late")
      return { kind: "unknown", words: "the provider said nothing" };
    return arrival.judgement === "accepted"
      ? { kind: "accepted", providerMessageId: arrival.providerMessageId, words: "accepted" }
      : { kind: "unknown", words: "the provider said nothing" };
  }

  async #answer(request: SendRequest): Promise<SendOutcome> {
    switch (this.#fateOf(request)) {
      case "accepted":
        return this.#arrived(request, "accepted");
      case "accepted slowly":
        await new Promise<void>((resolve) => void this.clock.after(SLOW_MS, resolve));
        return this.#arrived(request, "accepted");
      case "rejected for good":
        return { kind: "rejected", forGood: true, words: "no such \0 mailbox" };
      case "rejected for now":
        return { kind: "rejected", forGood: false, words: "the mailbox is full" };
      case "not accepted":
        return { kind: "not-accepted", trouble: "busy", retryAfterMs: 1_500, words: "come back later" };
      case "not handed over":
        return { kind: "not-handed-over", trouble: null, words: "no connection" };
      case "unknown":
        await this.#arrived(request, "accepted");
        return { kind: "unknown", words: "the connection broke" };
      case "dropped":
        return { kind: "unknown", words: "the connection broke" };
      case "throws":
        throw new TypeError("a bug in the sender");
    }
  }

  #sender(channel: ChannelId, process: Process): Sender {
    const limits = {
      maxInFlight: this.#options.maxInFlight ?? 100,
      perSecond: null,
      sendWindowMs: SEND_WINDOW_MS,
      answerWindowMs: ANSWER_WINDOW_MS,
    };
    return {
      ...{ provider: "scripted", channel, limits },
      terms: { class: "B", findableMs: 3_600_000, deltaMs: 60_000 },
      send: (batch) =>
        batch.map(async (request): Promise<SendOutcome> => {
          if (process.isKilled) return new Promise<never>(() => undefined);
          if (!request.mayStillLeave())
            return { kind: "not-handed-over", trouble: null, words: "too late to leave" };
          this.#note(request);
          return this.#answer(request);
        }),
      lookUp: (id) =>
        Effect.map(this.journal.lookUp(id), (found) =>
          found === null
            ? { found: false, words: "nothing is known of it" }
            : { found: true, providerMessageId: found.providerMessageId, words: "found" },
        ),
      close: async () => {},
    };
  }

  #note(request: SendRequest): void {
    const view = this.view(request.reference.slice(0, request.reference.lastIndexOf("/")));
    const attempt = view.attempts.find(({ attemptId }) => attemptId === request.attemptId);
    const asked = this.#asked.get(request.attemptId);
    this.copies.push({
      request,
      status: view.notice.status,
      state: attempt?.state ?? "none",
      elapsedMs: this.clock.monotonicMs() - (asked?.ms ?? -Infinity),
      wallElapsedMs: this.clock.wallMs() - (asked?.wallMs ?? -Infinity),
    });
  }
}

export const worldWith = async (options: WorldOptions = {}): Promise<DeliveryWorld> => {
  const world = new DeliveryWorld(options);
  await world.activate();
  return world;
};
