/**
 * Partitions that are ours and of which nothing comes, although records lie there and there is room for them: whoever looks at each
 * process alone sees nothing wrong, for nothing is in its hands. It is no failure, and restarts nothing; it is said.
 */
import type { PipelineHealth } from "../streams/runtime/pipeline.ts";
import type { Clock } from "../streams/runtime/system-ports.ts";

/** Longer than a rebalance or a slow broker takes. */
const SILENT_FOR_MS = 60_000;

type Looked = Pick<PipelineHealth, "pipeline" | "partitions" | "inFlight" | "window">;

interface Since {
  readonly epoch: number;
  readonly position: number | null;
  readonly fromMs: number;
}

/** Remembers where each partition stood when it was first seen there. */
export class SilentPartitions {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #stood = new Map<string, Since>();

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** To be called every few seconds. @returns a line for each that has been silent for a minute */
  look(pipelines: readonly Looked[]): readonly string[] {
    const nowMs = this.#clock.monotonicMs();
    const stands = new Map<string, Since>();
    const lines: string[] = [];
    for (const { pipeline, partitions, inFlight, window } of pipelines) {
      const hasRoom = inFlight < window.credits;
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
