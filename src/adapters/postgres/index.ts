/**
 * The Postgres room's public face.
 */
export { startEmbeddedServer } from "./embedded-server.ts";
export type { EmbeddedServer, EmbeddedServerOptions } from "./embedded-server.ts";
export { GRANTS, SERVICE_ROLE } from "./grants.ts";
export { demandCurrentSchema, migrateUp, migrationPlan, schemaStatus } from "./schema.ts";
export type { Migrated, SchemaStatus } from "./schema.ts";
export { openPool } from "./pool.ts";
export type { Loan, Pool, PoolOptions, PoolWatch } from "./pool.ts";
export { postgresLedger } from "./notice-ledger.ts";
export type { PostgresLedgerOptions } from "./notice-ledger.ts";
export type { RetryOptions } from "./batch.ts";
export { postgresDoubts } from "./doubts.ts";
export type { PostgresDoubtsOptions } from "./doubts.ts";
export { postgresMembers } from "./members.ts";
export { postgresQueuedNotices } from "./queued-notices.ts";
export type { PostgresQueuedNoticesOptions } from "./queued-notices.ts";
export { postgresQueuedDetails, postgresUnheardNotices } from "./queued-details.ts";
export type { PostgresQueuedDetailsOptions } from "./queued-details.ts";
export { openQueueHints } from "./queue-hints.ts";
export type { QueueHints, QueueHintsOptions } from "./queue-hints.ts";
export { postgresProviderJournal } from "./provider-journal.ts";
export { postgresRuns } from "./runs.ts";
export type { PostgresRunsOptions } from "./runs.ts";
export { postgresLetters } from "./letters.ts";
export type { PostgresLettersOptions } from "./letters.ts";
export { postgresPoisonLetters } from "./poison-letters.ts";
export type { PostgresPoisonLettersOptions } from "./poison-letters.ts";
export { postgresResults } from "./results.ts";
export type { PostgresResultsOptions } from "./results.ts";
export { demandSafeCommits, unsafeSettings } from "./safe-commits.ts";
export type { SafetySetting, UnsafeSetting } from "./safe-commits.ts";
export { tableBills } from "./table-bills.ts";
export type { TableBillsOptions } from "./table-bills.ts";
export { openReports } from "./reports/open-reports.ts";
export type { Reports, ReportsOptions } from "./reports/open-reports.ts";
