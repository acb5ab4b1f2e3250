/**
 * How a life is closed. What is unfinished is handed back to its source; what is finished is committed; work that was
 * given up is waited for, so that a new life does not work on the same record beside it; and no wait is longer than its
 * bound, because whoever stops a pipeline must not hang on it.
 */
import { Effect, Exit, type Fiber } from "effect";
import type { Commits } from "./commits.ts";
import type { DelayRoom } from "./delay-room.ts";
import type { Machinery } from "./machinery.ts";
import type { Desk } from "./settle.ts";
import { failureOfCause } from "./one-try.ts";
import { asError, toldOf } from "./rail.ts";
import type { PullSource } from "./source.ts";
import type { Ticket, Tickets } from "./ticket.ts";

export type LifeEnd =
  | { readonly how: "completed" | "drained" | "aborted" }
  | { readonly how: "failed"; readonly error: Error; readonly mayRestart: boolean };

export interface ClosableLife extends Machinery {
  readonly options: { readonly source: Pick<PullSource<unknown>, "close">; readonly closeWithinMs: number };
  readonly inFlight: { readonly tickets: Tickets; readonly shut: () => void };
  readonly room: DelayRoom;
  readonly commits: Commits | null;
  readonly desk: Desk;
  readonly handBack: (ticket: Ticket, reason: string) => void;
  readonly giveUpWork: () => void;
  readonly work: { readonly quiet: () => Promise<void> };
  readonly intake: { readonly idle: () => Promise<void>; readonly close: () => void };
}

const within = (life: ClosableLife, ms: number, done: Promise<unknown>): Promise<void> =>
  new Promise((resolve) => {
    const cancel = life.ports.clock.after(ms, resolve);
    const finished = (): void => {
      cancel();
      resolve();
    };
    done.then(finished, finished);
  });

const ended = (fiber: Fiber.Fiber<unknown, unknown>): Promise<void> =>
  new Promise((resolve) => {
    fiber.addObserver(() => {
      resolve();
    });
  });

/** It is waited for as long as for anything else; that it failed, or has not ended by then, is told. */
const closeSource = async (life: ClosableLife): Promise<void> => {
  const { source, closeWithinMs } = life.options;
  const closing = life.run(Effect.suspend(() => source.close));
  await within(life, closeWithinMs, ended(closing));
  const exit = closing.pollUnsafe();
  if (exit !== undefined && Exit.isSuccess(exit)) return;
  const reason =
    exit === undefined
      ? `it has not ended within ${closeWithinMs} ms`
      : toldOf(asError(failureOfCause(exit.cause, "close", true)));
  life.events.emit({ type: "source:close:failed", reason });
};

/** What is in hand is given up at once; what a pull that would not be interrupted still brings goes back as well. */
export const closeLife = async (
  life: ClosableLife,
  end: LifeEnd,
  opening: Fiber.Fiber<unknown, unknown>,
): Promise<void> => {
  const { closeWithinMs } = life.options;
  const reason = end.how === "failed" ? `the pipeline failed: ${toldOf(end.error)}` : end.how;
  const handBackAll = (): void => {
    for (const ticket of life.inFlight.tickets) life.handBack(ticket, reason);
    life.room.clear(); // last: who is handed back may leave a credit to one that then waits there for it
  };
  life.inFlight.shut();
  handBackAll();
  life.giveUpWork();
  await within(life, closeWithinMs, Promise.all([ended(opening), life.intake.idle()]));
  life.intake.close();
  handBackAll();
  await within(life, closeWithinMs, life.work.quiet());
  await within(
    life,
    closeWithinMs,
    life.desk.idle().then(() => life.commits?.flush()),
  );
  life.commits?.stop();
  await closeSource(life);
};
