/**
 * The transition function: a notice, a command and the facts of the moment give a verdict and, where it is `won`, the
 * new rows. It is what the memory ledger runs, what the exhaustive search explores, and what every SQL statement of
 * the Postgres ledger is held against edge by edge. It has no clock and does no I/O.
 */
import { isFinal } from "../notice.ts";
import { claim, lapse, release, renew, unpreparable } from "./claiming.ts";
import type { Command, CommandOf, CommandType } from "./commands.ts";
import { resend, resolve } from "./doubting.ts";
import { cancel, expire, replay } from "./ending.ts";
import { hold, published, route, suppress, unhold } from "./routing.ts";
import type { Change, Facts, HistoryEntry, NoticeView, Rule, Table, Verdict } from "./rule.ts";
import { beginSend, stepBack } from "./sending.ts";
import { accept, definiteNo, doubt, overdue } from "./settling.ts";

/** The table of `docs/guarantees.md`, a row a command. */
export const TABLE: Table = {
  route,
  hold,
  unhold,
  suppress,
  published,
  claim,
  renew,
  lapse,
  release,
  unpreparable,
  "begin-send": beginSend,
  "step-back": stepBack,
  accept,
  "definite-no": definiteNo,
  doubt,
  overdue,
  resend,
  resolve,
  replay,
  cancel,
  expire,
};

export type Outcome =
  | {
      readonly verdict: "won";
      readonly because: string | null;
      readonly change: Change;
      readonly history: HistoryEntry | null;
    }
  | {
      readonly verdict: Exclude<Verdict, "won">;
      /** The guard that said no, or why there was nothing to guard. */
      readonly because: string;
    };

const no = (verdict: Exclude<Verdict, "won">, because: string): Outcome => ({ verdict, because });

const entry = <T extends CommandType>(
  rule: Rule<T>,
  before: NoticeView,
  command: CommandOf<T>,
  change: Change,
  facts: Facts,
): HistoryEntry => ({
  transition: rule.id,
  from: before.notice.status,
  to: change.notice.status,
  epoch: change.notice.epoch,
  generation: change.notice.generation,
  attemptNo: change.notice.attemptNo,
  channel: change.notice.channel,
  attemptId: change.attemptId ?? null,
  actor: command.actor,
  because: change.because ?? null,
  at: facts.now,
});

const decide = <T extends CommandType>(
  rule: Rule<T>,
  view: NoticeView | undefined,
  command: CommandOf<T>,
  facts: Facts,
): Outcome => {
  if (view === undefined) return no("gone", "unknown notice");
  if (rule.alreadyMine?.(view, command, facts) === true) return no("already-mine", `${rule.id}.already-mine`);
  const { status } = view.notice;
  if (!rule.from.includes(status)) return no(isFinal(status) ? "gone" : "lost", `${rule.id}.status`);
  for (const guard of rule.guards) {
    if (!guard.holds(view, command, facts)) return no(guard.otherwise, guard.name);
  }
  const change = rule.apply(view, command, facts);
  return {
    verdict: "won",
    because: change.because ?? null,
    change,
    history: rule.recorded ? entry(rule, view, command, change, facts) : null,
  };
};

/** Only tests pass a table of their own, with something taken out of it. */
export const transition = (
  view: NoticeView | undefined,
  command: Command,
  facts: Facts,
  table: Table = TABLE,
): Outcome =>
  // The row at a command's own type is the rule for that command: TypeScript cannot follow the correlation.
  decide(table[command.type] as Rule<CommandType>, view, command, facts);

/** The rows after a change: a changed row takes its old one's place, a new one is appended. */
export const after = (view: NoticeView, change: Change): NoticeView => {
  const attempts = new Map(view.attempts.map((attempt) => [attempt.attemptId, attempt]));
  for (const attempt of change.attempts ?? []) attempts.set(attempt.attemptId, attempt);
  const letters = new Map(view.deadLetters.map((letter) => [`${letter.kind} ${letter.epoch}`, letter]));
  for (const letter of change.deadLetters ?? []) letters.set(`${letter.kind} ${letter.epoch}`, letter);
  return { notice: change.notice, attempts: [...attempts.values()], deadLetters: [...letters.values()] };
};
