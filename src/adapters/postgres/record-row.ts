/**
 * A notice with everything about it, as `readNotice` and the audit's page bring it in one row.
 */
import type { NoticeRecord } from "../../domain/ports/notice-ledger.ts";
import {
  attemptOf,
  entryOf,
  letterOf,
  noticeOf,
  type AttemptRow,
  type HistoryRow,
  type LetterRow,
  type NoticeRow,
} from "./rows.ts";

export interface RecordRow {
  readonly notice: NoticeRow;
  readonly live: readonly AttemptRow[] | null;
  readonly closed: readonly AttemptRow[] | null;
  readonly letters: readonly LetterRow[] | null;
  readonly history: readonly HistoryRow[] | null;
}

export const recordOf = (row: RecordRow): NoticeRecord => ({
  notice: noticeOf(row.notice),
  attempts: [...(row.live ?? []), ...(row.closed ?? [])].sort((a, b) => a.seq - b.seq).map(attemptOf),
  deadLetters: (row.letters ?? []).map(letterOf),
  history: (row.history ?? []).map(entryOf),
});
