/**
 * The gate of T6 and T11r. A right to send holds the lock shared from before its snapshot until its commit; whoever
 * shuts the gate (pause, suppress, activate a policy) takes it alone. So the shutter waits for the rights that are under
 * way, and a right that comes later sees the gate shut: after `pause` has returned none commits.
 *
 * It is taken in a statement of its own and before any row, because a snapshot is older than what its statement waits
 * for, and because a row's lock held while waiting here could close a circle.
 */
const GATE_KEY = 7_205_759_403;

export const GATE_SHARED = `SELECT pg_advisory_xact_lock_shared(${GATE_KEY})`;
export const GATE_ALONE = `SELECT pg_advisory_xact_lock(${GATE_KEY})`;
