/**
 * The log of a delivery without a broker, ready made: the ledger's own queued rows for the ports of one channel. Whoever has a
 * broker makes a `DeliveryLog` of its source, of how its bytes are read, and of how those that cannot be read are kept.
 */
import type { QueuedNotices } from "../../domain/ports/queued-notices.ts";
import type { Request } from "./bodies.ts";
import { asItIs } from "./consume-requests.ts";
import type { DeliveryLog } from "./delivery-pipeline.ts";
import type { DeliveryPorts } from "./delivery-ports.ts";
import { ledgerLog } from "./ledger-log.ts";

/** How the queued rows are taken. */
export interface LedgerDeliveryOptions {
  /** One for each delivery: it remembers what it has heard of. */
  readonly queued: QueuedNotices;
  /** Rows in one claim. Default 500. */
  readonly pageCount?: number;
  /** How long a missed hint may go unnoticed. Default 1,000 ms. */
  readonly idleMs?: number;
}

/** The ledger's queued rows of the ports' channel, as the log of their delivery. */
export const ledgerDelivery = (
  { channel, worker, leases, limits }: Pick<DeliveryPorts, "channel" | "worker" | "leases" | "limits">,
  { queued, pageCount = 500, idleMs = 1_000 }: LedgerDeliveryOptions,
): DeliveryLog<Request> => ({
  source: ledgerLog({ queued, channel, worker, leases, leaseMs: limits.leaseMs, pageCount, idleMs }),
  read: asItIs,
  keepPoison: ({ record, reason }) => {
    throw new Error(`a row of the ledger cannot be unreadable: ${record}, ${reason}`);
  },
});
