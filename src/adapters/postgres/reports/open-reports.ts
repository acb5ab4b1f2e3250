/**
 * Sessions for whoever reads reports: few, read-only, with a limit on every statement, and free to read whole tables.
 *
 * The ledger's own sessions may only look rows up by key, so that no plan of theirs can ever read a table; a report counts
 * millions, and has to. A pool of its own also keeps a slow report from taking a worker's connection.
 */
import type pg from "pg";
import type { LedgerAudit } from "../../../domain/ports/ledger-audit.ts";
import type { LedgerReports } from "../../../domain/ports/ledger-reports.ts";
import { openPool } from "../pool.ts";
import { postgresAudit } from "./ledger-audit.ts";
import { postgresReports } from "./ledger-reports.ts";

/** By which pool. */
export interface ReportsOptions {
  /** Connections at once. Default 2. */
  readonly maxConnections?: number;
  /** For one statement. Default 600,000: a page of a large ledger may have to read past millions. */
  readonly statementTimeoutMs?: number;
}

/** What can be read of a ledger. */
export interface Reports {
  readonly reports: LedgerReports;
  readonly audit: LedgerAudit;
  readonly close: () => Promise<void>;
}

/** What the ledger's sessions are forbidden. */
const SESSION = {
  plan_cache_mode: "auto",
  enable_seqscan: "on",
  enable_bitmapscan: "on",
  enable_hashjoin: "on",
  enable_mergejoin: "on",
  default_transaction_read_only: "on",
};

/** Opens the reports over one database. */
export const openReports = (connection: pg.ClientConfig, options: ReportsOptions = {}): Reports => {
  const { maxConnections = 2, statementTimeoutMs = 600_000 } = options;
  const pool = openPool({
    connection: { ...connection, application_name: connection.application_name ?? "millrace reports" },
    maxConnections,
    maxWaiting: 100,
    statementTimeoutMs,
    settings: SESSION,
  });
  return { reports: postgresReports(pool), audit: postgresAudit(pool), close: pool.close };
};
