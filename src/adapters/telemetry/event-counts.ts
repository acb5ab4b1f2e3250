/**
 * Counts what pipelines tell, in plain numbers: an event costs a look-up and an addition, and the names of the metrics are put
 * to them when somebody asks.
 *
 * The time of an item runs from its admission to its settlement; for it the admissions that are not settled are remembered,
 * as many as are in flight and never more than `MOST_REMEMBERED`: beyond that, times are missing and counts are not.
 */
import type { EventListener } from "../../streams/runtime/events.ts";
import { type EventHandlers, tellTo } from "./event-handlers.ts";

export const MOST_REMEMBERED = 200_000;

/** Where measured values go: the histograms of the metrics. */
export interface Observers {
  readonly itemSeconds: (pipeline: string, seconds: number) => void;
  readonly stageSeconds: (pipeline: string, stage: string, seconds: number) => void;
  readonly batchSize: (pipeline: string, stage: string, size: number) => void;
}

/** One counter with its labels: `["deliver-email", "done"]`. */
export interface Counted {
  readonly labels: readonly string[];
  readonly count: number;
}

/** A count for each set of labels; there are as many as names in the source, so it stays small. */
export class Tally {
  readonly #counts = new Map<string, { labels: readonly string[]; count: number }>();

  add(...labels: readonly string[]): void {
    const key = labels.join("\n");
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { labels, count: 1 });
    else known.count += 1;
  }

  get all(): readonly Counted[] {
    return [...this.#counts.values()];
  }
}

export class EventCounts {
  readonly admitted = new Tally();
  readonly settled = new Tally();
  readonly diverted = new Tally();
  readonly retried = new Tally();
  readonly parked = new Tally();
  readonly handedBack = new Tally();
  readonly stuck = new Tally();
  readonly repeated = new Tally();
  readonly restarts = new Tally();
  readonly #observers: Observers;
  readonly #admittedAt = new Map<string, Map<string, number>>();
  #remembered = 0;

  constructor(observers: Observers) {
    this.#observers = observers;
  }

  readonly listen: EventListener = (event) => {
    tellTo(this.#handlers, event);
  };

  readonly #handlers: EventHandlers = {
    "item:admit:done": ({ pipeline, record, atMs }) => {
      this.admitted.add(pipeline);
      this.#remember(pipeline, record, atMs);
    },
    "item:settle:done": ({ pipeline, record, disposition, atMs }) => {
      this.settled.add(pipeline, disposition);
      const admittedAtMs = this.#recall(pipeline, record);
      // The wall clock may have been set back meanwhile: no time rather than a wrong sign.
      if (admittedAtMs !== undefined) {
        this.#observers.itemSeconds(pipeline, Math.max(0, atMs - admittedAtMs) / 1_000);
      }
    },
    "item:divert:done": ({ pipeline, stage, failure }) => {
      this.diverted.add(pipeline, stage, failure);
    },
    "item:retry:begin": ({ pipeline, stage }) => {
      this.retried.add(pipeline, stage);
    },
    "item:park:done": ({ pipeline }) => {
      this.parked.add(pipeline);
    },
    "item:hand-back:done": ({ pipeline, record }) => {
      this.handedBack.add(pipeline);
      this.#recall(pipeline, record);
    },
    "item:stick:done": ({ pipeline, stage }) => {
      this.stuck.add(pipeline, stage);
    },
    "record:repeat:seen": ({ pipeline }) => {
      this.repeated.add(pipeline);
    },
    "batch:call:done": ({ pipeline, stage, count, elapsedMs }) => {
      this.#observers.batchSize(pipeline, stage, count);
      this.#observers.stageSeconds(pipeline, stage, elapsedMs / 1_000);
    },
    "pipeline:restart:begin": ({ pipeline }) => {
      this.restarts.add(pipeline);
      this.#forget(pipeline);
    },
    "pipeline:end:done": ({ pipeline }) => {
      this.#forget(pipeline);
    },
  };

  /** Admissions that are not settled. */
  get remembered(): number {
    return this.#remembered;
  }

  #remember(pipeline: string, record: string, atMs: number): void {
    const records = this.#admittedAt.get(pipeline) ?? new Map<string, number>();
    this.#admittedAt.set(pipeline, records);
    if (!records.has(record)) {
      if (this.#remembered >= MOST_REMEMBERED) return;
      this.#remembered += 1;
    }
    records.set(record, atMs);
  }

  /** When it was admitted; it is forgotten by that. */
  #recall(pipeline: string, record: string): number | undefined {
    const records = this.#admittedAt.get(pipeline);
    const atMs = records?.get(record);
    if (records?.delete(record) === true) this.#remembered -= 1;
    return atMs;
  }

  #forget(pipeline: string): void {
    this.#remembered -= this.#admittedAt.get(pipeline)?.size ?? 0;
    this.#admittedAt.delete(pipeline);
  }
}
