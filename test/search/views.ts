/**
 * The ledger's rows about one notice, made canonical: two views that no guard and no actor can tell apart are one.
 *
 * What is folded, and why nothing is lost by it:
 * - **Time** is kept relative to now and cut off where every comparison of the table has been decided: an attempt older
 *   than `horizon` is as old as it can be, a due time in the past is now. The end of a notice that is far away is
 *   "far", and may come near with any tick, so every distance is covered.
 * - **Epochs** are compared for being equal or one apart, never otherwise, and never fall: the notice's own is always
 *   `EPOCH`, and what lies two or more below it is one thing.
 * - **Lapses** are counted for the cap alone: the count stays 0, and a lapse may find the cap reached at any time.
 * - **Publishing** is looked at by no guard: a queued notice may be delivered at any time, whatever `republishAt` says.
 * - **Closed letters, words and ids of messages** are looked at by nothing; closed attempts are dropped by the world
 *   (`world.ts`) once nobody can speak of them.
 * Whatever is folded away was checked before, on the edge that made it (`invariants.ts`).
 */
import type { Attempt } from "../../src/domain/attempt.ts";
import { isLive } from "../../src/domain/attempt.ts";
import type { DeadLetter } from "../../src/domain/dead-letter.ts";
import {
  attemptId,
  instant,
  noticeId,
  period,
  runId,
  workerId,
  type ChannelId,
  type Instant,
} from "../../src/domain/ids.ts";
import type { NoticeView } from "../../src/domain/lifecycle/rule.ts";
import { isFinal, type Notice, type Status } from "../../src/domain/notice.ts";
import { ticks, type Bounds } from "./bounds.ts";

export const NOW = instant(Date.UTC(2026, 0, 5, 3));
export const at = (offset: number): Instant => instant(NOW + ticks(offset));
export const EPOCH = 10;
export const NOTICE = noticeId("notice-1");
export const PERIOD = period(202601);
const RUN = runId("run-1");
/** Whoever owns the notice is called this, and whoever does not is called the other: names tell nothing more. */
export const OWNER = workerId("worker-1");
export const OTHER = workerId("worker-2");
export const FRESH = attemptId("attempt-fresh");
export const attemptName = (index: number): Attempt["attemptId"] => attemptId(`attempt-${index + 1}`);

export type ViewId = number;

/** What the world's moves ask of a view many million times. */
export interface Glance {
  readonly channel: ChannelId | null;
  readonly generation: number;
  readonly status: Status;
  readonly final: boolean;
  readonly owned: boolean;
  readonly attempts: readonly Attempt[];
  /** Index of the attempt that holds the right to send, or -1. */
  readonly live: number;
  /** Ticks since the live attempt's intent, cut off at the horizon. */
  readonly age: number;
  /** Bits of the attempts that are closed. */
  readonly closed: number;
}

const offsetOf = (at: Instant): number => (at - NOW) / ticks(1);
const within = (at: Instant, low: number, high: number): Instant =>
  instant(NOW + ticks(Math.min(high, Math.max(low, offsetOf(at)))));

export class Views {
  readonly #bounds: Bounds;
  readonly #ids = new Map<string, ViewId>();
  readonly #views: NoticeView[] = [];
  readonly #glances: Glance[] = [];
  readonly #later: (readonly ViewId[] | undefined)[] = [];
  readonly #without = new Map<number, ViewId>();
  /** Beyond this age of an attempt all its bounds have passed. */
  readonly horizon: number;
  /** At or beyond this distance the end of the notice stops nothing. */
  readonly far: number;
  readonly #oldestSendBy: number;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    const settled = bounds.sendWindow + Math.max(bounds.delta ?? 0, bounds.answerWindow) + 1;
    this.horizon = bounds.providerClass === "C" ? settled : Math.max(settled, bounds.memory);
    // At class B a look-up is held against send_by long after it has passed, so it must not catch up with the intent.
    this.#oldestSendBy =
      bounds.providerClass === "B" ? bounds.sendWindow - this.horizon : bounds.sendWindow - settled;
    this.far = bounds.sendWindow + 1;
  }

  get size(): number {
    return this.#views.length;
  }

  view(id: ViewId): NoticeView {
    const view = this.#views[id];
    if (view === undefined) throw new RangeError(`no view ${id}`);
    return view;
  }

  glance(id: ViewId): Glance {
    const glance = this.#glances[id];
    if (glance === undefined) throw new RangeError(`no view ${id}`);
    return glance;
  }

  /** T1 has just happened. */
  ingested(): ViewId {
    const notice: Notice = {
      noticeId: NOTICE,
      period: PERIOD,
      status: "ready",
      epoch: EPOCH,
      generation: 1,
      attemptNo: 0,
      channel: null,
      policyVersion: null,
      owner: null,
      leaseUntil: null,
      lapses: 0,
      dueAt: NOW,
      holdReason: null,
      republishAt: null,
      publishes: 0,
      expiresAt: at(this.far),
      runId: null,
      cancelRequested: false,
    };
    return this.intern({ notice, attempts: [], deadLetters: [] });
  }

  /** The canonical view that stands for these rows, seen at `NOW`. */
  intern(rows: NoticeView): ViewId {
    const view = this.#canonical(rows);
    const key = JSON.stringify(view);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#views.length;
    this.#ids.set(key, id);
    this.#views.push(view);
    this.#glances.push(this.#glanceAt(view));
    return id;
  }

  /** The same rows one tick later: two answers where the end of the notice may or may not have come near. */
  later(id: ViewId): readonly ViewId[] {
    const known = this.#later[id];
    if (known !== undefined) return known;
    const view = this.view(id);
    const { expiresAt } = view.notice;
    const isFar = offsetOf(expiresAt) >= this.far;
    const ends =
      isFar && this.#bounds.expiry
        ? [at(this.far + 1), at(this.far)]
        : [isFar ? at(this.far + 1) : expiresAt];
    const later = [...new Set(ends.map((end) => this.intern(this.#aged(view, end))))];
    this.#later[id] = later;
    return later;
  }

  /** Without the attempts whose bit is not in `keep`. */
  without(id: ViewId, keep: number): ViewId {
    const key = id * 256 + keep;
    const known = this.#without.get(key);
    if (known !== undefined) return known;
    const view = this.view(id);
    const attempts = view.attempts.filter((_attempt, index) => (keep >> index) & 1);
    const result = this.intern({ ...view, attempts });
    this.#without.set(key, result);
    return result;
  }

  #aged({ notice, attempts, deadLetters }: NoticeView, expiresAt: Instant): NoticeView {
    const older = (at: Instant): Instant => instant(at - ticks(1));
    return {
      notice: {
        ...notice,
        dueAt: older(notice.dueAt),
        leaseUntil: notice.leaseUntil === null ? null : older(notice.leaseUntil),
        expiresAt: older(expiresAt),
      },
      attempts: attempts.map((attempt) => ({
        ...attempt,
        intentAt: older(attempt.intentAt),
        sendBy: older(attempt.sendBy),
      })),
      deadLetters,
    };
  }

  #canonical({ notice, attempts, deadLetters }: NoticeView): NoticeView {
    const over = isFinal(notice.status) && notice.generation >= this.#bounds.generations;
    return {
      notice: {
        ...notice,
        epoch: EPOCH,
        lapses: 0,
        publishes: 0,
        runId: notice.runId === null || over ? null : RUN,
        owner: notice.owner === null ? null : OWNER,
        leaseUntil: notice.leaseUntil === null ? null : within(notice.leaseUntil, -1, this.#bounds.lease),
        dueAt: over ? NOW : within(notice.dueAt, 0, Infinity),
        republishAt: notice.republishAt === null ? null : NOW,
        expiresAt: over || !this.#bounds.expiry ? at(this.far) : within(notice.expiresAt, 0, this.far),
      },
      attempts: attempts.map((attempt, index) => this.#canonicalAttempt(attempt, index, notice.epoch)),
      deadLetters: deadLetters
        .filter(({ state }) => state === "open" || state === "replaying")
        .map((letter, index) => this.#canonicalLetter(letter, index, notice, attempts)),
    };
  }

  #canonicalAttempt(attempt: Attempt, index: number, epoch: number): Attempt {
    const { horizon } = this;
    const oldest = this.#oldestSendBy;
    const { providerClass } = this.#bounds;
    const undecided = attempt.state === "intent" || attempt.state === "in_doubt";
    // How long a class A provider still knows the key matters after the acceptance too: a copy may be on its way.
    const aging = undecided || (attempt.state === "accepted" && providerClass === "A");
    return {
      ...attempt,
      attemptId: attemptName(index),
      providerKey: `key-${index + 1}`,
      epoch: EPOCH - Math.min(2, epoch - attempt.epoch),
      intentAt: aging ? within(attempt.intentAt, -horizon, 0) : at(-horizon),
      sendBy: undecided ? within(attempt.sendBy, oldest, Infinity) : at(oldest),
      providerMessageId: attempt.providerMessageId === null ? null : "message-1",
      evidence: attempt.evidence === null ? null : "as reported",
      contradiction: attempt.contradiction === null ? null : "as reported",
    };
  }

  #canonicalLetter(
    letter: DeadLetter,
    index: number,
    notice: Notice,
    attempts: readonly Attempt[],
  ): DeadLetter {
    const place = attempts.findIndex(({ attemptId }) => attemptId === letter.attemptId);
    return {
      ...letter,
      // Only equality with a new letter's epoch could matter, and that one has the notice's own.
      epoch: letter.epoch === notice.epoch ? EPOCH : EPOCH - 3 - index,
      attemptId: place < 0 ? null : attemptName(place),
      reason: "as reported",
      openedAt: NOW,
    };
  }

  #glanceAt({ notice, attempts }: NoticeView): Glance {
    const live = attempts.findIndex(
      ({ generation, state }) => generation === notice.generation && isLive(state),
    );
    const attempt = attempts[live];
    return {
      channel: notice.channel,
      generation: notice.generation,
      status: notice.status,
      final: isFinal(notice.status),
      owned: notice.owner !== null,
      attempts,
      live,
      age: attempt === undefined ? this.horizon : -offsetOf(attempt.intentAt),
      closed: attempts.reduce((bits, { state }, index) => (isLive(state) ? bits : bits | (1 << index)), 0),
    };
  }
}
