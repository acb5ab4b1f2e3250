/**
 * Why a command goes no further, in words that say what to do, and how it ends. Everything else that is thrown is a bug of ours, or
 * trouble that passes.
 */
import type { Ending } from "./exit-codes.ts";

export class Refusal extends Error {
  readonly ending: Ending;

  constructor(ending: Ending, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "Refusal";
    this.ending = ending;
  }
}
