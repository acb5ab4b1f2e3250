/**
 * What a check of one notice is: from all that is kept of it to what is wrong with it. Checks are pure, and read the promise
 * (`docs/guarantees.md`) anew: they share no code with the table that is to keep it.
 */
import type { Instant, PolicyVersion } from "../../domain/ids.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Examined } from "../../domain/ports/ledger-audit.ts";
import type { NoticeRecord } from "../../domain/ports/notice-ledger.ts";

/** A broken promise: its name in the guarantees, and what was seen, without personal data. */
export interface Finding {
  readonly invariant: string;
  readonly words: string;
}

/** A key whose notice is there. */
export interface ExaminedNotice extends Examined {
  readonly record: NoticeRecord;
}

export interface Surroundings {
  /** The time of the page's snapshot. */
  readonly now: Instant;
  /** The policies that could be read, by version. */
  readonly policies: ReadonlyMap<PolicyVersion, Policy>;
  /** The policy in force at that time; empty where it cannot be said, or not be read. */
  readonly policyAt: (at: Instant) => Policy | null;
  /** From before a provider's record was read: what was sent later may be missing from it. */
  readonly evidenceAt: Instant;
  /** The channels on which the provider's record proves something. */
  readonly evidenceChannels: ReadonlySet<string>;
}

export type Check = (examined: ExaminedNotice, surroundings: Surroundings) => readonly Finding[];

/** Most notices have nothing wrong with them: one empty list serves them all. */
export const NOTHING: readonly Finding[] = [];
