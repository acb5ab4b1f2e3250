/**
 * The dead letters' part of the statements. A notice's letters are written only under the lock on its row, so what is
 * read here cannot change, and two runners cannot open the same one: the key (notice, kind, epoch) would refuse it.
 */
import { NOW } from "./phrases.ts";

/**
 * A replay in progress is over, whatever its outcome. Only T13 begins one, and it raises the generation, so the first
 * generation, which nearly every notice ends in, does not look.
 */
export const closeReplays = (when: string): string => `UPDATE millrace.dead_letter d SET state = 'resolved'
    FROM won w
    WHERE w.generation > 1 AND ${when}
      AND d.period = w.period AND d.notice_id = w.notice_id AND d.state = 'replaying'`;

/** What resolving a doubt does: the doubt's own letter is closed. There is one only where the attempt is in doubt. */
export const closeDoubt = (when: string): string => `UPDATE millrace.dead_letter d SET state = 'resolved'
    FROM won w
    WHERE w.a_state = 'in_doubt' AND ${when} AND d.period = w.period AND d.notice_id = w.notice_id
      AND d.kind = 'doubt' AND d.attempt_id = w.c_attempt_id AND d.state = 'open'`;

/** Opens one letter for each row that is won and meets `when`. */
export const openLetter = (letter: {
  readonly kind: "failed" | "doubt";
  readonly epoch: string;
  readonly attempt: string;
  readonly reason: string;
  readonly when: string;
}): string => `INSERT INTO millrace.dead_letter (period, notice_id, kind, epoch, generation, attempt_id, reason, state,
      opened_at)
    SELECT w.period, w.notice_id, '${letter.kind}', ${letter.epoch}, w.generation, ${letter.attempt}, ${letter.reason},
      'open', ${NOW}
    FROM won w WHERE ${letter.when}`;
