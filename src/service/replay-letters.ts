/**
 * Begins a new generation for everything whose dead letter fits a filter: page by page, at no more than a rate, so that a
 * million replays do not land on the providers at once. It may be stopped and begun again: what was replayed fits no more.
 */
import { Effect, Result } from "effect";
import type { Instant } from "../domain/ids.ts";
import type { CommandOf } from "../domain/lifecycle/commands.ts";
import type { LedgerReports } from "../domain/ports/ledger-reports.ts";
import type { NoticeLedger } from "../domain/ports/notice-ledger.ts";
import type { Clock } from "../streams/runtime/system-ports.ts";
import { decidable, decideLetters, type LetterOrder } from "./decide-letters.ts";

export interface ReplayOrder extends LetterOrder {
  readonly perSecond: number;
  readonly expiresAt: Instant | null;
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
export const replayable = decidable;

export const replayLetters = async (
  { reports, ledger, clock }: Ports,
  { perSecond, expiresAt, ...order }: ReplayOrder,
  onProgress: (done: number) => void,
): Promise<Replayed> => {
  const beganMs = clock.monotonicMs();
  const { done, refused } = await decideLetters({
    ...{ ...order, reports, onProgress },
    pageCount: Math.max(1, Math.floor(perSecond)),
    rest: (asked) => waitUntil(clock, beganMs + (asked / perSecond) * 1_000, order.signal),
    decide: async (page) => {
      // The same notice may have failed in two generations; its letter of the present one is what counts.
      const present = page.filter(({ letter, generation }) => letter.generation === generation);
      const commands = present.map(({ letter: { noticeId, period, generation } }): CommandOf<"replay"> => ({
        type: "replay",
        ...{ noticeId, period, generation, expiresAt, actor: order.actor },
      }));
      const answers = commands.length === 0 ? [] : await Effect.runPromise(ledger.apply("replay", commands));
      return answers.map((answer) => {
        if (Result.isFailure(answer)) return answer.failure.message;
        const { verdict, because } = answer.success;
        return verdict === "won" ? null : (because ?? verdict);
      });
    },
  });
  return { replayed: done, refused };
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
