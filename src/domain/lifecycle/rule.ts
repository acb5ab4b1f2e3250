/**
 * One row of the transition table, as data: from which statuses, under which named guards, to what.
 *
 * A rule is asked in a fixed order, which the SQL statements repeat: is the notice there · is the work of this very
 * command already done · is it final · is it in a status the rule starts from · each guard in turn. The first "no"
 * gives the verdict, and its name says why. Guards are named data rather than code so that the exhaustive search can
 * take each away and show what breaks.
 */
import type { Attempt } from "../attempt.ts";
import type { DeadLetter } from "../dead-letter.ts";
import type { AttemptId, ChannelId, Instant, PolicyVersion } from "../ids.ts";
import type { Notice, Status } from "../notice.ts";
import type { CommandOf, CommandType } from "./commands.ts";

/** All that the ledger holds of one notice; attempts and dead letters of every generation. */
export interface NoticeView {
  readonly notice: Notice;
  readonly attempts: readonly Attempt[];
  readonly deadLetters: readonly DeadLetter[];
}

/** What is true around the notice at the moment of the transition, read in the same transaction. */
export interface Facts {
  readonly now: Instant;
  /** The recipient is on the suppression list. */
  readonly suppressed: boolean;
  /** Pauses in force; `"*"` stops everything. */
  readonly paused: readonly (ChannelId | "*")[];
  readonly activePolicyVersion: PolicyVersion;
}

/**
 * `won` the rows changed · `already-mine` this command's own earlier commit did it · `not-now` it may work later ·
 * `lost` it never will: somebody else was first, or the command is stale · `gone` the notice is final or unknown.
 */
export type Verdict = "won" | "already-mine" | "not-now" | "lost" | "gone";

export type TransitionId =
  | "T2"
  | "T2h"
  | "T2x"
  | "T3"
  | "T3r"
  | "T4"
  | "T5"
  | "T5f"
  | "T6"
  | "T6n"
  | "T8"
  | "T9"
  | "T10"
  | "T11"
  | "T11r"
  | "T12"
  | "T13"
  | "T14"
  | "T16"
  | "TP";

/** One line of a notice's append-only history. */
export interface HistoryEntry {
  readonly transition: TransitionId;
  readonly from: Status;
  readonly to: Status;
  readonly epoch: number;
  readonly generation: number;
  readonly attemptNo: number;
  readonly channel: ChannelId | null;
  readonly attemptId: AttemptId | null;
  readonly actor: string;
  /** Reason or evidence, in words without personal data. */
  readonly because: string | null;
  readonly at: Instant;
}

/** The new rows: the notice, and of the others only those that were added or changed. */
export interface Change {
  readonly notice: Notice;
  readonly attempts?: readonly Attempt[];
  readonly deadLetters?: readonly DeadLetter[];
  readonly attemptId?: AttemptId;
  readonly because?: string;
}

/** `C` is as much of a command as the guard looks at. */
export interface Guard<C> {
  /** `T6.epoch`: the transition and what is looked at. */
  readonly name: string;
  readonly otherwise: Exclude<Verdict, "won" | "already-mine">;
  readonly holds: (view: NoticeView, command: C, facts: Facts) => boolean;
}

export interface Rule<T extends CommandType> {
  readonly id: TransitionId;
  readonly from: readonly Status[];
  /** True where the rows already say what this very command would write. */
  readonly alreadyMine?: (view: NoticeView, command: CommandOf<T>, facts: Facts) => boolean;
  readonly guards: readonly Guard<CommandOf<T>>[];
  readonly apply: (view: NoticeView, command: CommandOf<T>, facts: Facts) => Change;
  /** False where the transition leaves no line in the history: it changes no status and happens often. */
  readonly recorded: boolean;
}

export type Table = { readonly [T in CommandType]: Rule<T> };
