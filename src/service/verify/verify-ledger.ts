/**
 * Verifies a ledger: reads every ingested key with all its rows, holds each against the guarantees, and says how the whole
 * stands. It trusts no counter that the service kept, changes nothing, and may run beside the service.
 *
 * Memory does not grow with the ledger: a page of notices, the first violations, the policies.
 */
import { Effect } from "effect";
import type { AuditScope, LedgerAudit } from "../../domain/ports/ledger-audit.ts";
import type { ProviderEvidence } from "../../domain/ports/provider-evidence.ts";
import { Tally } from "./tally.ts";
import type { Verdict } from "./verdict.ts";

export interface VerifyOptions {
  readonly audit: LedgerAudit;
  /** Default: everything. */
  readonly scope?: AuditScope;
  /** Without it nobody can tell of duplicates. */
  readonly evidence?: ProviderEvidence | null;
  /** Violations that are named; more are counted. Default 1,000. */
  readonly maxViolations?: number;
  /** Notices a page. Default 1,000. */
  readonly pageSize?: number;
  /** After each page. */
  readonly onProgress?: (examined: number) => void;
}

export const verifyLedger = async (options: VerifyOptions): Promise<Verdict> => {
  const { audit, scope = {}, evidence = null, maxViolations = 1_000, pageSize, onProgress } = options;
  const tally = new Tally({ scope, evidence, maxViolations });
  const examine = audit.examine({
    scope,
    evidence,
    ...(pageSize === undefined ? {} : { pageSize }),
    limit: maxViolations,
    begin: (start) => tally.begin(start),
    page: (page, at) => {
      tally.page(page, at);
      onProgress?.(tally.ingested);
    },
  });
  return tally.end(await Effect.runPromise(examine));
};
