/**
 * Begins a new generation for everything whose dead letter fits a filter: page by page, at no more than a rate, so that a
 * million replays do not land on the providers at once. It may be stopped and begun again: what was replayed fits no more.
 */
import { Effect, Result } from "effect";
import type { Instant } from "../domain/ids.ts";
import type { CommandOf } from "../domain/lifecycle/commands.ts";
import type { LedgerReports, LetterFilter, LetterKey } from "../domain/ports/ledger-reports.ts";
import type { NoticeLedger } from "../domain/ports/notice-ledger.ts";
import type { Clock } from "../streams/runtime/system-ports.ts";

/** Replays of one transaction. */
const PAGE = 500;

export interface ReplayOrder {
  readonly filter: LetterFilter;
  /** Replays at most, as many as were confirmed. */
  readonly count: number;
  readonly perSecond: number;
  readonly expiresAt: Instant | null;
  readonly actor: string;
  readonly signal: AbortSignal;
}

export interface Replayed {
  readonly replayed: number;
  /** By the guard that said no. */
  readonly refused: Readonly<Record<string, number>>;
}

interface Ports {
  readonly reports: Pick<LedgerReports, "letters">;
  readonly ledger: Pick<NoticeLedger, "apply">;
  readonly clock: Clock;
}

/** Only what failed is replayed; a doubt is resolved. */
export const replayable = (filter: LetterFilter): LetterFilter => ({
  ...filter,
  kind: "failed",
  state: "open",
});

export const replayLetters = async (
  { reports, ledger, clock }: Ports,
  { filter, count, perSecond, expiresAt, actor, signal }: ReplayOrder,
  onProgress: (done: number) => void,
): Promise<Replayed> => {
  const refused: Record<string, number> = {};
  const beganMs = clock.monotonicMs();
  let asked = 0;
  let replayed = 0;
  let after: LetterKey | undefined;
  while (asked < count && !signal.aborted) {
    const limit = Math.min(PAGE, count - asked, Math.max(1, Math.floor(perSecond)));
    const page = await Effect.runPromise(reports.letters(replayable(filter), limit, after));
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.letter;
    // The same notice may have failed in two generations; its letter of the present one is what counts.
    const present = page.filter(({ letter, generation }) => letter.generation === generation);
    const commands = present.map(({ letter: { noticeId, period, generation } }): CommandOf<"replay"> => ({
      type: "replay",
      ...{ noticeId, period, generation, expiresAt, actor },
    }));
    const answers = commands.length === 0 ? [] : await Effect.runPromise(ledger.apply("replay", commands));
    for (const answer of answers) {
      const because = Result.isFailure(answer)
        ? answer.failure.message
        : answer.success.verdict === "won"
          ? null
          : (answer.success.because ?? answer.success.verdict);
      if (because === null) replayed += 1;
      else refused[because] = (refused[because] ?? 0) + 1;
    }
    asked += page.length;
    onProgress(asked);
    if (page.length < limit || asked >= count) break;
    const dueMs = beganMs + (asked / perSecond) * 1_000;
    await waitUntil(clock, dueMs, signal);
  }
  return { replayed, refused };
};

const waitUntil = async (clock: Clock, dueMs: number, signal: AbortSignal): Promise<void> => {
  const waitMs = dueMs - clock.monotonicMs();
  if (waitMs <= 0 || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const cancel = clock.after(waitMs, done);
    function done(): void {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
};
