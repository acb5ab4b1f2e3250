/**
 * The ledger's queued rows as a log: a page is found, locked and claimed in one transaction.
 *
 * When the answer to its COMMIT is lost, the same claims are asked for again: T3 knows its own (`already-mine`), so the
 * page is neither lost until its leases end nor taken twice.
 */
import { Effect } from "effect";
import type pg from "pg";
import type { ChannelId, NoticeId, Period } from "../../domain/ids.ts";
import type { CommandOf } from "../../domain/lifecycle/commands.ts";
import type { ClaimAnswer, DueCursor } from "../../domain/ports/notice-ledger.ts";
import {
  ALONE_FROM_LAPSES,
  type ClaimedPage,
  type ClaimPage,
  type QueuedNotices,
} from "../../domain/ports/queued-notices.ts";
import { applyBatch, judge } from "./apply.ts";
import { attempted } from "./attempted.ts";
import { DEFAULT_RETRY, MAX_BATCH, settled, type RetryOptions } from "./batch.ts";
import type { Pool } from "./pool.ts";
import type { QueueHints } from "./queue-hints.ts";
import { instantOf, type Bigint } from "./rows.ts";
import { claimPage, nextDue } from "./sql/claim-page.ts";
import { arrayLiteral } from "./sql/given.ts";
import { inTransaction } from "./transaction.ts";

/** By which pool, and woken by which hints. */
export interface PostgresQueuedNoticesOptions {
  readonly pool: Pool;
  /** Left out: `changed` only waits. */
  readonly hints?: QueueHints;
  readonly retry?: RetryOptions;
}

interface QueuedRow {
  readonly place: string;
  readonly period: Period;
  readonly notice_id: NoticeId;
  readonly epoch: number;
  readonly lapses: number;
  readonly due_at: Bigint;
}

/** What a transaction found before it committed: enough to ask for it again. */
interface Found {
  readonly commands: readonly CommandOf<"claim">[];
  readonly next: DueCursor | null;
  readonly nextDueInMs: number | null;
}

/** Below every cursor. */
const FROM_THE_START = { at: "-9223372036854775808", noticeId: "" };

/** Up to the first row that must be alone in its page; that row itself where it is the first. */
const together = (rows: readonly QueuedRow[]): readonly QueuedRow[] => {
  const first = rows.findIndex(({ lapses }) => lapses >= ALONE_FROM_LAPSES);
  return first === -1 ? rows : rows.slice(0, Math.max(1, first));
};

const claimedOf = (answers: readonly ClaimAnswer[]): ClaimedPage["claimed"] =>
  answers.flatMap(({ claimed }) => claimed ?? []);

const dueIn = async (client: pg.ClientBase, channels: readonly ChannelId[]): Promise<number | null> => {
  const { rows } = await client.query<{ inMs: Bigint | null }>({
    ...nextDue,
    values: [arrayLiteral(channels, (channel) => channel)],
  });
  const inMs = rows[0]?.inMs ?? null;
  return inMs === null ? null : Number(inMs);
};

const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED";

/** The queued rows of the Postgres ledger, for one walker. */
export const postgresQueuedNotices = (options: PostgresQueuedNoticesOptions): QueuedNotices => {
  const { pool, hints, retry = DEFAULT_RETRY } = options;
  let heardBefore = hints?.heard() ?? 0;

  const claimOnce = async (page: ClaimPage, seen: (found: Found) => void): Promise<ClaimedPage> =>
    inTransaction(pool, BEGIN, async (client) => {
      const { owner, leaseMs } = page;
      const limit = Math.min(page.limit, MAX_BATCH);
      const { at, noticeId } = page.after ?? FROM_THE_START;
      const { rows } = await client.query<QueuedRow>({
        ...claimPage,
        values: [arrayLiteral(page.channels, (channel) => channel), at, noticeId, limit],
      });
      const taken = together(rows);
      const last = taken.at(-1);
      const isLast = last === undefined || (taken.length === rows.length && rows.length < limit);
      const commands = taken.map((row): CommandOf<"claim"> => {
        const { period, notice_id, epoch } = row;
        return { type: "claim", noticeId: notice_id, period, actor: owner, epoch, owner, leaseMs };
      });
      const places = arrayLiteral(taken, ({ place }) => place);
      const answers = taken.length === 0 ? [] : await judge(client, "claim", places, commands);
      const next = isLast ? null : { at: instantOf(last.due_at), noticeId: last.notice_id };
      const nextDueInMs = isLast ? await dueIn(client, page.channels) : null;
      seen({ commands, next, nextDueInMs });
      return { claimed: claimedOf(answers), next, nextDueInMs };
    });

  const claimAgain = async ({ commands, next, nextDueInMs }: Found): Promise<ClaimedPage> => ({
    claimed: commands.length === 0 ? [] : claimedOf(await applyBatch(pool, "claim", commands)),
    next,
    nextDueInMs,
  });

  return {
    claimPage: (page) =>
      attempted(async () => {
        heardBefore = hints?.heard() ?? 0;
        let found: Found | undefined;
        return settled(`claiming a page of ${page.limit}`, retry, () =>
          found === undefined ? claimOnce(page, (seen) => (found = seen)) : claimAgain(found),
        );
      }),

    changed: (withinMs) =>
      Effect.suspend(() => {
        if (hints === undefined) return Effect.sleep(withinMs);
        const heardNow = hints.heard();
        if (heardNow !== heardBefore) {
          heardBefore = heardNow;
          return Effect.void;
        }
        return Effect.callback<void>((resume) => {
          const off = hints.onHint(() => resume(Effect.void));
          return Effect.sync(off);
        }).pipe(Effect.timeoutOption(withinMs), Effect.asVoid);
      }),
  };
};
