/**
 * A letter with what stands around it, as `sql/letter-row.ts` brings it.
 */
import { stageOf } from "../../domain/dead-letter.ts";
import type { ChannelId, RunId } from "../../domain/ids.ts";
import type { Letter } from "../../domain/ports/letters.ts";
import { letterOf, maybeInstant, type Bigint, type LetterRow } from "./rows.ts";

export interface FullLetterRow extends LetterRow {
  readonly letter_channel: ChannelId | null;
  readonly run_id: RunId | null;
  readonly attempts: number;
  readonly first_at: Bigint | null;
  readonly last_at: Bigint | null;
}

export const fullLetterOf = (row: FullLetterRow): Letter => ({
  ...letterOf(row),
  channel: row.letter_channel,
  runId: row.run_id,
  stage: stageOf(row.reason),
  attempts: row.attempts,
  firstTriedAt: maybeInstant(row.first_at),
  lastTriedAt: maybeInstant(row.last_at),
});
