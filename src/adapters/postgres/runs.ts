/**
 * Runs in Postgres. The cap is kept by the page's last statement, which counts what the page admits in the same transaction. Near
 * the cap two pages may together pass it: the second one to count is rolled back and paged again, this time with the
 * run's row locked first, so that it cannot happen to it twice.
 */
import type pg from "pg";
import { Permanent } from "../../failure.ts";
import type { Instant, RunId } from "../../domain/ids.ts";
import type { RoutingCandidate, RoutingCommand } from "../../domain/ports/notice-ledger.ts";
import type {
  OpenedRun,
  Run,
  RunFigures,
  RunPage,
  RunRequest,
  RunRouted,
  Runs,
} from "../../domain/ports/runs.ts";
import { figuresOfPage, withinCap } from "../../domain/run-figures.ts";
import { attempted } from "./attempted.ts";
import { DEFAULT_RETRY, settled, type RetryOptions } from "./batch.ts";
import type { Pool } from "./pool.ts";
import { routeWithin } from "./routing-page.ts";
import { instantOf, maybeInstant, maybeVersion, type Bigint } from "./rows.ts";
import * as sql from "./sql/runs.ts";
import { inTransaction } from "./transaction.ts";

/** By which pool. */
export interface PostgresRunsOptions {
  readonly pool: Pool;
  readonly retry?: RetryOptions;
}

interface RunRow {
  readonly run_id: RunId;
  readonly key: string;
  readonly state: Run["state"];
  readonly cap: Bigint;
  readonly opened_by: string;
  readonly opened_at: Bigint;
  readonly closed_at: Bigint | null;
  readonly policy_version: Bigint | null;
  readonly pages: Bigint;
  readonly candidates: Bigint;
  readonly admitted: Bigint;
  readonly published: Bigint;
  readonly publish_failed: Bigint;
  readonly held_by: RunFigures["heldBy"];
  readonly put_off: Bigint;
  readonly suppressed: Bigint;
  readonly expired: Bigint;
  readonly page_ms: Bigint;
  readonly publish_ms: Bigint;
}

const runOf = (row: RunRow): Run => ({
  runId: row.run_id,
  key: row.key,
  state: row.state,
  cap: Number(row.cap),
  openedBy: row.opened_by,
  openedAt: instantOf(row.opened_at),
  closedAt: maybeInstant(row.closed_at),
  policyVersion: maybeVersion(row.policy_version),
  figures: {
    pages: Number(row.pages),
    candidates: Number(row.candidates),
    admitted: Number(row.admitted),
    published: Number(row.published),
    publishFailed: Number(row.publish_failed),
    heldBy: row.held_by,
    putOff: Number(row.put_off),
    suppressed: Number(row.suppressed),
    expired: Number(row.expired),
    pageMs: Number(row.page_ms),
    publishMs: Number(row.publish_ms),
  },
});

const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED";

/** A run that opens, or closes, between two of our looks: each look then sees another one. */
const OPEN_LOOKS = 10;

/** The page would pass the cap, or its run has been closed meanwhile: it is given up. */
class PageGivenUp extends Error {}

type Statement = { readonly name: string; readonly text: string };
type Decide = (candidate: RoutingCandidate, now: Instant) => RoutingCommand | null;

const one = async (client: pg.ClientBase, statement: Statement, values: unknown[]): Promise<Run | null> => {
  const { rows } = await client.query<RunRow>({ ...statement, values });
  const [row] = rows;
  return row === undefined ? null : runOf(row);
};

const opened = async (client: pg.ClientBase, request: RunRequest, again: boolean): Promise<OpenedRun> => {
  const { runId, key, cap, actor } = request;
  const values = [runId, key, cap, actor];
  for (let look = 0; look < OPEN_LOOKS; look++) {
    const fresh = await one(client, sql.openRun, values);
    if (fresh !== null) return { answer: "opened", run: fresh };
    const known = await one(client, sql.runByKey, [key]);
    // The answer to our own opening was lost.
    if (again && known?.runId === runId && known.state !== "skipped") return { answer: "opened", run: known };
    if (known !== null && known.state !== "skipped") return { answer: "repeated", run: known };
    const current = await one(client, sql.currentRun, []);
    if (current === null && known !== null) return { answer: "repeated", run: known };
    if (current !== null) {
      if (known === null) await client.query({ ...sql.skipRun, values });
      return { answer: "overlapping", run: current };
    }
    if ((await one(client, sql.runById, [runId])) !== null) {
      throw new Permanent({ message: `run ${runId} was opened with another key`, code: "run-id" });
    }
  }
  throw new Error(`opening run ${runId}: others opened and closed ${OPEN_LOOKS} meanwhile`);
};

const routed = async (pool: Pool, page: RunPage, decide: Decide, alone: boolean): Promise<RunRouted> =>
  inTransaction(pool, BEGIN, async (client) => {
    const { rows } = await client.query<{ rest: Bigint }>({
      ...(alone ? sql.restOfRunAlone : sql.restOfRun),
      values: [page.runId],
    });
    const rest = Number(rows[0]?.rest ?? 0);
    if (rest <= 0) return { candidates: [], answers: [], next: null, exhausted: true };
    const { commands, ...done } = await routeWithin(
      client,
      { ...page, which: "fresh" },
      withinCap(decide, page.runId, rest),
    );
    if (commands.length === 0) return { ...done, exhausted: false };
    const figures = figuresOfPage(commands, done.answers);
    const { candidates, admitted, heldBy, putOff, suppressed, expired } = figures;
    const values = [page.runId, candidates, admitted, heldBy, putOff, suppressed, expired];
    const counted = await client.query<{ full: boolean }>({ ...sql.countPage, values });
    const [row] = counted.rows;
    if (row === undefined) throw new PageGivenUp();
    return { ...done, exhausted: row.full };
  });

/** The runs of the Postgres ledger. */
export const postgresRuns = ({ pool, retry = DEFAULT_RETRY }: PostgresRunsOptions): Runs => {
  const done = <A>(what: string, work: (client: pg.ClientBase) => Promise<A>, repeatUnknown = true) =>
    attempted(() => settled(what, { ...retry, repeatUnknown }, () => inTransaction(pool, BEGIN, work)));

  return {
    open: (request) =>
      attempted(async () => {
        const { runId, cap } = request;
        if (!Number.isSafeInteger(cap) || cap < 0) {
          throw new Permanent({
            message: `run ${runId}: its cap is a whole number, not ${cap}`,
            code: "cap",
          });
        }
        let tries = 0;
        return settled(`opening run ${runId}`, retry, () => {
          tries += 1;
          return inTransaction(pool, BEGIN, (client) => opened(client, request, tries > 1));
        });
      }),

    routePage: (page, decide) =>
      attempted(() =>
        settled(`routing a page of run ${page.runId}`, { ...retry, repeatUnknown: false }, async () => {
          try {
            return await routed(pool, page, decide, false);
          } catch (error) {
            if (!(error instanceof PageGivenUp)) throw error;
            return routed(pool, page, decide, true);
          }
        }),
      ),

    count: (runId, { published = 0, publishFailed = 0, pageMs = 0, publishMs = 0 }) =>
      done(
        `counting for run ${runId}`,
        async (client) => {
          const values = [runId, published, publishFailed, Math.round(pageMs), Math.round(publishMs)];
          await client.query({ ...sql.countMore, values });
        },
        false,
      ),

    close: (runId) =>
      done(`closing run ${runId}`, async (client) => {
        await client.query({ ...sql.closeRun, values: [runId] });
        const run = await one(client, sql.runById, [runId]);
        return run !== null && run.state !== "open";
      }),

    current: done("looking for the open run", (client) => one(client, sql.currentRun, [])),
    read: (runId) => done(`reading run ${runId}`, (client) => one(client, sql.runById, [runId])),
    recent: (limit) =>
      done("reading the runs", async (client) => {
        const { rows } = await client.query<RunRow>({ ...sql.recentRuns, values: [limit] });
        return rows.map(runOf);
      }),
  };
};
