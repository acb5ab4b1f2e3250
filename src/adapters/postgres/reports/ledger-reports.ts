/**
 * What an operator reads, from Postgres: each report one statement, and so one snapshot. Nothing is locked.
 */
import type { DeadLetterKind } from "../../../domain/dead-letter.ts";
import type { ChannelId, Period, PolicyVersion } from "../../../domain/ids.ts";
import type { HoldReason, Status } from "../../../domain/notice.ts";
import type {
  LedgerReports,
  LetterFilter,
  LetterKey,
  ListedDoubt,
  ListedLetter,
  ListedNotice,
  ListedPoison,
  NoticeCounts,
  NoticeReport,
  Pause,
  Suppression,
} from "../../../domain/ports/ledger-reports.ts";
import { attempted } from "../attempted.ts";
import { settled, type RetryOptions } from "../batch.ts";
import type { Pool } from "../pool.ts";
import { fullLetterOf, type FullLetterRow } from "../full-letter.ts";
import {
  attemptOf,
  instantOf,
  letterOf,
  maybeInstant,
  noticeOf,
  type AttemptRow,
  type Bigint,
  type LetterRow,
  type NoticeRow,
} from "../rows.ts";
import { readNotice } from "../sql/read.ts";
import { inTransaction } from "../transaction.ts";
import { conditions, likePart, type Conditions } from "./conditions.ts";
import { recordOf, type RecordRow } from "../record-row.ts";
import {
  CONTENTS_OF,
  countsOf,
  doubtsWhere,
  GATES,
  letterCountWhere,
  LETTER_TOTALS,
  lettersWhere,
  POISON_COUNT,
  poisonWhere,
  noticesWhere,
  suppressionsWhere,
} from "./report-statements.ts";

/** An operator waits: few tries, and short waits between them. */
const RETRY: RetryOptions = { tries: 3, firstWaitMs: 100, capMs: 1_000 };
const BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

interface CountRow {
  readonly at: Bigint;
  readonly status: Status;
  readonly hold_reason: HoldReason | null;
  readonly is_ahead: boolean;
  readonly count: Bigint;
  readonly earliest_due_at: Bigint;
}

interface ContentsRow {
  readonly period: Period;
  readonly user_id: string;
  readonly bill_id: string;
  readonly purpose: string;
  readonly kind: string;
  readonly priority: number;
  readonly channels: readonly ChannelId[];
  readonly routing: Readonly<Record<string, unknown>>;
  readonly ingested_at: Bigint;
  readonly ingested_by: string;
  readonly suppressed: SuppressionRow | null;
  readonly at: Bigint;
}

interface SuppressionRow {
  readonly user_id: string;
  readonly reason: string;
  readonly actor: string;
  readonly since: Bigint;
}

interface GatesRow {
  readonly pauses: readonly (Omit<Pause, "since"> & { readonly since: Bigint })[] | null;
  readonly version: Bigint | null;
  readonly activated_by: string | null;
  readonly activated_at: Bigint | null;
}

interface PoisonRow extends Pick<ListedPoison, "topic" | "partition" | "reason" | "stage" | "attempts"> {
  readonly record: string;
  readonly sha256: string;
  readonly bytes: Bigint;
  readonly first_seen_at: Bigint;
  readonly is_told: boolean;
}

const suppressionOf = ({ user_id, since, ...row }: SuppressionRow): Suppression => ({
  ...row,
  userId: user_id,
  since: instantOf(since),
});

const lettersAsked = (filter: LetterFilter, after?: LetterKey): Conditions => {
  const asked = conditions();
  asked.when(filter.kind, "d.kind = ?::millrace.letter_kind");
  asked.when(filter.state, "d.state = ?::millrace.letter_state");
  asked.when(filter.channel, "i.channel = ?");
  asked.when(filter.period, "d.period = ?");
  asked.when(filter.runId, "i.run_id = ?");
  asked.when(filter.reason === undefined ? undefined : likePart(filter.reason), "d.reason ILIKE ?");
  asked.when(filter.openedFrom, "d.opened_at >= ?");
  asked.when(filter.openedUntil, "d.opened_at < ?");
  if (after !== undefined) {
    asked.always(
      "(d.opened_at, d.notice_id, d.epoch) > (?::bigint, ?::text, ?::integer)",
      after.openedAt,
      after.noticeId,
      after.epoch,
    );
  }
  return asked;
};

export const postgresReports = (pool: Pool): LedgerReports => {
  type Ask = <R extends object>(text: string, values?: readonly unknown[]) => Promise<R[]>;
  const told = <A>(what: string, work: (ask: Ask) => Promise<A>) =>
    attempted(() =>
      settled(what, RETRY, () =>
        inTransaction(pool, BEGIN, (client) =>
          work(async <R extends object>(text: string, values: readonly unknown[] = []) => {
            const { rows } = await client.query<R>(text, [...values]);
            return rows;
          }),
        ),
      ),
    );

  return {
    counts: (runId) =>
      told("counting notices", async (ask): Promise<NoticeCounts> => {
        const asked = conditions();
        asked.when(runId, "i.run_id = ?");
        const rows = await ask<CountRow>(countsOf(asked.where()), asked.values());
        const [letters] = await ask<
          Record<DeadLetterKind, Bigint> & { readonly oldest: Bigint | null; readonly at: Bigint }
        >(LETTER_TOTALS, [runId ?? null]);
        if (letters === undefined) throw new Error("counting letters answered nothing");
        return {
          at: instantOf(letters.at),
          groups: rows.map((row) => ({
            status: row.status,
            holdReason: row.hold_reason,
            isAhead: row.is_ahead,
            count: Number(row.count),
            earliestDueAt: instantOf(row.earliest_due_at),
          })),
          openLetters: { failed: Number(letters.failed), doubt: Number(letters.doubt) },
          oldestDoubtAt: maybeInstant(letters.oldest),
        };
      }),

    notices: (filter, limit, after) =>
      told("listing notices", async (ask): Promise<readonly ListedNotice[]> => {
        const asked = conditions();
        asked.when(filter.status, "i.status = ANY(?::millrace.status[])");
        asked.when(filter.holdReason, "i.hold_reason = ?");
        asked.when(filter.channel, "i.channel = ?");
        asked.when(filter.userId, "i.user_id = ?");
        asked.when(filter.billId, "c.bill_id = ?");
        asked.when(filter.period, "i.period = ?");
        asked.when(filter.runId, "i.run_id = ?");
        if (after !== undefined)
          asked.always("(i.period, i.notice_id) > (?::integer, ?::text)", after.period, after.noticeId);
        const rows = await ask<NoticeRow & Pick<ContentsRow, "user_id" | "bill_id" | "purpose">>(
          noticesWhere(asked.where(), asked.parameter(limit)),
          asked.values(),
        );
        return rows.map(({ user_id, bill_id, purpose, ...row }) => ({
          notice: noticeOf(row),
          userId: user_id,
          billId: bill_id,
          purpose,
        }));
      }),

    notice: (noticeId) =>
      told(`reading notice ${noticeId}`, async (ask): Promise<NoticeReport | null> => {
        const [contents] = await ask<ContentsRow>(CONTENTS_OF, [noticeId]);
        if (contents === undefined) return null;
        const [row] = await ask<RecordRow>(readNotice.text, [contents.period, noticeId]);
        const { user_id, bill_id, purpose, kind, priority, channels, routing, suppressed } = contents;
        return row === undefined
          ? null
          : {
              record: recordOf(row),
              userId: user_id,
              billId: bill_id,
              ...{ purpose, kind, priority, channels, routing },
              ingestedAt: instantOf(contents.ingested_at),
              ingestedBy: contents.ingested_by,
              suppressed: suppressed === null ? null : suppressionOf(suppressed),
              at: instantOf(contents.at),
            };
      }),

    letters: (filter, limit, after) =>
      told("listing dead letters", async (ask): Promise<readonly ListedLetter[]> => {
        const asked = lettersAsked(filter, after);
        const rows = await ask<
          FullLetterRow & { status: Status; channel: ChannelId | null; now_generation: number }
        >(lettersWhere(asked.where(), asked.parameter(limit)), asked.values());
        return rows.map(({ status, channel, now_generation, ...row }) => ({
          letter: fullLetterOf(row),
          status,
          channel,
          generation: now_generation,
        }));
      }),

    countLetters: (filter) =>
      told("counting dead letters", async (ask) => {
        const asked = lettersAsked(filter);
        const [row] = await ask<{ count: Bigint }>(letterCountWhere(asked.where()), asked.values());
        return Number(row?.count ?? 0);
      }),

    poison: (limit, after) =>
      told("listing records that cannot be read", async (ask): Promise<readonly ListedPoison[]> => {
        const asked = conditions();
        if (after !== undefined)
          asked.always(
            "(topic, partition, record) > (?::text, ?::integer, ?::text)",
            ...[after.topic, after.partition, after.offset],
          );
        const rows = await ask<PoisonRow>(poisonWhere(asked.where(), asked.parameter(limit)), asked.values());
        return rows.map(({ record, sha256, bytes, first_seen_at, is_told, ...row }) => ({
          ...row,
          offset: record,
          digest: { sha256, bytes: Number(bytes) },
          firstSeenAt: instantOf(first_seen_at),
          isTold: is_told,
        }));
      }),

    countPoison: told("counting records that cannot be read", async (ask) => {
      const [row] = await ask<{ count: Bigint }>(POISON_COUNT);
      return Number(row?.count ?? 0);
    }),

    doubts: (limit, after) =>
      told("listing doubts", async (ask): Promise<readonly ListedDoubt[]> => {
        const asked = lettersAsked({ kind: "doubt", state: "open" }, after);
        const rows = await ask<{
          letter: LetterRow;
          attempt: AttemptRow;
          hold_reason: HoldReason | null;
          cancel_requested: boolean;
        }>(doubtsWhere(asked.where(), asked.parameter(limit)), asked.values());
        return rows.map(({ letter, attempt, hold_reason, cancel_requested }) => ({
          letter: letterOf(letter),
          attempt: attemptOf(attempt),
          holdReason: hold_reason,
          cancelRequested: cancel_requested,
        }));
      }),

    suppressions: (limit, after) =>
      told("listing suppressions", async (ask) => {
        const asked = conditions();
        asked.when(after, "user_id > ?");
        const rows = await ask<SuppressionRow>(
          suppressionsWhere(asked.where(), asked.parameter(limit)),
          asked.values(),
        );
        return rows.map(suppressionOf);
      }),

    gates: told("reading the gates", async (ask) => {
      const [row] = await ask<GatesRow>(GATES);
      if (row === undefined) throw new Error("reading the gates answered nothing");
      const { version, activated_by, activated_at } = row;
      return {
        pauses: (row.pauses ?? []).map((pause) => ({ ...pause, since: instantOf(pause.since) })),
        activePolicy:
          version === null || activated_by === null || activated_at === null
            ? null
            : {
                version: Number(version) as PolicyVersion, // checked when it was stored
                activatedBy: activated_by,
                activatedAt: instantOf(activated_at),
              },
      };
    }),
  };
};
