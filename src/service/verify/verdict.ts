/**
 * The verdict on a ledger: a balance of how every ingested key stands, and everything that breaks the promise.
 *
 * Its JSON is relied on by scripts: names are only ever added.
 */
import type { Instant, NoticeId } from "../../domain/ids.ts";
import type { AuditScope } from "../../domain/ports/ledger-audit.ts";
import type { Standing } from "../../domain/standing.ts";

export interface Violation {
  /** As the guarantees name it. */
  readonly invariant: string;
  /** Empty where it concerns no single notice. */
  readonly noticeId: NoticeId | null;
  readonly words: string;
}

export interface Verdict extends Readonly<Record<Standing, number>> {
  /** Nothing is wrong: balanced, nothing lost, no duplicate, no violation. */
  readonly ok: boolean;
  /** Keys: contents that were taken in. */
  readonly ingested: number;
  /** Messages beyond the first of a generation, by the provider's record; `null` where there is none, or nothing in it. */
  readonly duplicates: number | null;
  /** Not final, and out of everybody's reach; or ingested, and gone. */
  readonly lost: number;
  /** The standings sum to what was ingested. */
  readonly balanced: boolean;
  /** The first of them; `violationCount` counts all. */
  readonly violations: readonly Violation[];
  readonly violationCount: number;
  /** When the next held notice is released by time; empty where none is. */
  readonly nextReleaseAt: Instant | null;
  readonly at: Instant;
  readonly scope: AuditScope;
  readonly evidence: {
    readonly name: string;
    readonly accepted: number;
    /** For notices that this ledger does not know: another ledger's, or a database that was thrown away. */
    readonly strangers: number;
  } | null;
}
