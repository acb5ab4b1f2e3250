/**
 * The walk of one dispatcher through the candidates of a run: a source of turns, and the cursor that the turns share.
 *
 *   walking ──page with a next──▶ walking
 *      │ ──last page──▶ ended   (the run closes it, or somebody walks again for what was in other hands)
 *      └──the run is closed, or its cap reached──▶ ended
 *
 * Pages are fetched one after another: where one begins is where the one before has ended.
 */
import { Effect } from "effect";
import type { RoutingCursor } from "../../domain/ports/notice-ledger.ts";
import type { QueueSource } from "../runtime/source.ts";
import type { PageTurn } from "./bodies.ts";

export class CandidateWalk {
  after: RoutingCursor | null = null;
  isEnded = false;
  #turn = 0;

  /** A source that ends when the walk has. Turns that were given out before are found to be idle. */
  get turns(): QueueSource<PageTurn> {
    return {
      kind: "queue",
      name: "pages of candidates",
      can: {
        individualAck: true,
        partitions: false,
        delayedRetry: false,
        priority: false,
        awaitedRevocation: false,
      },
      open: () => Effect.void,
      pull: () =>
        Effect.sync(() => {
          if (this.isEnded) return { records: [], ended: true };
          this.#turn += 1;
          const turn = this.#turn;
          return { records: [{ token: `page ${turn}`, key: String(turn), body: { turn } }], ended: false };
        }),
      settle: () => Effect.void,
      close: Effect.void,
    };
  }

  /** A page was committed. */
  goOn(next: RoutingCursor | null, isExhausted: boolean): void {
    this.after = next;
    if (next === null || isExhausted) this.isEnded = true;
  }
}
