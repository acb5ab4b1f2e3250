/**
 * T4: claimed → queued, because the lease passed; at the cap → ready and held.
 *
 * Locks the notices. Two sweepers race: the second one finds another epoch. Against T3r and T6 of the holder the first
 * one counts.
 */
import { epoch, EPOCH_IS_SEEN, NOW } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

const AT_THE_CAP = "lapses + 1 >= c_max_lapses";

export const lapse = transitionStatement({
  type: "lapse",
  given: [
    epoch,
    { name: "c_connected_at", type: "bigint", of: ({ connectedAt }) => connectedAt },
    { name: "c_lease_ms", type: "bigint", of: ({ leaseMs }) => leaseMs },
    { name: "c_max_lapses", type: "integer", of: ({ maxLapses }) => maxLapses },
  ],
  guards: {
    epoch: EPOCH_IS_SEEN,
    lease: `lease_until < ${NOW}`,
    connected: `c_connected_at + c_lease_ms <= ${NOW}`,
  },
  becomes: {
    status: `CASE WHEN ${AT_THE_CAP} THEN 'ready' ELSE 'queued' END`,
    epoch: "epoch + 1",
    owner: "NULL::text",
    lease_until: "NULL::bigint",
    lapses: "lapses + 1",
    hold_reason: `CASE WHEN ${AT_THE_CAP} THEN coalesce(hold_reason, 'lapses') ELSE hold_reason END`,
    republish_at: `CASE WHEN ${AT_THE_CAP} THEN republish_at ELSE ${NOW} END`,
    publishes: `CASE WHEN ${AT_THE_CAP} THEN publishes ELSE 0 END`,
  },
  alarm: "exact",
  because: { words: `CASE WHEN ${AT_THE_CAP} THEN 'lapses' END` },
});
