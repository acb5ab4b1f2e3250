/**
 * What upkeep tells of itself, as the pipelines do: duties emit, they never log. No event shows personal data.
 */
import type { AttemptId, NoticeId } from "../../domain/ids.ts";
import type { FailureTag } from "../../failure.ts";

/** What a duty has done, or could not do. */
export type UpkeepEvent =
  | {
      readonly type: "duty:turn:done";
      readonly duty: string;
      readonly found: number;
      readonly changed: number;
      readonly elapsedMs: number;
    }
  /** It is done again in `inMs`. */
  | {
      readonly type: "duty:fail:done";
      readonly duty: string;
      readonly failure: FailureTag;
      readonly message: string;
      readonly inMs: number;
    }
  /** A bug in this duty; the others go on. */
  | {
      readonly type: "duty:break:done";
      readonly duty: string;
      readonly where: string;
      readonly inMs: number;
    }
  | {
      readonly type: "doubt:help:done";
      readonly noticeId: NoticeId;
      readonly attemptId: AttemptId;
      readonly by: "look-up" | "resend";
      /** In words: what came of it. */
      readonly outcome: string;
    }
  /** Only an operator can end it. */
  | {
      readonly type: "doubt:owe:done";
      readonly noticeId: NoticeId;
      readonly attemptId: AttemptId;
      readonly because: string;
    };

/** Hears what the duties do. */
export type UpkeepListener = (event: UpkeepEvent) => void;

/** A listener that throws is dropped: watching must not change the work. */
export class UpkeepEvents {
  readonly #listeners = new Set<UpkeepListener>();

  emit(event: UpkeepEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch {
        this.#listeners.delete(listener);
      }
    }
  }

  on(listener: UpkeepListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
