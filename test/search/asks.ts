/**
 * What may be asked of a notice before anything is irreversible, well-meant or not: by the router, by upkeep, by a worker
 * up to its right to send, and by people.
 */
import type { AttemptId, ChannelId, WorkerId } from "../../src/domain/ids.ts";
import type { CommandOf } from "../../src/domain/lifecycle/commands.ts";
import type { NoticeView } from "../../src/domain/lifecycle/rule.ts";
import { ask, from, gates, gatesKey, KeptAsks, nextStep, PAUSED, SUPPRESSED, type Ask } from "./ask.ts";
import { CHANNELS, PINNED, ticks, type Bounds } from "./bounds.ts";
import { at, EPOCH, FRESH, NOW } from "./views.ts";

/** Asks for one notice in a world of these bounds. */
export class Asks {
  readonly #bounds: Bounds;
  readonly #channels: readonly ChannelId[];
  readonly #sendWindowMs: number;
  readonly #kept = new KeptAsks();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#channels = CHANNELS.slice(0, bounds.channels);
    this.#sendWindowMs = ticks(bounds.sendWindow);
  }

  // Before a worker holds it, and upkeep.

  /** What upkeep and the router may ask at any time; `late` is by how many epochs their look at the row is old. */
  upkeep({ notice: { channel } }: NoticeView, late: number): readonly Ask[] {
    return this.#kept.of(`upkeep ${channel} ${late}`, () => this.#upkeep(channel, late));
  }

  #upkeep(channel: ChannelId | null, late: number): Ask[] {
    const epoch = EPOCH - late;
    const email = { channel: this.#channels[0] ?? channel ?? "none", policyVersion: PINNED };
    const choice = channel === null ? (email as CommandOf<"route">["choice"]) : null; // a channel of the policy
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

  claim(late: number, owner: WorkerId): readonly Ask[] {
    const command = { ...from(owner), type: "claim", epoch: EPOCH - late, owner } as const;
    return this.#kept.of(`claim ${late} ${owner}`, () => [
      ask({ ...command, leaseMs: ticks(this.#bounds.lease) }),
    ]);
  }

  renew(late: number): readonly Ask[] {
    const command = { ...from("worker"), type: "renew", epoch: EPOCH - late } as const;
    return this.#kept.of(`renew ${late}`, () => [ask({ ...command, leaseMs: ticks(this.#bounds.lease) })]);
  }

  /** Whoever holds it gives it up: set aside, not preparable, stepped back from. */
  leave(late: number, claimed: ChannelId | null): readonly Ask[] {
    return this.#kept.of(`leave ${late} ${claimed}`, () => [
      this.#release(late),
      this.#unpreparable(late, claimed),
      ...this.#stepBack(late),
    ]);
  }

  #release(late: number): Ask {
    return ask(
      { ...from("worker"), type: "release", epoch: EPOCH - late, dueInMs: ticks(1) },
      { usual: false },
    );
  }

  /** A holder knows the channel of its own claim, which may be an earlier one than the row's. */
  #unpreparable(late: number, claimed: ChannelId | null): Ask {
    return ask(
      {
        ...from("worker"),
        type: "unpreparable",
        epoch: EPOCH - late,
        next: nextStep(this.#bounds, claimed, 1, "unusable"),
        reason: "no usable address",
        republishInMs: ticks(1),
      },
      { usual: false },
    );
  }

  beginSend(view: NoticeView, late: number, attemptId: AttemptId, claimed: ChannelId | null): readonly Ask[] {
    const providerKey =
      attemptId === FRESH ? `key-${view.attempts.length + 1}` : attemptId.replace("attempt", "key");
    const key = `begin-send ${gatesKey(this.#bounds, view)} ${late} ${attemptId} ${providerKey} ${claimed}`;
    return this.#kept.of(key, () =>
      gates(this.#bounds, view).map(({ gate, ...manner }) =>
        ask(
          {
            ...from("worker"),
            type: "begin-send",
            epoch: EPOCH - late,
            attemptId,
            provider: "simulated",
            providerKey,
            contentDigest: "digest-1",
            sendWindowMs: this.#sendWindowMs,
            gate,
          },
          { ...manner, strayChannel: claimed !== view.notice.channel },
        ),
      ),
    );
  }

  #stepBack(late: number): Ask[] {
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

  // People.

  operator({ notice: { generation } }: NoticeView): readonly Ask[] {
    return this.#kept.of(`operator ${generation}`, () => this.#operator(generation));
  }

  #operator(generation: number): Ask[] {
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
}
