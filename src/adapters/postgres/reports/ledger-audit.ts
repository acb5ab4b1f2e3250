/**
 * The whole ledger, page by page, over one connection. It is not begun again when that connection is lost: its reader has
 * counted already, so the audit fails as `Transient`, and whoever asked asks anew.
 */
import type pg from "pg";
import type { NoticeId, Period, PolicyVersion, RunId } from "../../../domain/ids.ts";
import type {
  Acceptance,
  Activation,
  Audit,
  AuditEnd,
  Examined,
  GateBreach,
  LedgerAudit,
  Stray,
} from "../../../domain/ports/ledger-audit.ts";
import type { StoredPolicy } from "../../../domain/ports/notice-ledger.ts";
import { isFailure, Transient } from "../../../failure.ts";
import { attempted } from "../attempted.ts";
import type { Pool } from "../pool.ts";
import { recordOf, type RecordRow } from "../record-row.ts";
import { instantOf, maybeInstant, type Bigint } from "../rows.ts";
import { failed, TransactionFailed } from "../transaction.ts";
import {
  ACTIVATIONS,
  ALL_POLICIES,
  auditPage,
  BEGIN_PAGE,
  breaches,
  DROP_EVIDENCE,
  RUN_GAPS,
  STRAYS,
} from "./audit-statements.ts";
import { loadEvidence } from "./evidence.ts";

const PAGE_SIZE = 1_000;

interface PageRow extends Omit<RecordRow, "notice"> {
  readonly at: Bigint;
  readonly period: Period;
  readonly notice_id: NoticeId;
  readonly notice: RecordRow["notice"] | null;
  readonly is_its_recipient: boolean | null;
  readonly own_quiet_hours: unknown;
  readonly wake_at: Bigint | null;
  readonly is_found: boolean | null;
  readonly accepted:
    | readonly (readonly [Acceptance["attemptId"], Acceptance["generation"], Acceptance["id"]])[]
    | null;
}

const examinedOf = (row: PageRow): Examined => ({
  noticeId: row.notice_id,
  period: row.period,
  record: row.notice === null ? null : recordOf({ ...row, notice: row.notice }),
  isItsRecipient: row.is_its_recipient !== false,
  ownQuietHours: row.own_quiet_hours,
  wakeAt: maybeInstant(row.wake_at),
  isFound: row.is_found === true,
  accepted:
    row.accepted?.map(([attemptId, generation, id]): Acceptance => ({ attemptId, generation, id })) ?? null,
});

const pages = async (client: pg.ClientBase, audit: Audit): Promise<void> => {
  const limit = audit.pageSize ?? PAGE_SIZE;
  for (let after = ""; ;) {
    await client.query(BEGIN_PAGE);
    const { rows } = await client.query<PageRow>(
      auditPage(audit.scope, after, limit, audit.evidence !== null),
    );
    await client.query("COMMIT");
    const last = rows.at(-1);
    if (last === undefined) return;
    audit.page(rows.map(examinedOf), instantOf(last.at));
    if (rows.length < limit) return;
    after = last.notice_id;
  }
};

type Counted<R> = R & { readonly count: Bigint };

const end = async (client: pg.ClientBase, { scope, limit }: Audit): Promise<AuditEnd> => {
  const isWhole = scope.runId === undefined && scope.ingestedBy === undefined;
  const strays = isWhole
    ? (
        await client.query<Counted<Pick<Stray, "rows"> & { notice_id: NoticeId }>>(STRAYS, [
          scope.fromPeriod ?? 0,
          limit,
        ])
      ).rows
    : [];
  const broken = (
    await client.query<Counted<Pick<GateBreach, "words"> & { notice_id: NoticeId }>>(breaches(scope, limit))
  ).rows;
  // Of a part of a run, or of all runs, no run's figures tell.
  const gaps =
    scope.ingestedBy === undefined && scope.fromPeriod === undefined
      ? (
          await client.query<Counted<{ run_id: RunId; words: string }>>(RUN_GAPS, [
            scope.runId ?? null,
            limit,
          ])
        ).rows
      : [];
  return {
    strays: strays.map(({ notice_id, rows }) => ({ noticeId: notice_id, rows })),
    strayCount: Number(strays[0]?.count ?? 0),
    breaches: broken.map(({ notice_id, words }) => ({ noticeId: notice_id, words })),
    breachCount: Number(broken[0]?.count ?? 0),
    runGaps: gaps.map(({ run_id, words }) => ({ runId: run_id, words })),
    runGapCount: Number(gaps[0]?.count ?? 0),
  };
};

const policies = async (client: pg.ClientBase): Promise<readonly StoredPolicy[]> => {
  const { rows } = await client.query<{ version: Bigint; policy: unknown }>(ALL_POLICIES);
  // A version was checked when it was stored.
  return rows.map(({ version, policy }) => ({ version: Number(version) as PolicyVersion, policy }));
};

const activations = async (client: pg.ClientBase): Promise<readonly Activation[]> => {
  const { rows } = await client.query<{ at: Bigint; version: Bigint }>(ACTIVATIONS);
  return rows
    .map(({ at, version }) => ({ at: instantOf(at), version: Number(version) as PolicyVersion })) // as it was activated
    .reverse();
};

const examined = async (client: pg.ClientBase, audit: Audit): Promise<AuditEnd> => {
  const { rows } = await client.query<{ at: Bigint }>("SELECT millrace.now() AS at");
  const at = instantOf(rows[0]?.at ?? Number.NaN);
  const evidence = audit.evidence === null ? null : await loadEvidence(client, audit.evidence);
  audit.begin({
    ...{ at, evidence },
    policies: await policies(client),
    activations: await activations(client),
  });
  await pages(client, audit);
  const last = await end(client, audit);
  if (evidence !== null) await client.query(`BEGIN READ WRITE; ${DROP_EVIDENCE}; COMMIT`);
  return last;
};

/** What the database did is a failure of the port; a bug of the reader's stays one. */
const asFailure = (error: unknown): unknown => {
  const known = isFailure(error) ? error : failed(error, false);
  return known instanceof TransactionFailed
    ? new Transient({
        message: `examining the ledger: ${known.message}`,
        code: known.sqlState === undefined ? "connection" : `sqlstate:${known.sqlState}`,
        cause: known,
      })
    : known;
};

export const postgresAudit = (pool: Pool): LedgerAudit => ({
  examine: (audit) =>
    attempted(async () => {
      try {
        return await pool.use(({ client }) => examined(client, audit));
      } catch (error) {
        throw asFailure(error);
      }
    }),
});
