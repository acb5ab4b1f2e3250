/**
 * Where the help for doubts goes on: so many look-ups or copies at once for each provider, each by itself, each with what comes next.
 * Nothing here is interrupted: a copy that is on its way is seen to its end, and `stop` waits for it.
 */
import { Cause, Effect, Exit, Option } from "effect";
import { type ChannelId, type Instant, instant } from "../../domain/ids.ts";
import type { DoubtfulNotice } from "../../domain/ports/doubts.ts";
import { isFailure } from "../../failure.ts";
import { whereThrown } from "../runtime/rail.ts";
import { effectContext } from "../runtime/system-ports.ts";
import { DoubtBook } from "./doubt-book.ts";
import { helpDoubt } from "./help-doubt.ts";
import type { Help, HelpPorts } from "./settle-doubt.ts";
import type { UpkeepEvents } from "./upkeep-events.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts, UpkeepProvider } from "./upkeep-ports.ts";

export class DoubtDesk {
  readonly book: DoubtBook;
  readonly #ports: HelpPorts;
  readonly #events: UpkeepEvents;
  readonly #providers: ReadonlyMap<ChannelId, UpkeepProvider>;
  readonly #stopping = new AbortController();
  readonly #whenChanged = new Set<() => void>();

  constructor(ports: UpkeepPorts, limits: UpkeepLimits, events: UpkeepEvents) {
    this.book = new DoubtBook(limits.rememberedCount);
    this.#ports = { ...ports, limits, stopping: this.#stopping.signal };
    this.#events = events;
    this.#providers = new Map(ports.providers.map((provider) => [provider.channel, provider]));
  }

  providerOf(channel: ChannelId): UpkeepProvider | undefined {
    return this.#providers.get(channel);
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Places that are free. What has no provider here is not helped, so it needs none. */
  freeOn(channel: ChannelId | null): number {
    if (this.isStopping) return 0;
    const provider = channel === null ? undefined : this.#providers.get(channel);
    if (channel === null || provider === undefined) return Infinity;
    const { lookUpsAtOnce, resendsAtOnce } = this.#ports.limits;
    const places = provider.sender.terms.class === "A" ? resendsAtOnce : lookUpsAtOnce;
    return places - this.book.underWayOn(channel);
  }

  /** Resolves when a place has become free, or when it is time to stop. */
  get changed(): Promise<void> {
    return new Promise((resolve) => this.#whenChanged.add(resolve));
  }

  begin(doubt: DoubtfulNotice, provider: UpkeepProvider, by: "look-up" | "resend", now: Instant): void {
    const { noticeId } = doubt.notice;
    const { clock } = this.#ports.system;
    const tries = this.book.find(noticeId)?.tries ?? 0;
    const beganMs = clock.monotonicMs();
    this.book.begin(noticeId, provider.channel);
    const help = helpDoubt(this.#ports, provider, doubt, by, now);
    Effect.runForkWith(effectContext(this.#ports.system))(help).addObserver((exit) => {
      const came = Exit.isSuccess(exit) ? exit.value : helpOf(exit.cause);
      const { attemptId } = doubt.attempt;
      this.#events.emit({ type: "doubt:help:done", noticeId, attemptId, by, outcome: came.words });
      this.#keep(doubt, came, instant(Math.floor(now + clock.monotonicMs() - beganMs)), tries);
      this.#tellChanged();
    });
  }

  /** It is told of once, and looked at again from time to time: an operator may have changed what stood in the way. */
  owe({ notice, attempt }: DoubtfulNotice, because: string, now: Instant, isNew: boolean): void {
    const { noticeId, period } = notice;
    const notBefore = instant(now + this.#ports.limits.owedLookMs);
    const key = { noticeId, period };
    this.book.wait({ key, channel: attempt.channel, notBefore, tries: 0, owed: true });
    const { attemptId } = attempt;
    if (isNew) this.#events.emit({ type: "doubt:owe:done", noticeId, attemptId, because });
  }

  wait({ notice, attempt }: DoubtfulNotice, notBefore: Instant, tries: number): void {
    const { noticeId, period } = notice;
    this.book.wait({ key: { noticeId, period }, channel: attempt.channel, notBefore, tries, owed: false });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#tellChanged();
    while (this.book.underWay > 0) await this.changed;
  }

  #tellChanged(): void {
    for (const tell of this.#whenChanged) tell();
    this.#whenChanged.clear();
  }

  #keep(doubt: DoubtfulNotice, came: Help, now: Instant, tries: number): void {
    switch (came.kind) {
      case "settled":
        this.book.forget(doubt.notice.noticeId);
        return;
      case "owed":
        this.owe(doubt, came.words, now, true);
        return;
      case "again": {
        const { retryDoubtMs, retryDoubtCapMs } = this.#ports.limits;
        const backoffMs = Math.min(retryDoubtCapMs, retryDoubtMs * 2 ** tries);
        const { notBefore } = came;
        if (notBefore === undefined) this.wait(doubt, instant(now + backoffMs), tries + 1);
        else this.wait(doubt, notBefore, 0);
      }
    }
  }
}

/** A help that failed has changed nothing of what is known: it is tried again. */
const helpOf = (cause: Cause.Cause<unknown>): Help => {
  const failure = Cause.findErrorOption(cause);
  return {
    kind: "again",
    words:
      Option.isSome(failure) && isFailure(failure.value)
        ? failure.value.message
        : `a bug in our program: ${whereThrown(Cause.squash(cause))}`,
  };
};
