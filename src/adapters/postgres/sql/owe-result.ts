/**
 * What every transition into a final status writes besides: the outcomes of those that it has ended, together in one row, so that
 * somebody can be told. Its transaction is the transition's own, and it meets nobody: the row is new.
 *
 * A notice that had ended before owes nothing again, as one that a provider accepts after it failed (T8).
 */
import { FINAL_STATUSES } from "../../../domain/notice.ts";
import { NOW } from "./phrases.ts";

const FINAL = FINAL_STATUSES.map((status) => `'${status}'`).join(", ");

/** Can a transition whose status becomes this end a notice? */
export const mayEnd = (status: string | undefined): boolean =>
  status !== undefined && FINAL_STATUSES.some((final) => status.includes(`'${final}'`));

/** @param column what a column of a row that is won becomes; @param because why, as the history has it */
export const oweResults = (
  column: (name: "generation" | "epoch" | "status" | "channel" | "policy_version" | "run_id") => string,
  because: string,
): string => `INSERT INTO millrace.untold_results (count, ended_at, tell_at, outcomes)
    SELECT count(*), ${NOW}, ${NOW}, array_agg(ROW(w.period, w.notice_id, ${column("generation")}, ${column("epoch")},
      ${column("status")}, ${because}, ${column("channel")}, ${column("policy_version")}, ${column("run_id")})::millrace.outcome)
    FROM won w WHERE ${column("status")} IN (${FINAL}) AND w.status NOT IN (${FINAL})
    HAVING count(*) > 0`;
