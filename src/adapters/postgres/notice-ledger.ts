/**
 * The ledger in Postgres: the port's operations, each a transaction of its own, as Effects.
 *
 * What goes wrong on the way comes out as the port's failures (see `batch.ts`, `sqlstates.ts`); anything else that is
 * thrown is a bug and stays one.
 */
import type pg from "pg";
import { Permanent } from "../../failure.ts";
import type { ChannelId, NoticeId, PolicyVersion } from "../../domain/ids.ts";
import type { DueCursor, DueNotice, HeldNotice, NoticeLedger } from "../../domain/ports/notice-ledger.ts";
import { applyBatch } from "./apply.ts";
import { attempted } from "./attempted.ts";
import { batched, DEFAULT_RETRY, settled, type RetryOptions } from "./batch.ts";
import { eachOnce } from "./each-once.ts";
import { ingestBatch } from "./ingest.ts";
import type { Pool } from "./pool.ts";
import { routeOnePage } from "./routing-page.ts";
import { recordOf, type RecordRow } from "./record-row.ts";
import { instantOf, maybeVersion, type Bigint } from "./rows.ts";
import { DUE, HELD, resetAlarms } from "./sql/due.ts";
import { GATE_ALONE } from "./sql/gate-lock.ts";
import * as gates from "./sql/gates.ts";
import { arrayLiteral } from "./sql/given.ts";
import { readNotice } from "./sql/read.ts";
import { inTransaction } from "./transaction.ts";

/** By which pool, and how patiently. */
export interface PostgresLedgerOptions {
  readonly pool: Pool;
  readonly retry?: RetryOptions;
}

type DueRow = Omit<DueNotice, "noticeId" | "at"> & { readonly notice_id: NoticeId; readonly at: Bigint };

type HeldRow = Omit<HeldNotice, "noticeId" | "policyVersion"> & {
  readonly notice_id: NoticeId;
  readonly policy_version: Bigint | null;
};

const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED";
const SHUT_THE_GATE = `${BEGIN}; ${GATE_ALONE}`;

/** Below every cursor. */
const FIRST = { at: "-9223372036854775808", noticeId: "" };

/** The ledger over Postgres. */
export const postgresLedger = ({ pool, retry = DEFAULT_RETRY }: PostgresLedgerOptions): NoticeLedger => {
  /** A transaction that may simply be done again. */
  const done = <A>(what: string, begin: string, work: (client: pg.ClientBase) => Promise<A>) =>
    attempted(() => settled(what, retry, () => inTransaction(pool, begin, work)));

  const command = (what: string, begin: string, text: string, values: readonly unknown[]) =>
    done(what, begin, async (client) => void (await client.query(text, [...values])));

  return {
    now: done("asking for the time", BEGIN, async (client) => {
      const { rows } = await client.query<{ now: Bigint }>("SELECT millrace.now() AS now");
      return instantOf(rows[0]?.now ?? Number.NaN);
    }),

    ingest: (batch) =>
      attempted(() =>
        eachOnce(batch, () => batched("ingest", retry, batch, (items) => ingestBatch(pool, items))),
      ),

    apply: (type, batch) =>
      attempted(() =>
        eachOnce(batch, () => batched(type, retry, batch, (items) => applyBatch(pool, type, items))),
      ),

    // Once its COMMIT may have happened it is not run again: that would be another page. The sweeper publishes it.
    routePage: (page, decide) =>
      attempted(() =>
        settled("routing a page", { ...retry, repeatUnknown: false }, () => routeOnePage(pool, page, decide)),
      ),

    due: (kind, limit, after) =>
      done(`looking for what is due (${kind})`, BEGIN, async (client) => {
        if (kind === "lapse" || kind === "overdue") await client.query(resetAlarms(kind));
        const { at, noticeId }: DueCursor | typeof FIRST = after ?? FIRST;
        const { rows } = await client.query<DueRow>({ ...DUE[kind], values: [at, noticeId, limit] });
        return rows.map(({ notice_id, ...row }) => ({ ...row, noticeId: notice_id, at: instantOf(row.at) }));
      }),

    held: (reason, limit, after) =>
      done(`looking for what is held (${reason})`, BEGIN, async (client) => {
        const { rows } = await client.query<HeldRow>({
          ...HELD,
          values: [reason, after?.period ?? 0, after?.noticeId ?? "", limit],
        });
        return rows.map(({ notice_id, policy_version, ...row }) => ({
          ...row,
          noticeId: notice_id,
          policyVersion: maybeVersion(policy_version),
        }));
      }),

    poison: (batch) =>
      command("writing poison down", BEGIN, gates.POISON, [
        arrayLiteral(batch, ({ topic }) => topic),
        arrayLiteral(batch, ({ partition }) => partition),
        arrayLiteral(batch, ({ offset }) => offset),
        arrayLiteral(batch, ({ reason }) => reason),
        arrayLiteral(batch, ({ stage }) => stage),
        arrayLiteral(batch, ({ attempts }) => attempts),
        arrayLiteral(batch, ({ payload }) => Buffer.from(payload).toString("base64")),
        arrayLiteral(batch, ({ digest }) => digest.sha256),
        arrayLiteral(batch, ({ digest }) => digest.bytes),
      ]),

    read: (noticeId, period) =>
      done(`reading notice ${noticeId}`, BEGIN, async (client) => {
        const { rows } = await client.query<RecordRow>({ ...readNotice, values: [period, noticeId] });
        const [row] = rows;
        return row === undefined ? null : recordOf(row);
      }),

    pause: (scope, reason, actor) =>
      command(`pausing ${scope}`, SHUT_THE_GATE, gates.PAUSE, [scope, actor, reason]),
    resume: (scope, actor, reason = null) =>
      command(`resuming ${scope}`, SHUT_THE_GATE, gates.RESUME, [scope, actor, reason]),
    pauses: done("reading the pauses", BEGIN, async (client) => {
      const { rows } = await client.query<{ scope: ChannelId | "*" }>(gates.ALL_PAUSES);
      return rows.map(({ scope }) => scope);
    }),
    suppress: (userId, reason, actor) =>
      command("suppressing a recipient", SHUT_THE_GATE, gates.SUPPRESS_USER, [userId, actor, reason]),
    unsuppress: (userId, actor, reason = null) =>
      command("taking a recipient off the suppression list", SHUT_THE_GATE, gates.UNSUPPRESS_USER, [
        userId,
        actor,
        reason,
      ]),

    activatePolicy: (version, policy, actor, where = "anyway") =>
      done(`activating policy ${version}`, SHUT_THE_GATE, async (client) => {
        // the gate is this transaction's alone, so whoever activates beside it has done so, or waits
        if (where === "none-is-active" && (await client.query(gates.POLICY, [null])).rows.length > 0) return;
        const text = JSON.stringify(policy);
        const { rows } = await client.query<{ same: boolean }>(gates.STORE_POLICY, [version, text, actor]);
        if (rows[0]?.same !== true) {
          throw new Permanent({
            message: `policy ${version} is another one already`,
            code: "policy-version",
          });
        }
        await client.query(gates.ACTIVATE_POLICY, [version, actor]);
      }),
    policy: (version) =>
      done(`reading policy ${version}`, BEGIN, async (client) => {
        const { rows } = await client.query<{ version: Bigint; policy: unknown }>(gates.POLICY, [
          version === "active" ? null : version,
        ]);
        const [row] = rows;
        return row === undefined
          ? null
          : // Its number was checked when it was stored.
            { version: Number(row.version) as PolicyVersion, policy: row.policy };
      }),
  };
};
