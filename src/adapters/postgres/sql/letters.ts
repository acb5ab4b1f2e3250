/**
 * The dead letters' part of the statements. A notice's letters are written only under the lock on its row, so what is
 * read here cannot change, and two runners cannot open the same one: the key (notice, kind, epoch) would refuse it.
 */
import { NOW } from "./phrases.ts";

/**
 * Changes the state of letters that are found by their notice, one look-up a row that is won. The fence (OFFSET 0) and the
 * state as a text keep the planner from walking all letters, or the index of the open ones, instead: while there are few
 * that looks cheaper, and a plan outlives that.
 */
const moveLetters = (
  to: "resolved" | "replaying",
  { when, which }: { readonly when: string; readonly which: string },
): string => `UPDATE millrace.dead_letter d SET state = '${to}'
    FROM (
      SELECT l.place FROM won w, LATERAL (
        SELECT x.ctid AS place FROM millrace.dead_letter x
        WHERE x.period = w.period AND x.notice_id = w.notice_id AND ${which}
        OFFSET 0) l
      WHERE ${when}) found
    WHERE d.ctid = found.place`;

/**
 * A replay in progress is over, whatever its outcome. Only T13 begins one, and it raises the generation, so the first
 * generation, which nearly every notice ends in, does not look.
 */
export const closeReplays = (when: string): string =>
  moveLetters("resolved", { when: `w.generation > 1 AND ${when}`, which: "x.state::text = 'replaying'" });

/** What resolving a doubt does: the doubt's own letter is closed. There is one only where the attempt is in doubt. */
export const closeDoubt = (): string =>
  moveLetters("resolved", {
    when: "w.a_state = 'in_doubt'",
    which: "x.kind = 'doubt' AND x.attempt_id = w.c_attempt_id AND x.state::text = 'open'",
  });

/** The open letter of a generation that failed: a replay begins with it. `of` is the notice's row. */
export const openFailure = (of: string): string =>
  `x.kind = 'failed' AND x.generation = ${of}.generation AND x.state::text = 'open'`;
export const beginReplay = (): string => moveLetters("replaying", { when: "true", which: openFailure("w") });

/** Opens one letter for each row that is won and meets `when`, and owes the log its line. */
export const openLetter = (letter: {
  readonly kind: "failed" | "doubt";
  readonly epoch: string;
  readonly attempt: string;
  readonly reason: string;
  readonly when: string;
}): Readonly<Record<string, string>> => ({
  letter_opened: `INSERT INTO millrace.dead_letter (period, notice_id, kind, epoch, generation, attempt_id, reason, state,
      opened_at)
    SELECT w.period, w.notice_id, '${letter.kind}', ${letter.epoch}, w.generation, ${letter.attempt}, ${letter.reason},
      'open', ${NOW}
    FROM won w WHERE ${letter.when}`,
  line_owed: `INSERT INTO millrace.untold_letter (period, notice_id, kind, epoch, tell_at)
    SELECT w.period, w.notice_id, '${letter.kind}', ${letter.epoch}, ${NOW}
    FROM won w WHERE ${letter.when}`,
});
