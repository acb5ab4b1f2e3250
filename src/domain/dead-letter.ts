/**
 * A dead letter: the one entry that every entry into `failed` or `in_doubt` leaves behind, with a state of its own.
 * The table is the truth; a topic may carry its copy.
 */
import type { AttemptId, Instant, NoticeId, Period } from "./ids.ts";

export const DEAD_LETTER_KINDS = ["failed", "doubt"] as const;
export type DeadLetterKind = (typeof DEAD_LETTER_KINDS)[number];

/** `open` nobody decided yet · `replaying` a new generation runs · `resolved` closed by its outcome · `discarded` by an operator. */
export const DEAD_LETTER_STATES = ["open", "replaying", "resolved", "discarded"] as const;
export type DeadLetterState = (typeof DEAD_LETTER_STATES)[number];

const STAGE_PREFIX = /^([a-z]+(?:-[a-z]+)+): /;

/** A stage's own name is what its reasons begin with (`render-notice: …`); whoever else opens a letter does not write so. */
export const stageOf = (reason: string): string | null => STAGE_PREFIX.exec(reason)?.[1] ?? null;

/** Named by notice, epoch and kind: within one epoch a notice enters each of the two states at most once. */
export interface DeadLetter {
  readonly noticeId: NoticeId;
  readonly period: Period;
  readonly epoch: number;
  readonly kind: DeadLetterKind;
  readonly generation: number;
  readonly attemptId: AttemptId | null;
  readonly reason: string;
  readonly state: DeadLetterState;
  readonly openedAt: Instant;
}
