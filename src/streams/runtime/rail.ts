/**
 * The rail that stages compose on: an envelope on the main track, or a diversion that later stages let pass.
 *
 * A diversion knows its stage by a literal type, so the flow's type lists every way out of it, and the pipeline's
 * settlement must answer each by name; one that is forgotten does not compile.
 */
import { Result } from "effect";
import { type Failure, type FailureTag, isFailure } from "../../failure.ts";
import { PipelineMistake } from "./mistakes.ts";
import { OwnWords } from "./own-words.ts";
import type { Ticket } from "./ticket.ts";

/** An item on its way: its body, what its record is known by, and its ticket back to the source. */
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

const messageOf = (thrown: unknown): string => {
  try {
    return thrown instanceof Error ? String(thrown.message) : inWords(thrown);
  } catch {
    return "an error whose message cannot be read";
  }
};

/**
 * What is told of a throw where everybody may listen: its class and where it was thrown. Its text may quote the item's
 * body (a parser's does), so that stays with the dead letter.
 */
export const whereThrown = (thrown: unknown): string => {
  try {
    if (!(thrown instanceof Error)) return `a thrown ${typeof thrown}`;
    const frame = /^\s+at .*$/m.exec(String(thrown.stack))?.[0].trim();
    return frame === undefined ? thrown.name : `${thrown.name} ${frame}`;
  } catch {
    return "something that cannot be read";
  }
};

/** What is told of an error where everybody may listen. The whole of it is with whoever awaits the pipeline's end. */
export const toldOf = (error: unknown): string =>
  isFailure(error) || error instanceof OwnWords || error instanceof PipelineMistake
    ? error.message
    : whereThrown(error);

/** An unexpected throw in one item's work. */
export class Bug {
  readonly _tag = "Bug";
  readonly error: unknown;
  readonly message: string;
  /** The step had declared itself not idempotent: it may have happened before it threw. */
  readonly mayHaveHappened: boolean;

  constructor(error: unknown, mayHaveHappened: boolean) {
    this.error = error;
    this.message = messageOf(error);
    this.mayHaveHappened = mayHaveHappened;
  }

  get stack(): string {
    return this.error instanceof Error ? (this.error.stack ?? this.message) : this.message;
  }
}

/** Why an item left its main track. */
export type DivertedBy = Failure | Bug;

/** Then it is not done again unasked, whatever a settlement says: nobody knows that it did not happen. */
export const mayHaveHappened = (failure: DivertedBy): boolean =>
  failure._tag === "Unconfirmed" || (failure._tag === "Bug" && failure.mayHaveHappened);

/** What is left of it where only an error can be told. */
export const asError = (failure: DivertedBy): Error =>
  failure._tag !== "Bug"
    ? failure
    : failure.error instanceof Error
      ? failure.error
      : new Error(failure.message);

/** By which the reasons are told apart. */
export type DivertedTag = FailureTag | "Bug";

/** `Body` is what the stage was given: a fall-back starts from there. */
export interface Diversion<out Stage extends string = string, out Body = unknown> {
  readonly stage: Stage;
  readonly failure: DivertedBy;
  readonly envelope: Envelope<Body>;
}

/** What flows through a pipeline: an item on the main track, or a diversion that later stages let pass. */
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
