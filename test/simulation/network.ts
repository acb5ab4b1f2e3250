/**
 * A statement on its way from a life to the ledger and back. It takes time in both directions; it may never arrive, be refused, or be
 * carried out without anybody being told. What has left is carried out, whatever becomes of who has sent it.
 */
import { Effect, Exit } from "effect";
import { type Failure, Transient, Unconfirmed } from "../../src/failure.ts";
import type { Clock } from "../../src/streams/runtime/system-ports.ts";
import type { Draw } from "../support/draw.ts";
import type { Life } from "./life.ts";
import type { Chances } from "./plan.ts";
import type { Trace } from "./trace.ts";

/**
 * What the adapter does where an answer is lost: it asks `again` for the same batch, or says that nobody knows (`once`), or simply
 * that it did not work (`read`).
 */
export type Habit = "again" | "once" | "read";

export interface NetworkOptions {
  readonly clock: Clock;
  readonly draw: Draw;
  readonly trace: Trace;
  readonly chances: () => Chances;
}

const REFUSAL = new Transient({ message: "the database is away" });
const UNKNOWN = new Unconfirmed({ message: "the answer was lost" });
/** Of a connection that finds nobody. */
const AWAY_MS = 300;
const LONGEST_MS = 12;
const SLOWEST_MS = 8_000;

export class Network {
  readonly #options: NetworkOptions;
  #isAway = false;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  away(): void {
    this.#isAway = true;
  }

  back(): void {
    this.#isAway = false;
  }

  carry<A>(
    life: Life,
    habit: Habit,
    name: string,
    statement: Effect.Effect<A, Failure>,
  ): Effect.Effect<A, Failure> {
    const { clock, draw, trace } = this.#options;
    return Effect.callback<A, Failure>((resume) => {
      const answer = (afterMs: number, exit: Exit.Exit<A, Failure>): void => {
        clock.after(afterMs, () => life.pass(() => resume(exit)));
      };
      life.pass(() => {
        const { thereMs, backMs, fate } = this.#fated(name);
        clock.after(thereMs, () => {
          if (this.#isAway) return answer(AWAY_MS, Exit.fail(REFUSAL));
          switch (fate) {
            case "carried out":
              return answer(backMs, Effect.runSyncExit(statement));
            case "refused":
              return answer(backMs, Exit.fail(REFUSAL));
            case "lost":
              return answer(backMs, Exit.fail(habit === "read" ? REFUSAL : UNKNOWN));
            case "unanswered": {
              const exit = Effect.runSyncExit(statement);
              if (habit === "read") return answer(backMs, Exit.fail(REFUSAL));
              if (habit === "once" || draw.chance(0.5)) return answer(backMs, Exit.fail(UNKNOWN));
              trace.tell(`${life.name} asks again: ${name}`);
              clock.after(backMs, () =>
                answer(backMs, Exit.isSuccess(exit) ? Effect.runSyncExit(statement) : exit),
              );
            }
          }
        });
      });
    });
  }

  #fated(name: string) {
    const { draw, chances, trace } = this.#options;
    const { ledgerSlow, answerLost, statementLost, ledgerRefuses } = chances();
    const slowMs = draw.chance(ledgerSlow) ? draw.within(500, SLOWEST_MS) : 0;
    if (slowMs > 0) trace.inject("ledgerSlow", name);
    const fate = draw.chance(answerLost)
      ? ("unanswered" as const)
      : draw.chance(statementLost)
        ? ("lost" as const)
        : draw.chance(ledgerRefuses)
          ? ("refused" as const)
          : ("carried out" as const);
    const fault = { unanswered: "answerLost", lost: "statementLost", refused: "ledgerRefuses" } as const;
    if (fate !== "carried out") trace.inject(fault[fate], name);
    // slow before it is carried out, or after
    const isSlowThere = draw.chance(0.5);
    return {
      fate,
      thereMs: draw.within(1, LONGEST_MS) + (isSlowThere ? slowMs : 0),
      backMs: draw.within(1, LONGEST_MS) + (isSlowThere ? 0 : slowMs),
    };
  }
}
