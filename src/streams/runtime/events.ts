/**
 * What a pipeline tells of itself: one typed union, named `noun:verb:phase`. Stages emit, they never log; logs, metrics,
 * traces and a console are listeners. A listener that throws is dropped: watching must not change the work.
 */
import type { FailureTag } from "../../failure.ts";

interface OfItem {
  readonly record: string;
  readonly stage: string;
}

/** What a pipeline tells of itself while it runs, named `noun:verb:phase`. */
export type RuntimeEvent =
  | { readonly type: "pipeline:start:done"; readonly life: number }
  | {
      readonly type: "pipeline:restart:begin";
      readonly life: number;
      readonly cause: string;
      readonly inMs: number;
    }
  | { readonly type: "pipeline:drain:begin"; readonly deadlineMs: number }
  | { readonly type: "pipeline:end:done"; readonly how: string; readonly cause: string | null }
  | { readonly type: "intake:stop:done"; readonly reason: string }
  /** What it held may be held for as long as its service keeps it: the pipeline has ended all the same. */
  | { readonly type: "source:close:failed"; readonly reason: string }
  | { readonly type: "item:admit:done"; readonly record: string; readonly attempt: number }
  | ({ readonly type: "item:retry:begin"; readonly failure: string } & OfItem)
  | ({
      readonly type: "item:divert:done";
      readonly failure: FailureTag | "Bug";
      readonly message: string;
    } & OfItem)
  | ({ readonly type: "item:settle:done"; readonly disposition: string } & OfItem)
  | ({ readonly type: "item:park:done"; readonly forMs: number } & OfItem)
  | ({ readonly type: "item:hand-back:done"; readonly reason: string } & OfItem)
  | ({ readonly type: "item:stick:done"; readonly ageMs: number } & OfItem)
  /**
   * It had been given up when its time was up, and told what came of it after all: a value, or a failure's tag. Only a
   * promise does so; of an effect that was interrupted nothing is known, also where it could not be stopped at once.
   */
  | ({
      readonly type: "item:late-answer:seen";
      readonly answer: "value" | FailureTag | "Bug";
      readonly lateMs: number;
    } & OfItem)
  | {
      readonly type: "batch:late-answer:seen";
      readonly stage: string;
      readonly count: number;
      readonly answer: "value" | FailureTag | "Bug";
      readonly lateMs: number;
    }
  | {
      readonly type: "batch:call:done";
      readonly stage: string;
      readonly count: number;
      readonly elapsedMs: number;
    }
  | {
      readonly type: "batch:split:done";
      readonly stage: string;
      readonly count: number;
      readonly failure: string;
    }
  /** Its work goes on, or is over, and it is not worked on again; or it was finished, could not be committed, and is. */
  | { readonly type: "record:repeat:seen"; readonly record: string }
  | { readonly type: "partition:assign:done"; readonly partition: string; readonly epoch: number }
  | { readonly type: "partition:revoke:begin"; readonly partition: string; readonly unfinished: number }
  | { readonly type: "partition:revoke:done"; readonly partition: string; readonly unfinished: number }
  | { readonly type: "partition:lose:done"; readonly partition: string; readonly unfinished: number }
  | { readonly type: "offset:commit:done"; readonly partition: string; readonly next: number }
  | { readonly type: "offset:commit:stale"; readonly partition: string; readonly next: number };

/** With the pipeline's name and the wall clock's time. */
export type PipelineEvent = RuntimeEvent & { readonly pipeline: string; readonly atMs: number };

/** Called with each event; one that throws is not called again. */
export type EventListener = (event: PipelineEvent) => void;

export class Events {
  readonly #pipeline: string;
  readonly #wallMs: () => number;
  readonly #listeners = new Set<EventListener>();

  constructor(pipeline: string, wallMs: () => number) {
    this.#pipeline = pipeline;
    this.#wallMs = wallMs;
  }

  /** False while nobody listens: then an event need not even be made. */
  get heard(): boolean {
    return this.#listeners.size > 0;
  }

  emit(event: RuntimeEvent): void {
    if (!this.heard) return;
    const told = { ...event, pipeline: this.#pipeline, atMs: this.#wallMs() };
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue; // one before it has made it stop listening
      try {
        const returned: unknown = listener(told);
        if (returned instanceof Promise) returned.catch(() => this.#listeners.delete(listener));
      } catch {
        this.#listeners.delete(listener);
      }
    }
  }

  /** The last one: what still comes of work that would not stop is told to nobody. */
  emitLast(event: RuntimeEvent): void {
    this.emit(event);
    this.#listeners.clear();
  }

  /** Returns the way to stop listening. */
  on(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
