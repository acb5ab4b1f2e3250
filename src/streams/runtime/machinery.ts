/**
 * What the runtime's own writes (commits, acknowledgements, dead letters) need of the pipeline they belong to. They go on
 * while items' work is being given up.
 */
import type { Effect, Fiber } from "effect";
import type { Events } from "./events.ts";
import type { SystemPorts } from "./system-ports.ts";

export interface Machinery {
  readonly ports: SystemPorts;
  readonly events: Events;
  /** The life is over: what still comes out of it counts for nothing. */
  readonly isOver: boolean;
  /** Runs an effect by this pipeline's clock and randomness. */
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>;
}
