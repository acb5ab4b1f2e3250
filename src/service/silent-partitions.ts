/**
 * Partitions that are ours and of which nothing comes, although records lie there and there is room for them: whoever looks at each
 * process alone sees nothing wrong, for nothing is in its hands. It is no failure, and restarts nothing; it is said.
 *
 * Two looks far apart say that this process itself stood still: then everything is looked at anew.
 */
import type { PipelineHealth } from "../streams/runtime/pipeline.ts";
import type { Clock } from "../streams/runtime/system-ports.ts";

/** Longer than a rebalance or a slow broker takes. */
const SILENT_FOR_MS = 60_000;
/** Between two looks: whoever looks so seldom has stood still. */
const LOOKED_WITHIN_MS = 30_000;

type Looked = Pick<
  PipelineHealth,
  "pipeline" | "state" | "partitions" | "inFlight" | "bytesInFlight" | "window"
>;

interface Since {
  readonly epoch: number;
  readonly position: number | null;
  readonly fromMs: number;
}

/** Remembers where each partition stood when it was first seen there. */
export class SilentPartitions {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #stood = new Map<string, Since>();
  #lookedMs = -Infinity;

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** To be called every few seconds. @returns a line for each that has been silent for a minute */
  look(pipelines: readonly Looked[]): readonly string[] {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lookedMs > LOOKED_WITHIN_MS) this.#stood.clear();
    this.#lookedMs = nowMs;
    const stands = new Map<string, Since>();
    const lines: string[] = [];
    for (const { pipeline, state, partitions, inFlight, bytesInFlight, window } of pipelines) {
      const hasRoom = state === "running" && inFlight < window.credits && bytesInFlight < window.bytes;
      for (const { partition, epoch, position, lag, unfinished } of partitions) {
        if (epoch === null || lag === null || lag === 0 || unfinished > 0 || !hasRoom) continue;
        const name = `${pipeline}: partition ${partition}`;
        const before = this.#stood.get(name);
        const isSame = before?.epoch === epoch && before.position === position;
        const since = isSame ? before : { epoch, position, fromMs: nowMs };
        stands.set(name, since);
        const forMs = nowMs - since.fromMs;
        if (forMs >= SILENT_FOR_MS)
          lines.push(
            `${name} is ${lag} records behind, and none of them has come for ${Math.round(forMs / 1_000)} s`,
          );
      }
    }
    this.#stood = stands;
    return lines;
  }
}
