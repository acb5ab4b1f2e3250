/**
 * Everything that anybody may ask of the ledger, well-meant or not: each command of the table with the facts that hold
 * at its commit. What surrounds a notice (pauses, suppressions, quiet hours, the policy in force) can change between
 * any two steps, so it is not part of the world: each ask comes with every combination that matters, and says which
 * of them shut the gate in truth, whatever the command claims.
 */
import type { Attempt, NotAccepted } from "../../src/domain/attempt.ts";
import { stepAfter, type AttemptEnd, type NextStep } from "../../src/domain/fall-back.ts";
import type { AttemptId, ChannelId, WorkerId } from "../../src/domain/ids.ts";
import type { Command, CommandOf, Gate } from "../../src/domain/lifecycle/commands.ts";
import type { Facts, NoticeView } from "../../src/domain/lifecycle/rule.ts";
import { TABLE } from "../../src/domain/lifecycle/transition.ts";
import { ACTIVE, CHANNELS, PINNED, policyOf, termsOf, ticks, type Bounds } from "./bounds.ts";
import { at, EPOCH, FRESH, NOTICE, NOW, OTHER, OWNER, PERIOD } from "./views.ts";

export interface Ask {
  readonly command: Command;
  readonly facts: Facts;
  /** `T6`, as the table names it. */
  readonly transition: string;
  /** What shuts the gate in truth, or null while it is open. */
  readonly shut: string | null;
  /** The copy that this permits would not be the same bytes. */
  readonly bytesDiffer: boolean;
  /** What the asker has prepared is for another channel than the row's. */
  readonly strayChannel: boolean;
  /** A person asks. */
  readonly operator: boolean;
  /** Nobody's fault and nobody's decision: it belongs to how things go when faults have stopped. */
  readonly usual: boolean;
}

const CALM: Facts = { now: NOW, suppressed: false, paused: [], activePolicyVersion: ACTIVE };
const SUPPRESSED: Facts = { ...CALM, suppressed: true };
const PAUSED: Facts = { ...CALM, paused: ["*"] };

type Manner = Partial<Pick<Ask, "facts" | "shut" | "bytesDiffer" | "strayChannel" | "operator" | "usual">>;

const ask = (command: Command, manner: Manner = {}): Ask => ({
  command,
  facts: manner.facts ?? CALM,
  transition: TABLE[command.type].id,
  shut: manner.shut ?? null,
  bytesDiffer: manner.bytesDiffer ?? false,
  strayChannel: manner.strayChannel ?? false,
  operator: manner.operator ?? false,
  usual: manner.usual ?? true,
});

const from = (actor: string): Pick<Command, "noticeId" | "period" | "actor"> => ({
  noticeId: NOTICE,
  period: PERIOD,
  actor,
});

/** Asks for one notice in a world of these bounds. */
export class Asks {
  readonly #bounds: Bounds;
  readonly #channels: readonly ChannelId[];
  readonly #sendWindowMs: number;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#channels = CHANNELS.slice(0, bounds.channels);
    this.#sendWindowMs = ticks(bounds.sendWindow);
  }

  // Before a worker holds it, and upkeep.

  /** What upkeep and the router may ask at any time; `late` is by how many epochs their look at the row is old. */
  upkeep(view: NoticeView, late: number): Ask[] {
    const { notice } = view;
    const epoch = EPOCH - late;
    const email = { channel: this.#channels[0] ?? notice.channel ?? "none", policyVersion: PINNED };
    const choice = notice.channel === null ? (email as CommandOf<"route">["choice"]) : null; // a channel of the policy
    const route = { ...from("router"), type: "route", epoch, runId: null, republishInMs: ticks(1) } as const;
    const hold = { ...from("router"), type: "hold", epoch, reason: null, dueAt: null } as const;
    const lapse = { ...from("sweeper"), type: "lapse", epoch, leaseMs: ticks(this.#bounds.lease) } as const;
    const longAgo = { connectedAt: at(-this.#bounds.lease - 1) };
    const published = { ...from("publisher"), type: "published", epoch, republishInMs: ticks(1) } as const;
    return [
      ask({ ...route, choice }),
      ask({ ...route, choice }, { facts: SUPPRESSED, usual: false }),
      ask({ ...route, choice }, { facts: PAUSED, usual: false }),
      ask({ ...route, choice: null }, { usual: false }),
      ask({ ...hold, dueAt: at(1) }, { usual: false }),
      ask({ ...hold, reason: "paused" }, { usual: false }),
      ask({ ...lapse, ...longAgo, maxLapses: 5 }),
      ask({ ...lapse, ...longAgo, maxLapses: 1 }, { usual: false }),
      ask({ ...lapse, connectedAt: NOW, maxLapses: 5 }, { usual: false }),
      ask(published),
      ...(late === 0 ? this.#timers() : []),
    ];
  }

  #timers(): Ask[] {
    const suppress = { ...from("router"), type: "suppress" } as const;
    return [
      ask(suppress),
      ask(suppress, { facts: SUPPRESSED, usual: false }),
      ask({ ...from("upkeep"), type: "unhold", reason: "paused" }),
      ask({ ...from("upkeep"), type: "unhold", reason: "policy" }),
      ask({ ...from("sweeper"), type: "expire" }),
      ask({ ...from("sweeper"), type: "overdue", answerWindowMs: ticks(this.#bounds.answerWindow) }),
    ];
  }

  // A worker's journey.

  claim(late: number, owner: WorkerId): Ask {
    return ask({
      ...from(owner),
      type: "claim",
      epoch: EPOCH - late,
      owner,
      leaseMs: ticks(this.#bounds.lease),
    });
  }

  renew(late: number): Ask {
    return ask({ ...from("worker"), type: "renew", epoch: EPOCH - late, leaseMs: ticks(this.#bounds.lease) });
  }

  release(late: number): Ask {
    return ask(
      { ...from("worker"), type: "release", epoch: EPOCH - late, dueInMs: ticks(1) },
      { usual: false },
    );
  }

  /** A holder knows the channel of its own claim, which may be an earlier one than the row's. */
  unpreparable(late: number, claimed: ChannelId | null): Ask {
    return ask(
      {
        ...from("worker"),
        type: "unpreparable",
        epoch: EPOCH - late,
        next: this.#next(claimed, 1, "unusable"),
        reason: "no usable address",
        republishInMs: ticks(1),
      },
      { usual: false },
    );
  }

  beginSend(view: NoticeView, late: number, attemptId: AttemptId, claimed: ChannelId | null): Ask[] {
    const strayChannel = claimed !== view.notice.channel;
    return this.#gated(view).map(({ gate, ...manner }) =>
      ask(
        {
          ...from("worker"),
          type: "begin-send",
          epoch: EPOCH - late,
          attemptId,
          provider: "simulated",
          providerKey:
            attemptId === FRESH ? `key-${view.attempts.length + 1}` : attemptId.replace("attempt", "key"),
          contentDigest: "digest-1",
          sendWindowMs: this.#sendWindowMs,
          gate,
        },
        { ...manner, strayChannel },
      ),
    );
  }

  stepBack(late: number): Ask[] {
    const command = {
      ...from("worker"),
      type: "step-back",
      epoch: EPOCH - late,
      sendWindowMs: this.#sendWindowMs,
    } as const;
    return [
      ask({ ...command, reopensAt: null }),
      ask({ ...command, reopensAt: at(1) }, { usual: false }),
      ask({ ...command, reopensAt: null }, { facts: SUPPRESSED, usual: false }),
      ask({ ...command, reopensAt: null }, { facts: PAUSED, usual: false }),
    ];
  }

  // What becomes of a right to send.

  accept(attempt: Attempt): Ask {
    return ask({
      ...from("receipt"),
      type: "accept",
      attemptId: attempt.attemptId,
      providerMessageId: "message-1",
      evidence: "the provider's answer",
    });
  }

  definiteNo(attempt: Attempt, outcome: NotAccepted, owner: WorkerId): Ask[] {
    return this.#endsOf(outcome).map((end) =>
      ask({
        ...from(owner),
        type: "definite-no",
        owner,
        attemptId: attempt.attemptId,
        outcome,
        next: this.#next(attempt.channel, attempt.attemptNo, end),
        reason: "the provider's refusal",
        republishInMs: ticks(1),
      }),
    );
  }

  doubt(attempt: Attempt, owner: WorkerId): Ask {
    return ask(
      { ...from(owner), type: "doubt", owner, attemptId: attempt.attemptId, reason: "no answer" },
      { usual: false },
    );
  }

  /** T12 on a refusal of copy `copies`: by the right's owner (a) and, at class A, by whoever sent the copy (b). */
  refusal(attempt: Attempt, outcome: NotAccepted, owner: WorkerId, copies: number): Ask[] {
    const words = "the provider's refusal";
    return this.#endsOf(outcome).flatMap((end) => [
      this.#resolve(attempt, outcome, { by: "owner", owner, copies, words }, end),
      ...(outcome === "rejected"
        ? [this.#resolve(attempt, outcome, { by: "rejection", copies, words }, end)]
        : []),
    ]);
  }

  lookUp(attempt: Attempt, askedAgo: number, copies: number): Ask[] {
    const evidence = { by: "look-up", askedAt: at(-askedAgo), copies, words: "not found" } as const;
    return (["not-handed-over", "rejected-for-now"] as const).map((end) =>
      this.#resolve(attempt, "not_handed_over", evidence, end),
    );
  }

  resend(view: NoticeView, attempt: Attempt, copies: number): Ask[] {
    const command = {
      ...from("upkeep"),
      type: "resend",
      attemptId: attempt.attemptId,
      copies,
      contentDigest: attempt.contentDigest,
      sendWindowMs: this.#sendWindowMs,
      terms: termsOf(this.#bounds),
    } as const;
    const gates = this.#gated(view);
    return [
      ...gates.map(({ gate, ...manner }) => ask({ ...command, gate }, manner)),
      ...gates
        .slice(0, 1)
        .map(({ gate, ...manner }) =>
          ask(
            { ...command, gate, contentDigest: "digest-2" },
            { ...manner, bytesDiffer: true, usual: false },
          ),
        ),
    ];
  }

  // People.

  operator(view: NoticeView): Ask[] {
    const { generation } = view.notice;
    const replay = { ...from("operator:kim"), type: "replay", generation, expiresAt: null } as const;
    const hold = { ...from("operator:kim"), type: "hold", epoch: EPOCH, dueAt: null } as const;
    const unhold = { ...from("operator:kim"), type: "unhold" } as const;
    const more = generation < this.#bounds.generations;
    const manner = { operator: true, usual: false };
    return [
      ...(this.#bounds.cancels
        ? [ask({ ...from("operator:kim"), type: "cancel", reason: "withdrawn" }, manner)]
        : []),
      ask({ ...hold, reason: "operator" }, manner),
      ...(["operator", "lapses", "contradiction"] as const).map((reason) =>
        ask({ ...unhold, reason }, manner),
      ),
      ...(more
        ? [
            replay,
            { ...replay, expiresAt: at(this.#bounds.sendWindow + 1) },
            { ...replay, generation: generation - 1 },
          ].map((command) => ask(command, manner))
        : []),
    ];
  }

  /** (d): under C4 it is only said where it is true. */
  operatorEvidence(attempt: Attempt, copies: number): Ask[] {
    const evidence = { by: "operator", copies, words: "the provider's console shows nothing" } as const;
    return (["not-handed-over", "rejected-for-now"] as const).map((end) => ({
      ...this.#resolve(attempt, "not_handed_over", evidence, end),
      operator: true,
      usual: false,
    }));
  }

  #resolve(
    attempt: Attempt,
    outcome: NotAccepted,
    evidence: CommandOf<"resolve">["evidence"],
    end: AttemptEnd,
  ): Ask {
    return ask({
      ...from(evidence.by === "owner" ? evidence.owner : "upkeep"),
      type: "resolve",
      attemptId: attempt.attemptId,
      outcome,
      evidence,
      terms: termsOf(this.#bounds),
      next: this.#next(attempt.channel, attempt.attemptNo, end),
      republishInMs: ticks(1),
    });
  }

  #endsOf(outcome: NotAccepted): readonly AttemptEnd[] {
    if (outcome === "not_handed_over") return ["not-handed-over"];
    return this.#bounds.attempts > 1 ? ["rejected-for-now", "rejected-for-good"] : ["rejected-for-now"];
  }

  #next(channel: ChannelId | null, attemptNo: number, end: AttemptEnd): NextStep {
    return channel === null
      ? { kind: "fail", because: "no channel" }
      : stepAfter(policyOf(this.#bounds), { channel, attemptNo, end }, this.#channels, 0);
  }

  /** The gate open, and shut in each way; a gate computed from a policy that is no longer in force knows nothing. */
  #gated({ notice }: NoticeView): (Manner & { readonly gate: Gate })[] {
    const sendBy = at(this.#bounds.sendWindow);
    const gate: Gate = { policyVersion: ACTIVE, openFrom: at(-9), openUntil: at(50) };
    const ended = sendBy < notice.expiresAt ? null : "its own end comes before send_by";
    const shut = (
      why: string,
      rest: Manner & { readonly gate?: Gate },
    ): Manner & { readonly gate: Gate } => ({
      gate,
      usual: false,
      shut: why,
      ...rest,
    });
    return [
      { gate, shut: ended },
      shut("the recipient is suppressed", { facts: SUPPRESSED }),
      shut("everything is paused", { facts: PAUSED }),
      ...(notice.channel === null
        ? []
        : [shut(`${notice.channel} is paused`, { facts: { ...CALM, paused: [notice.channel] } })]),
      shut("the policy now in force is quiet", { gate: { ...gate, policyVersion: PINNED } }),
      shut("quiet hours begin by send_by", { gate: { ...gate, openUntil: sendBy } }),
      shut("it is quiet", { gate: { ...gate, openFrom: at(1) } }),
    ];
  }
}

/** Whom a slot of the world is to the ledger. */
export const nameOf = (owns: boolean): WorkerId => (owns ? OWNER : OTHER);
