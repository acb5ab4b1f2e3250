/**
 * A writer that gathers naturally: dead letters, acknowledgements and hand-backs go out in batches, one call at a time,
 * each batch's items told when it is durable. A failed write is the pipeline's failure: nothing that depended on it is
 * counted as finished.
 */
import { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import { failureOfCause } from "./one-try.ts";
import { Gathering } from "./gathering.ts";
import type { Machinery } from "./machinery.ts";
import type { DivertedBy } from "./rail.ts";

interface Write<Item> {
  readonly item: Item;
  readonly written: () => void;
}

const MOST_IN_A_WRITE = 1_000;

export class BatchedWrites<Item> {
  readonly #gathering: Gathering<Write<Item>>;
  readonly #whenIdle: (() => void)[] = [];

  constructor(
    name: string,
    machinery: Machinery,
    write: (items: readonly Item[]) => Effect.Effect<void, Failure>,
    failed: (failure: DivertedBy) => void,
  ) {
    this.#gathering = new Gathering<Write<Item>>({
      concurrency: 1,
      maxCount: MOST_IN_A_WRITE,
      maxBytes: Infinity,
      bytesOf: () => 0,
      soon: (_write, run) => {
        machinery.ports.clock.soon(run);
      },
      begin: (batch) => {
        if (machinery.isOver) return;
        const call = Effect.suspend(() => write(batch.map(({ item }) => item)));
        machinery.run(call).addObserver((exit) => {
          if (exit._tag === "Success") for (const { written } of batch) written();
          else failed(failureOfCause(exit.cause, name, true));
          this.#gathering.ended();
          if (this.isIdle) for (const tell of this.#whenIdle.splice(0)) tell();
        });
      },
      empty: () => undefined,
    });
  }

  get isIdle(): boolean {
    return this.#gathering.out === 0 && this.#gathering.waiting === 0;
  }

  add(item: Item, written: () => void): void {
    this.#gathering.add({ item, written });
  }

  idle(): Promise<void> {
    return this.isIdle
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#whenIdle.push(resolve);
        });
  }

  stop(): void {
    this.#gathering.stop();
  }
}
