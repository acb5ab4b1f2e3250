/**
 * An operator's way to the ledger: opened for one question or one order, closed after it. It needs neither keys nor templates nor
 * providers, so it works on a machine that has the database's address and nothing else.
 */
import { userInfo } from "node:os";
import { postgresLetters } from "../adapters/postgres/letters.ts";
import { postgresMembers } from "../adapters/postgres/members.ts";
import { postgresLedger } from "../adapters/postgres/notice-ledger.ts";
import { postgresProviderJournal } from "../adapters/postgres/provider-journal.ts";
import { openReports } from "../adapters/postgres/reports/open-reports.ts";
import { postgresRuns } from "../adapters/postgres/runs.ts";
import type { Pool } from "../adapters/postgres/pool.ts";
import { IS_THERE } from "../adapters/postgres/sql/provider-journal.ts";
import type { LedgerAudit } from "../domain/ports/ledger-audit.ts";
import type { LedgerReports } from "../domain/ports/ledger-reports.ts";
import type { Letters } from "../domain/ports/letters.ts";
import type { Members } from "../domain/ports/members.ts";
import type { NoticeLedger } from "../domain/ports/notice-ledger.ts";
import type { ProviderEvidence } from "../domain/ports/provider-evidence.ts";
import type { Runs } from "../domain/ports/runs.ts";
import type { Config } from "./config/config.ts";
import { openDatabase } from "./database.ts";
import { journalEvidence } from "./journal-evidence.ts";

export interface LedgerDesk {
  readonly ledger: NoticeLedger;
  readonly reports: LedgerReports;
  readonly audit: LedgerAudit;
  readonly letters: Letters;
  readonly members: Members;
  readonly runs: Runs;
  /** What the simulated providers have on record; empty where there are none. */
  readonly evidence: ProviderEvidence | null;
}

/**
 * The simulated providers make their journal with their first request. Whoever only looks makes nothing: before that there is no
 * record, and it may not have the right to make one.
 */
const simulatedRecord = async (config: Config, pool: Pool): Promise<ProviderEvidence | null> => {
  if (![...config.providers.values()].some(({ kind }) => kind === "simulated")) return null;
  const { rows } = await pool.use(({ client }) => client.query<{ there: boolean }>(IS_THERE));
  return rows[0]?.there === true ? journalEvidence(postgresProviderJournal(pool)) : null;
};

/** @param name what this process is called among the server's connections */
export const atLedger = async <A>(
  config: Config,
  name: string,
  work: (desk: LedgerDesk) => Promise<A>,
): Promise<A> => {
  const { pool, connection, close } = await openDatabase(config, { name });
  const { reports, audit, close: closeReports } = openReports(connection);
  try {
    return await work({
      ledger: postgresLedger({ pool }),
      ...{ reports, audit },
      letters: postgresLetters({ pool }),
      members: postgresMembers({ pool }),
      runs: postgresRuns({ pool }),
      evidence: await simulatedRecord(config, pool),
    });
  } finally {
    await closeReports();
    await close();
  }
};

/** Who does it, for the history: the user of this machine, as far as its name can be written there. */
export const operator = (): string => {
  try {
    const name = userInfo().username.replace(/[^\x21-\x7e]/g, "-");
    return `operator:${name === "" ? "unknown" : name.slice(0, 60)}`;
  } catch {
    // A container may run as a user that has no name.
    return "operator:unknown";
  }
};
