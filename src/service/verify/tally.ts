/**
 * Draws the verdict up, page by page: it holds the counts and the first violations, and no notice longer than its page.
 */
import { Result } from "effect";
import { instant, type Instant, type NoticeId, type PolicyVersion } from "../../domain/ids.ts";
import { decodePolicy } from "../../domain/policy-decoder.ts";
import type { Policy } from "../../domain/policy.ts";
import type { AuditEnd, AuditScope, AuditStart, Examined } from "../../domain/ports/ledger-audit.ts";
import type { StoredPolicy } from "../../domain/ports/notice-ledger.ts";
import type { ProviderEvidence } from "../../domain/ports/provider-evidence.ts";
import { standingOf, STANDINGS, type Standing } from "../../domain/standing.ts";
import type { ExaminedNotice, Surroundings } from "./check.ts";
import { CHECKS } from "./checks.ts";
import { duplicatesIn } from "./provider-check.ts";
import { ringsLate, unreachable } from "./reach.ts";
import type { Verdict, Violation } from "./verdict.ts";

export interface TallyOptions {
  readonly scope: AuditScope;
  readonly evidence: ProviderEvidence | null;
  /** Violations that are named; the others are counted. */
  readonly maxViolations: number;
}

/** Those that cannot be read decide nothing here: a policy that does not decode was never routed by. */
const readable = (stored: readonly StoredPolicy[]): ReadonlyMap<PolicyVersion, Policy> =>
  new Map(
    stored.flatMap(({ version, policy }) => {
      const read = decodePolicy(policy);
      return Result.isSuccess(read) ? [[version, read.success] as const] : [];
    }),
  );

export class Tally {
  readonly #options: TallyOptions;
  readonly #standings = new Map<Standing, number>(STANDINGS.map((standing) => [standing, 0]));
  readonly #violations: Violation[] = [];
  #violationCount = 0;
  #ingested = 0;
  #lost = 0;
  #duplicates = 0;
  #nextReleaseAt: Instant | null = null;
  #start: AuditStart = { at: instant(0), evidence: null, policies: [], activations: [] };
  #policies: ReadonlyMap<PolicyVersion, Policy> = new Map();

  constructor(options: TallyOptions) {
    this.#options = options;
  }

  get ingested(): number {
    return this.#ingested;
  }

  begin(start: AuditStart): void {
    this.#start = start;
    this.#policies = readable(start.policies);
  }

  /** What was activated in the same millisecond may have come before or after. */
  #policyAt(at: Instant): Policy | null {
    const last = this.#start.activations.findLast((activation) => activation.at <= at);
    return last === undefined || last.at === at ? null : (this.#policies.get(last.version) ?? null);
  }

  page(page: readonly Examined[], now: Instant): void {
    const surroundings: Surroundings = {
      now,
      policies: this.#policies,
      policyAt: (at) => this.#policyAt(at),
      evidenceAt: this.#start.at,
      evidenceChannels: new Set(this.#start.evidence?.channels),
    };
    for (const examined of page) {
      this.#ingested += 1;
      const { record } = examined;
      if (record === null) this.#missing(examined.noticeId);
      else this.#notice({ ...examined, record }, surroundings);
    }
  }

  #missing(noticeId: NoticeId): void {
    this.#lost += 1;
    this.#violation("S6", noticeId, "ingested, and there is no notice");
  }

  #notice(examined: ExaminedNotice, surroundings: Surroundings): void {
    const { notice } = examined.record;
    const { noticeId } = notice;
    const standing = standingOf(notice, surroundings.now);
    this.#standings.set(standing, (this.#standings.get(standing) ?? 0) + 1);
    if (standing === "held" && notice.holdReason === null)
      if (this.#nextReleaseAt === null || notice.dueAt < this.#nextReleaseAt)
        this.#nextReleaseAt = notice.dueAt;
    this.#duplicates += duplicatesIn(examined.accepted ?? []);
    for (const check of CHECKS)
      for (const { invariant, words } of check(examined, surroundings))
        this.#violation(invariant, noticeId, words);
    if (!examined.isItsRecipient)
      this.#violation("S6", noticeId, "its row names another recipient than it was ingested for");
    const lost = unreachable(examined);
    if (lost !== null) {
      this.#lost += 1;
      this.#violation("L1", noticeId, lost);
    } else {
      const late = ringsLate(examined);
      if (late !== null) this.#violation("L1", noticeId, late);
    }
  }

  #violation(invariant: string, noticeId: NoticeId | null, words: string, count = 1): void {
    this.#violationCount += count;
    if (this.#violations.length < this.#options.maxViolations)
      this.#violations.push({ invariant, noticeId, words });
  }

  end(end: AuditEnd): Verdict {
    for (const { noticeId, rows } of end.strays)
      this.#violation("S6", noticeId, `rows (${rows}) of a notice that was never ingested`);
    for (const { noticeId, words } of end.breaches) this.#violation("S10", noticeId, words);
    for (const { runId, words } of end.runGaps) this.#violation("S6", null, `run ${runId} ${words}`);
    // Those beyond the limit came without their names.
    this.#violationCount += end.strayCount - end.strays.length + (end.breachCount - end.breaches.length);
    this.#violationCount += end.runGapCount - end.runGaps.length;
    const { at, evidence } = this.#start;
    const isWhole = this.#options.scope.runId === undefined && this.#options.scope.ingestedBy === undefined;
    const strangersTwice = isWhole ? (evidence?.strangersTwice ?? 0) : 0;
    if (strangersTwice > 0)
      this.#violation("S1", null, `${strangersTwice} duplicates of notices that this ledger does not know`);
    // A record in which nothing stands proves nothing of what was sent: another provider's, or one that was lost.
    const provesNothing =
      evidence === null || (evidence.accepted === 0 && (this.#standings.get("sent") ?? 0) > 0);
    const duplicates = provesNothing ? null : this.#duplicates + strangersTwice;
    const standings = Object.fromEntries(this.#standings) as Record<Standing, number>; // all of them, from the beginning
    const balanced = [...this.#standings.values()].reduce((a, b) => a + b, 0) === this.#ingested;
    return {
      ok: balanced && this.#lost === 0 && (duplicates ?? 0) === 0 && this.#violationCount === 0,
      ingested: this.#ingested,
      ...standings,
      duplicates,
      lost: this.#lost,
      balanced,
      violationCount: this.#violationCount,
      violations: this.#violations,
      nextReleaseAt: this.#nextReleaseAt,
      at,
      scope: this.#options.scope,
      evidence:
        evidence === null
          ? null
          : {
              name: this.#options.evidence?.name ?? "",
              accepted: evidence.accepted,
              strangers: evidence.strangers,
            },
    };
  }
}
