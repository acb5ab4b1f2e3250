/**
 * Upkeep's surroundings in memory, on a clock that stands still: a ledger, policies, a provider that answers by a script, and the ways
 * by which a notice comes into the state that a case begins with.
 */
import { Effect, Result } from "effect";
import { memoryDoubts } from "../../../src/adapters/memory/doubts.ts";
import { memoryUnheardNotices } from "../../../src/adapters/memory/unheard-notices.ts";
import { memoryLetters } from "../../../src/adapters/memory/letters.ts";
import { memoryLedger, type MemoryLedger } from "../../../src/adapters/memory/notice-ledger.ts";
import type { ProviderTerms } from "../../../src/domain/attempt.ts";
import {
  attemptId,
  instant,
  noticeId,
  policyVersion,
  type Instant,
  type PolicyVersion,
} from "../../../src/domain/ids.ts";
import type { CommandOf, CommandType } from "../../../src/domain/lifecycle/commands.ts";
import { conceal, reveal, Sensitive } from "../../../src/domain/masking-sensitive.ts";
import { maskWhole } from "../../../src/domain/masking.ts";
import type { Policy } from "../../../src/domain/policy.ts";
import type { DoubtfulNotice } from "../../../src/domain/ports/doubts.ts";
import type { Letter, Letters } from "../../../src/domain/ports/letters.ts";
import type { NewNotice } from "../../../src/domain/ports/notice-ledger.ts";
import type { LookUp, Sender, SendOutcome, SendRequest } from "../../../src/domain/ports/sender.ts";
import { type Failure, Permanent } from "../../../src/failure.ts";
import { ProviderGate } from "../../../src/streams/delivery/provider-gate.ts";
import { effectContext } from "../../../src/streams/runtime/system-ports.ts";
import type { Duty, DutyTurn } from "../../../src/streams/upkeep/duty.ts";
import type { UpkeepEvent } from "../../../src/streams/upkeep/upkeep-events.ts";
import { upkeepLimits, type UpkeepLimits } from "../../../src/streams/upkeep/upkeep-limits.ts";
import type { QueuedNotice, UpkeepPorts } from "../../../src/streams/upkeep/upkeep-ports.ts";
import { billPolicy } from "../../domain/policy-arbitraries.ts";
import {
  aNotice,
  command,
  EMAIL,
  PERIOD,
  SEND_WINDOW_MS,
  START,
  WORKER,
} from "../../contracts/notice-ledger-commands.ts";
import { digestOf, policiesAtHand, templateStore, type Templates } from "./ports-at-hand.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

export const DELTA_MS = 60_000;
export const ANSWER_WINDOW_MS = 20_000;
export const HOUR_MS = 3_600_000;
export const CLASSES = {
  A: { class: "A", windowMs: HOUR_MS, deltaMs: DELTA_MS },
  B: { class: "B", findableMs: HOUR_MS, deltaMs: DELTA_MS },
  C: { class: "C", deltaMs: DELTA_MS },
} as const satisfies Record<string, ProviderTerms>;

/** Open at every hour, with two attempts by e-mail and then a text message. */
export const POLICY: Policy = {
  ...billPolicy,
  version: policyVersion(1),
  quietHours: [],
  channels: [
    { channel: EMAIL, maxAttempts: 2, backoff: { firstMs: 1_000, factor: 2, capMs: 10_000 } },
    ...billPolicy.channels.filter(({ channel }) => channel !== EMAIL),
  ],
};

export interface Copy {
  readonly request: SendRequest;
  /** By the ledger's time. */
  readonly at: Instant;
  /** What the ledger held when it left. */
  readonly committed: number;
}

type Answer = SendOutcome | Promise<SendOutcome>;

export class World {
  readonly clock = new VirtualClock();
  readonly ledger: MemoryLedger;
  readonly letters: Letters;
  readonly copies: Copy[] = [];
  readonly asked: { readonly attemptId: string; readonly at: Instant }[] = [];
  readonly told: Letter[] = [];
  readonly published: QueuedNotice[] = [];
  readonly events: UpkeepEvent[] = [];
  /** What the log answers; set it to make it fail. */
  logFailure: Failure | null = null;
  tellFailure: ((letter: Letter) => Failure | null) | null = null;
  /** What a copy would be rendered with; the digests of earlier attempts stay as they are. */
  readonly templates: Templates = { version: "t1", salt: "" };
  answer: (request: SendRequest) => Answer = () => ({ kind: "unknown", words: "no answer" });
  lookUp: (id: string) => Effect.Effect<LookUp, Failure> = () =>
    Effect.succeed({ found: false, words: "nothing is known of it" });
  readonly #policies = new Map<PolicyVersion, Policy>();
  /** Kept by the ledger, not at hand. */
  readonly stored = new Map<PolicyVersion, Policy>();
  #active: Policy | null = null;
  #aheadMs = 0;
  readonly gate: ProviderGate;
  readonly terms: ProviderTerms;
  readonly ports: UpkeepPorts;

  constructor(terms: ProviderTerms = CLASSES.B, hasLog = false) {
    this.terms = terms;
    this.ledger = memoryLedger({ now: () => this.now });
    this.letters = memoryLetters(this.ledger);
    this.gate = new ProviderGate({
      provider: "scripted",
      limits: { maxInFlight: 1_000, perSecond: null },
      ports: this.clock.ports,
    });
    this.ports = {
      worker: WORKER,
      ledger: this.ledger,
      doubts: memoryDoubts(this.ledger),
      letters: this.letters,
      tell: (page) =>
        Effect.sync(() =>
          page.map((letter) => {
            const failure = this.tellFailure?.(letter) ?? null;
            if (failure !== null) return Result.fail(failure);
            this.told.push(letter);
            return Result.succeed(undefined);
          }),
        ),
      results: null,
      poison: null,
      policies: policiesAtHand(
        this.#policies,
        this.stored,
        () => this.#active,
        () => this.now,
      ),
      bills: { load: () => Effect.fail(new Permanent({ message: "no bill lies elsewhere" })) },
      cipher: {
        seal: (text) => `sealed:${reveal(text)}`,
        open: (sealed) => Result.succeed(conceal(sealed.slice("sealed:".length))),
      },
      templates: templateStore(this.templates),
      sealedAbout: ({ noticeId: id }) => id,
      providers: [
        {
          channel: EMAIL,
          gate: this.gate,
          readContact: (written) =>
            Result.succeed(new Sensitive("email", reveal(written), maskWhole(reveal(written)))),
          sender: this.#sender(),
        },
      ],
      log: hasLog
        ? {
            publish: (records) => {
              if (this.logFailure !== null) return Effect.fail(this.logFailure);
              this.published.push(...records.map(({ body }) => body));
              return Effect.succeed(records.map(() => Result.succeed(undefined)));
            },
          }
        : null,
      unheard: hasLog ? memoryUnheardNotices(this.ledger) : null,
      system: this.clock.ports,
    };
  }

  get now(): Instant {
    return instant(START + this.#aheadMs + Math.floor(this.clock.nowMs)); // whole milliseconds, as a database counts them
  }

  /** The ledger's clock is set forward, and nobody else's. */
  setForward(ms: number): void {
    this.#aheadMs += ms;
  }

  limits(given: Partial<UpkeepLimits> = {}): UpkeepLimits {
    return upkeepLimits(given, this.ports.log !== null);
  }

  async activate(policy: Policy = POLICY): Promise<void> {
    this.#policies.set(policy.version, policy);
    this.#active = policy;
    await Effect.runPromise(this.ledger.activatePolicy(policy.version, policy, "operator:kim"));
  }

  run<A, E>(effect: Effect.Effect<A, E>): Promise<A> {
    return Effect.runPromiseWith(effectContext(this.clock.ports))(effect);
  }

  /** One turn, and all that follows from it without time passing. */
  async turn(duty: Duty): Promise<DutyTurn> {
    const turn = await this.run(duty.once);
    await this.clock.settle();
    return turn;
  }

  async ingest(id: string, more: Partial<NewNotice> = {}): Promise<void> {
    const given = {
      contacts: { [EMAIL]: `sealed:${id}@example.com` },
      routing: {},
      content: { sealed: `sealed:{"sum":"${id}"}` },
    };
    await Effect.runPromise(this.ledger.ingest([aNotice(id, { ...given, dueAt: this.now, ...more })]));
  }

  async win<T extends CommandType>(type: T, id: string, more: Partial<CommandOf<T>> = {}): Promise<void> {
    const [answer] = await Effect.runPromise(this.ledger.apply(type, [command(type, id, more)]));
    if (answer === undefined || Result.isFailure(answer)) throw new Error(`${type} ${id} failed`);
    if (answer.success.verdict !== "won") throw new Error(`${type} ${id}: ${answer.success.because ?? ""}`);
  }

  async queued(id: string, more: Partial<NewNotice> = {}): Promise<void> {
    await this.ingest(id, more);
    await this.win("route", id);
  }

  async claimed(id: string, more: Partial<NewNotice> = {}): Promise<void> {
    await this.queued(id, more);
    await this.win("claim", id);
  }

  async sending(id: string, more: Partial<NewNotice> = {}): Promise<void> {
    await this.claimed(id, more);
    const its = attemptId(`of-${id}`);
    const digest = this.digestOf(id);
    const provider = { provider: "scripted", providerKey: `key-of-${id}` };
    await this.win("begin-send", id, { attemptId: its, contentDigest: digest, ...provider });
  }

  async doubtful(id: string, more: Partial<NewNotice> = {}): Promise<void> {
    await this.sending(id, more);
    await this.win("doubt", id, { attemptId: attemptId(`of-${id}`) });
  }

  async failed(id: string): Promise<void> {
    await this.sending(id);
    await this.win("definite-no", id, { attemptId: attemptId(`of-${id}`) });
  }

  view(id: string) {
    const found = this.ledger.notices().find(({ notice }) => notice.noticeId === noticeId(id));
    if (found === undefined) throw new Error(`${id} is not there`);
    return found;
  }

  async doubt(id: string): Promise<DoubtfulNotice> {
    const [found] = await Effect.runPromise(
      this.ports.doubts.read([{ noticeId: noticeId(id), period: PERIOD }]),
    );
    if (found === undefined || found === null) throw new Error(`${id} is in no doubt`);
    return found;
  }

  digestOf(id: string): string {
    return digestOf(this.templates, `{"sum":"${id}"}`);
  }

  #sender(): Sender {
    return {
      provider: "scripted",
      channel: EMAIL,
      terms: this.terms,
      limits: {
        maxInFlight: 1_000,
        perSecond: null,
        sendWindowMs: SEND_WINDOW_MS,
        answerWindowMs: ANSWER_WINDOW_MS,
      },
      send: (batch) =>
        batch.map(async (request): Promise<SendOutcome> => {
          if (!request.mayStillLeave())
            return { kind: "not-handed-over", trouble: null, words: "too late to leave" };
          const { attempts } = this.#viewOfAttempt(request.attemptId);
          const its = attempts.find(({ attemptId: each }) => each === request.attemptId);
          this.copies.push({ request, at: this.now, committed: its?.copies ?? 0 });
          return this.answer(request);
        }),
      lookUp:
        this.terms.class === "B"
          ? (id) =>
              Effect.suspend(() => {
                this.asked.push({ attemptId: id, at: this.now });
                return this.lookUp(id);
              })
          : null,
      close: async () => {},
    };
  }

  #viewOfAttempt(id: string) {
    const found = this.ledger
      .notices()
      .find(({ attempts }) => attempts.some((each) => each.attemptId === id));
    if (found === undefined) throw new Error(`${id} is nobody's attempt`);
    return found;
  }

  /** Forgets a policy, as a process that has just started. */
  putAway(policy: Policy): void {
    this.#policies.delete(policy.version);
    this.stored.set(policy.version, policy);
  }
}

export const worldWith = async (terms: ProviderTerms = CLASSES.B, hasLog = false): Promise<World> => {
  const world = new World(terms, hasLog);
  await world.activate();
  return world;
};
