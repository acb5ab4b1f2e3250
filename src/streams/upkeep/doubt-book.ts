/**
 * What this process knows of doubts that it has seen: which are being helped, and when each of the others can next be. It keeps ten
 * thousand waiting doubts from being read every second. Bounded, and forgetful without harm: what it forgets the next walk finds.
 *
 *   unknown ──found by a walk──▶ waiting ──its time, and a free place──▶ under way ──▶ forgotten, or waiting again
 */
import type { ChannelId, Instant } from "../../domain/ids.ts";
import type { DoubtKey } from "../../domain/ports/doubts.ts";

export interface WaitingDoubt {
  readonly key: DoubtKey;
  readonly channel: ChannelId | null;
  /** By the ledger's time. */
  readonly notBefore: Instant;
  /** Helps in a row that came to nothing. */
  readonly tries: number;
  /** Only an operator can end it. */
  readonly owed: boolean;
}

export class DoubtBook {
  readonly #mostCount: number;
  readonly #waiting = new Map<string, WaitingDoubt>();
  readonly #underWay = new Map<string, ChannelId>();

  constructor(mostCount: number) {
    this.#mostCount = mostCount;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get owed(): number {
    let count = 0;
    for (const { owed } of this.#waiting.values()) if (owed) count += 1;
    return count;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  underWayOn(channel: ChannelId): number {
    let count = 0;
    for (const other of this.#underWay.values()) if (other === channel) count += 1;
    return count;
  }

  find(noticeId: string): WaitingDoubt | undefined {
    return this.#waiting.get(noticeId);
  }

  knows(noticeId: string): boolean {
    return this.#waiting.has(noticeId) || this.#underWay.has(noticeId);
  }

  wait(doubt: WaitingDoubt): void {
    const { noticeId } = doubt.key;
    this.#underWay.delete(noticeId);
    this.#waiting.delete(noticeId);
    if (this.#waiting.size < this.#mostCount) this.#waiting.set(noticeId, doubt);
  }

  begin(noticeId: string, channel: ChannelId): void {
    this.#waiting.delete(noticeId);
    this.#underWay.set(noticeId, channel);
  }

  forget(noticeId: string): void {
    this.#waiting.delete(noticeId);
    this.#underWay.delete(noticeId);
  }

  /** Those whose time has come, at most `freeOn` for each channel, and `limit` in all. */
  ripe(now: Instant, limit: number, freeOn: (channel: ChannelId | null) => number): readonly WaitingDoubt[] {
    const taken = new Map<ChannelId | null, number>();
    const ripe: WaitingDoubt[] = [];
    for (const doubt of this.#waiting.values()) {
      if (doubt.notBefore > now) continue;
      const { channel } = doubt;
      const count = taken.get(channel) ?? 0;
      if (count >= freeOn(channel)) continue;
      taken.set(channel, count + 1);
      ripe.push(doubt);
      if (ripe.length >= limit) break;
    }
    return ripe;
  }
}
