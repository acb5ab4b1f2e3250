/**
 * What a delivery needs from outside: the first argument of each of its stages. One delivery serves one channel, so that a
 * provider that is down holds up nobody else's credits.
 */
import type { ReadContact } from "../../domain/contact-rules.ts";
import type { ChannelId, WorkerId } from "../../domain/ids.ts";
import type { BillStore } from "../../domain/ports/bill-store.ts";
import type { ContentCipher } from "../../domain/ports/content-cipher.ts";
import type { NoticeLedger } from "../../domain/ports/notice-ledger.ts";
import type { Policies } from "../../domain/ports/policies.ts";
import type { Sender } from "../../domain/ports/sender.ts";
import type { TemplateStore } from "../../domain/ports/template-store.ts";
import type { SystemPorts } from "../runtime/system-ports.ts";
import type { RetryPolicy } from "../runtime/retry-schedule.ts";
import type { Leases } from "./leases.ts";
import type { ProviderGate } from "./provider-gate.ts";

/** Everything that the delivery of one channel needs from outside. */
export interface DeliveryPorts {
  readonly channel: ChannelId;
  readonly worker: WorkerId;
  readonly ledger: Pick<NoticeLedger, "apply" | "poison">;
  readonly policies: Policies;
  readonly bills: BillStore;
  readonly cipher: ContentCipher;
  readonly templates: TemplateStore;
  /** Reads a decrypted contact of this channel; the refusal is the name of a rule and may be logged. */
  readonly readContact: ReadContact;
  /** What sealed text of a notice is bound to. */
  readonly sealedAbout: (notice: { readonly noticeId: string; readonly userId: string }) => string;
  readonly sender: Sender;
  readonly gate: ProviderGate;
  readonly leases: Leases;
  readonly system: SystemPorts;
  readonly limits: DeliveryLimits;
}

/** The bounds of one channel's delivery. */
export interface DeliveryLimits {
  /** Unfinished notices at once. */
  readonly windowCredits: number;
  /** Of a claim; renewed every third of it. */
  readonly leaseMs: number;
  /** Until upkeep tells the log again of what was queued. */
  readonly republishMs: number;
  /** Items in a statement, and statements of one kind under way at once. */
  readonly batchCount: number;
  readonly batchLanes: number;
}

/**
 * What a small deployment takes. The log is told again never, that is in a year: where the ledger itself is the log, being queued
 * is being told.
 */
export const DELIVERY_LIMITS: DeliveryLimits = {
  windowCredits: 1_000,
  leaseMs: 30_000,
  republishMs: 31_536_000_000,
  batchCount: 500,
  batchLanes: 2,
};

/**
 * What sending takes, for a pipeline that borrows `sendNotice` alone: it knows no bill, no cipher and no template.
 */
export type SendPorts = Pick<
  DeliveryPorts,
  "channel" | "worker" | "policies" | "sender" | "gate" | "leases" | "system" | "limits"
> & { readonly ledger: Pick<NoticeLedger, "apply"> };

/** A database that is away is waited for: nothing is lost by patience, and every lease is renewed or lapses by itself. */
export const PATIENT: RetryPolicy = { times: 1_000, firstMs: 100, capMs: 1_000, budgetMs: 900_000 };

/** One statement, with the ledger's own asking again after a lost answer. */
export const STATEMENT_TIMEOUT_MS = 120_000;
