/**
 * How the lifecycle's examples ask: a sample's winning ask, with something changed.
 */
import { expect } from "vitest";
import type { Attempt } from "../../../src/domain/attempt.ts";
import type { CommandOf, CommandType } from "../../../src/domain/lifecycle/commands.ts";
import type { Facts, NoticeView } from "../../../src/domain/lifecycle/rule.ts";
import { after, transition, type Outcome } from "../../../src/domain/lifecycle/transition.ts";
import { factsFor, WINNING } from "./samples.ts";

export interface Changed<T extends CommandType> {
  readonly command?: Partial<CommandOf<T>>;
  readonly facts?: Partial<Facts>;
}

/** The outcome of the sample's command on these rows. */
export const ask = <T extends CommandType>(type: T, view: NoticeView, changed: Changed<T> = {}): Outcome => {
  const command = { ...WINNING[type], ...changed.command };
  return transition(view, command, { ...factsFor(command), ...changed.facts });
};

/** The rows after the sample's command has won. */
export const won = <T extends CommandType>(
  type: T,
  view: NoticeView,
  changed: Changed<T> = {},
): NoticeView => {
  const outcome = ask(type, view, changed);
  if (outcome.verdict !== "won") throw new Error(`${type}: ${outcome.verdict}, ${outcome.because}`);
  return after(view, outcome.change);
};

export const expectRefusal = (outcome: Outcome, verdict: Outcome["verdict"], because: string): void => {
  expect({ verdict: outcome.verdict, because: outcome.because }).toEqual({ verdict, because });
};

export const onlyAttempt = (view: NoticeView): Attempt => {
  const [attempt, ...others] = view.attempts;
  if (attempt === undefined || others.length > 0) throw new Error(`${view.attempts.length} attempts`);
  return attempt;
};
