/**
 * A whole service in one process: dispatchers, workers and upkeep as separate lives, one store, one broker, one provider, one virtual
 * clock. A plan says what strikes them. Faults end at a time of the plan; then everything has to come to its end by itself.
 */
import { Effect } from "effect";
import { type AttemptId, instant, type Instant } from "../../src/domain/ids.ts";
import type { Command } from "../../src/domain/lifecycle/commands.ts";
import type { NoticeView, Table } from "../../src/domain/lifecycle/rule.ts";
import { isFinal } from "../../src/domain/notice.ts";
import type { Answer } from "../../src/domain/ports/notice-ledger.ts";
import { Draw } from "../support/draw.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { NOTICES, SECRETS, START } from "./bills.ts";
import { Broker } from "./broker.ts";
import { type Told, violationsIn } from "./checker.ts";
import type { Life } from "./life.ts";
import { Network } from "./network.ts";
import { Operator } from "./operator.ts";
import { CALM, type Chances, letsGiveBack, letsLive, type Plan, type PlannedBlow } from "./plan.ts";
import { Provider, type Witnessed } from "./provider.ts";
import { DRAINED_WITHIN_MS, Seats } from "./seats.ts";
import { ANSWER_WINDOW_MS, DELTA_MS, SEND_WINDOW_MS, startService } from "./service-life.ts";
import { openStore, type Store } from "./store.ts";
import { TEMPLATES } from "./template-sets.ts";
import { Trace, type TraceLine } from "./trace.ts";

export interface Outcome {
  /** In words, each with its invariant before a colon; empty where everything held. */
  readonly violations: readonly string[];
  /** The same for the same plan, always. */
  readonly hash: string;
  readonly lines: readonly TraceLine[];
  readonly injected: ReadonlyMap<string, number>;
  /** Steps of the table that were gone. */
  readonly steps: ReadonlySet<string>;
  readonly accepted: number;
  readonly inDoubt: number;
  /** Of the world's own time. */
  readonly virtualMs: number;
}

export interface TownOptions {
  /** Keep the lines of the trace: for whoever tells the story. Default false. */
  readonly tells?: boolean;
  /** A table from which something was taken away, to show that it is noticed. */
  readonly table?: Table;
}

const PARTITIONS = 3;
/** From the end of the faults on. */
const COMES_TO_REST_MS = 3_600_000;
const LOOK_EVERY_MS = 1_000;
const BETWEEN_REBALANCES_MS = 700;
const LATER_REPLAY_MS = 4_000;
const REPLAYS = 12;
const ROLLED_OUT_MS = 200;
/** Whoever was starting is at work by then. */
const STARTED_MS = 5_000;

class Town {
  readonly #plan: Plan;
  readonly #clock: VirtualClock;
  readonly #trace: Trace;
  readonly #store: Store;
  readonly #network: Network;
  readonly #broker: Broker;
  readonly #provider: Provider;
  readonly #operator: Operator;
  readonly #seats: Seats;
  readonly #lines: Told[] = [];
  readonly #wrong: string[] = [];
  #chances: Chances;
  #release: keyof typeof TEMPLATES = "old";
  /** Lives of the new release. */
  readonly #newest = new Set<string>();
  #restedAt = 0;

  constructor(plan: Plan, { tells = false, table }: TownOptions = {}) {
    this.#plan = plan;
    this.#chances = plan.chances;
    const clock = new VirtualClock({ seed: plan.seed, wallMs: START });
    const trace = new Trace(() => clock.nowMs, tells);
    this.#clock = clock;
    this.#trace = trace;
    this.#store = openStore({
      now: () => this.#now(),
      watch: (command, answer) => this.#watch(command, answer),
      ...(table === undefined ? {} : { table }),
    });
    this.#operator = new Operator(this.#store);
    const parts = { clock, trace, draw: new Draw(plan.seed ^ 0x5eed), chances: () => this.#chances };
    this.#network = new Network(parts);
    this.#broker = new Broker({
      ...{ ...parts, partitions: PARTITIONS },
      awaitedRevocation: plan.awaitedRevocation,
      committed: (...place) => this.#committed(...place),
    });
    this.#provider = new Provider({
      ...{ ...parts, classes: plan.classes, deltaMs: DELTA_MS },
      ...{ sendWindowMs: SEND_WINDOW_MS, answerWindowMs: ANSWER_WINDOW_MS },
      witness: (attemptId, reference) => this.#witness(attemptId, reference),
    });
    this.#seats = new Seats({
      ...{ plan, clock, trace },
      start: (life, role) => startService(this.#around(life), [role]),
      silent: (life) => this.#broker.silent(life),
      wrong: (words) => this.#wrong.push(words),
      ended: (life) => this.#ended(life),
    });
  }

  async live(): Promise<Outcome> {
    this.#operator.activatePolicy(null);
    Effect.runSync(this.#store.ledger.ingest(NOTICES.slice(0, this.#plan.notices)));
    this.#seats.startAll();
    for (const blow of this.#plan.blows) this.#clock.after(blow.atMs, () => this.#strike(blow));
    await this.#clock.advance(this.#plan.faultsMs);
    this.#heal();
    await this.#comeToRest();
    this.#restedAt = this.#now();
    await this.#goHome();
    return this.#judged();
  }

  #now(): Instant {
    return instant(START + Math.floor(this.#clock.nowMs));
  }

  #around(life: Life) {
    if (this.#release === "new") this.#newest.add(life.name);
    return {
      ...{ life, store: this.#store, network: this.#network, broker: this.#broker },
      ...{ provider: this.#provider, carriedBy: this.#plan.log, templates: TEMPLATES[this.#release] },
      log: {
        // a line is written or not; whoever is dead writes none
        write: (_level: string, event: string, fields: object) =>
          life.pass(() => this.#lines.push({ event, fields: { ...fields } })),
      },
    };
  }

  #strike(blow: PlannedBlow): void {
    this.#trace.inject(blow.kind, JSON.stringify(blow));
    const later = (forMs: number, then: () => void): void => void this.#clock.after(forMs, then);
    switch (blow.kind) {
      case "crash":
      case "stop":
      case "freeze":
        return this.#seats[blow.kind](blow.seat, blow.forMs);
      case "ledger-away":
        this.#network.away();
        return later(blow.forMs, () => this.#network.back());
      case "log-away":
        this.#broker.away();
        return later(blow.forMs, () => this.#broker.back());
      case "wipe":
        return this.#broker.wipe(`millrace.request.${blow.channel}`);
      case "storm":
        for (let nth = 0; nth < blow.rebalances; nth += 1)
          later(nth * BETWEEN_REBALANCES_MS, () => this.#broker.shake());
        return;
      case "pause":
        this.#operator.pause(blow.scope);
        return later(blow.forMs, () => this.#operator.resume(blow.scope));
      case "wall-step":
        return this.#seats.stepWall(blow.seat, blow.byMs);
      case "new-policy":
        return this.#operator.activatePolicy(blow.quiet);
      case "deploy":
        this.#release = "new";
        return this.#seats.deploy(blow.forMs);
      case "replay":
        // again and again: what fails does so late
        for (let nth = 0; nth < REPLAYS; nth += 1)
          later(nth * LATER_REPLAY_MS, () => this.#operator.replay());
        return;
      case "poison":
        return this.#broker.topics.poisoned(`millrace.request.${blow.channel}`);
      case "cancel":
      case "suppress": {
        const notice = NOTICES[blow.notice];
        if (notice !== undefined) this.#operator[blow.kind](notice);
      }
    }
  }

  #heal(): void {
    this.#trace.tell("the faults end");
    this.#chances = CALM;
    this.#network.back();
    this.#broker.back();
    this.#operator.resumeAll();
    this.#seats.thawAll();
    // who stood still at the rollout, or was just starting: the old release knows nothing of what the new one has written
    const finish = (): void => this.#seats.replace(({ name }) => !this.#newest.has(name), ROLLED_OUT_MS);
    if (this.#release === "old") return;
    finish();
    this.#clock.after(STARTED_MS, finish);
  }

  async #comeToRest(): Promise<void> {
    const untilMs = this.#clock.nowMs + COMES_TO_REST_MS;
    while (!this.#isAtRest()) {
      if (this.#clock.nowMs > untilMs) {
        this.#wrong.push(
          `L1: not everything came to its end: ${[...this.#standing(), ...this.#unkept()].join(", ")}`,
        );
        return;
      }
      await this.#clock.advance(LOOK_EVERY_MS);
    }
  }

  /** All final or owed by an operator, and everybody told who has to be told. */
  #isAtRest(): boolean {
    return (
      this.#standing().length === 0 &&
      this.#unkept().length === 0 &&
      Effect.runSync(this.#store.letters.untoldCount) === 0 &&
      (this.#plan.log === "ledger" || Effect.runSync(this.#store.results.untoldCount) === 0)
    );
  }

  /** Records that nobody can read, and of which nothing was kept. */
  #unkept(): readonly string[] {
    if (this.#plan.log === "ledger") return [];
    const kept = this.#store.ledger
      .poisoned()
      .map(({ topic, partition, offset }) => `${topic}/${partition}/${offset}`);
    return this.#broker.topics.poison.filter((place) => !kept.includes(place));
  }

  /** S9, of the records that no ledger would bring back. */
  #committed(topic: string, partition: number, next: number): void {
    for (const place of this.#unkept())
      if (place.startsWith(`${topic}/${partition}/`) && Number(place.split("/").at(-1)) < next)
        this.#wrong.push(`S9: ${next} was committed, and nothing is kept of ${place}`);
  }

  #standing(): readonly string[] {
    return this.#store.ledger
      .notices()
      .filter(({ notice: { noticeId, status, channel, holdReason, expiresAt } }) => {
        if (isFinal(status) || holdReason === "lapses") return false;
        if (status !== "in_doubt") return true;
        const letter = this.#plan.classes[channel as "email" | "sms"]; // of those two
        // to whom nothing may be sent any more, or not in time, no copy is sent either, and at class A nothing else is evidence
        const mayBeSent = !this.#operator.hasSuppressed(noticeId) && this.#now() + SEND_WINDOW_MS < expiresAt;
        return letter === "B" || (letter === "A" && mayBeSent);
      })
      .map(({ notice: { noticeId, status } }) => `${noticeId} ${status}`);
  }

  /** L6: everybody ends in order, and nobody leaves a claim behind. */
  async #goHome(): Promise<void> {
    try {
      await this.#clock.runUntil(this.#seats.goHome(), DRAINED_WITHIN_MS);
    } catch (error) {
      this.#wrong.push(`L6: somebody did not end: ${error instanceof Error ? error.message : String(error)}`);
    }
    for (const { notice } of this.#store.ledger.notices())
      if (notice.status === "claimed") this.#wrong.push(`L6: ${notice.noticeId} is still claimed`);
  }

  /** L6, where the ledger takes back whatever it is given. */
  #ended({ name, state }: Life): void {
    if (!letsGiveBack(this.#plan) || state !== "running") return;
    for (const { notice } of this.#store.ledger.notices())
      if (notice.status === "claimed" && notice.owner === name)
        this.#wrong.push(`L6: ${name} has ended, and ${notice.noticeId} is still claimed by it`);
  }

  /** S10, which can only be seen at the moment of the commit. */
  #watch(command: Command, { verdict }: Answer): void {
    const { type, noticeId } = command;
    this.#trace.tell(`${type} ${noticeId} ${verdict}`);
    if (verdict !== "won" || (type !== "begin-send" && type !== "resend")) return;
    const notice = this.#view(noticeId)?.notice;
    if (notice === undefined) return;
    for (const why of this.#operator.forbids(notice, this.#clock.nowMs, this.#now()))
      this.#wrong.push(`S10: a right to send ${noticeId} was given though ${why}`);
  }

  #witness(attemptId: AttemptId, reference: string): Witnessed | null {
    const view = this.#view(reference.slice(0, reference.lastIndexOf("/")));
    const attempt = view?.attempts.find((one) => one.attemptId === attemptId);
    if (attempt === undefined) return null;
    const { state, copies, sendBy } = attempt;
    return { state, copies, isPastSendBy: this.#now() > sendBy };
  }

  #view(noticeId: string): NoticeView | undefined {
    return this.#store.ledger.notices().find(({ notice }) => notice.noticeId === noticeId);
  }

  #judged(): Outcome {
    const { ledger } = this.#store;
    const views = ledger.notices();
    const historyOf = ({ notice: { noticeId, period } }: NoticeView) =>
      Effect.runSync(ledger.read(noticeId, period))?.history ?? [];
    const steps = views.flatMap(historyOf).map(({ transition, from, to }) => `${transition} ${from}>${to}`);
    const { journal } = this.#provider;
    const found = violationsIn({
      ...{ ingested: this.#plan.notices, views, historyOf, journal },
      ...{ lines: this.#lines, secrets: SECRETS, letsLive: letsLive(this.#plan), restedAt: this.#restedAt },
      taken: this.#plan.log === "broker" ? this.#broker.topics.taken : null,
    });
    return {
      violations: [...this.#wrong, ...found],
      hash: this.#trace.digest(),
      lines: this.#trace.lines,
      injected: this.#trace.injected,
      steps: new Set(steps),
      accepted: journal.filter(({ isAccepted }) => isAccepted).length,
      inDoubt: views.filter(({ notice }) => notice.status === "in_doubt").length,
      virtualMs: this.#clock.nowMs,
    };
  }
}

export const simulate = (plan: Plan, options?: TownOptions): Promise<Outcome> =>
  new Town(plan, options).live();
