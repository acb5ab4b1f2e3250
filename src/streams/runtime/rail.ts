/**
 * The rail that stages compose on: an envelope on the main track, or a diversion that later stages let pass.
 *
 * A diversion knows its stage by a literal type, so the flow's type lists every way out of it, and the pipeline's
 * settlement must answer each by name; one that is forgotten does not compile.
 */
import { Result } from "effect";
import type { Failure, FailureTag } from "../../failure.ts";
import type { Ticket } from "./ticket.ts";

export interface Envelope<out Body> {
  readonly body: Body;
  readonly key: string;
  /** Counts from 1. */
  readonly attempt: number;
  readonly trace: string | null;
  readonly ticket: Ticket;
}

/** Anything can be thrown, also what cannot be printed: telling of a bug must not be the next one. */
export const inWords = (thrown: unknown): string => {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  } catch {
    return "something that cannot be printed";
  }
};

/** An unexpected throw in one item's work. */
export class Bug {
  readonly _tag = "Bug";
  readonly error: unknown;
  readonly message: string;
  /** The step had declared itself not idempotent: it may have happened before it threw. */
  readonly mayHaveHappened: boolean;

  constructor(error: unknown, mayHaveHappened: boolean) {
    this.error = error;
    this.message = error instanceof Error ? error.message : inWords(error);
    this.mayHaveHappened = mayHaveHappened;
  }

  get stack(): string {
    return this.error instanceof Error ? (this.error.stack ?? this.message) : this.message;
  }
}

export type DivertedBy = Failure | Bug;
/** What is left of it where only an error can be told. */
export const asError = (failure: DivertedBy): Error =>
  failure._tag !== "Bug"
    ? failure
    : failure.error instanceof Error
      ? failure.error
      : new Error(failure.message);

export type DivertedTag = FailureTag | "Bug";

/** `Body` is what the stage was given: a fall-back starts from there. */
export interface Diversion<out Stage extends string = string, out Body = unknown> {
  readonly stage: Stage;
  readonly failure: DivertedBy;
  readonly envelope: Envelope<Body>;
}

export type Rail<Body, D extends Diversion = never> = Result.Result<Envelope<Body>, D>;

export const onRail = <Body>(envelope: Envelope<Body>): Result.Result<Envelope<Body>> =>
  Result.succeed(envelope);

export const divert = <Stage extends string, Body>(
  stage: Stage,
  failure: DivertedBy,
  envelope: Envelope<Body>,
): Result.Result<never, Diversion<Stage, Body>> => Result.fail({ stage, failure, envelope });

export const withBody = <Body>(envelope: Envelope<unknown>, body: Body): Envelope<Body> => ({
  body,
  key: envelope.key,
  attempt: envelope.attempt,
  trace: envelope.trace,
  ticket: envelope.ticket,
});
