/**
 * What Postgres's errors mean for a batch, in one table.
 *
 * | what to do | means                                                              | in the end           |
 * | ---------- | ------------------------------------------------------------------ | -------------------- |
 * | `retry`    | nothing was written, and the same may work at once                 | `Transient`          |
 * | `split`    | one item's data cannot be stored: find it                          | `Permanent`, its own |
 * | `refuse`   | no batch will work before somebody mends the database or rights    | `Transient`, at once |
 * | `give-up`  | the server is out of something: the caller's schedule waits longer | `Transient`          |
 *
 * A database that is set up wrongly says nothing about the notices: were that `Permanent`, a revoked right would send a
 * whole batch to its next channel.
 *
 * An error without a code comes from the connection: what was under way is lost, or its answer is.
 */

export type Remedy = "retry" | "split" | "refuse" | "give-up";

/** By code first, by class (its first two characters) second. */
const REMEDIES: Readonly<Record<string, Remedy>> = {
  "08": "retry", // connection exception
  "40": "retry", // serialization failure, deadlock, statement completion unknown
  "55P03": "retry", // a lock was not to be had in time
  "57014": "retry", // the statement took too long
  "57P01": "retry", // the server, or this connection, is being shut down
  "57P02": "retry", // the server crashed
  "57P03": "retry", // the server is starting
  "57P05": "retry", // the connection was idle for too long
  "25P03": "retry", // idle in a transaction for too long: this program stood still
  "25006": "retry", // read-only: connected to a standby during a switch-over
  "0A000": "retry", // a cached plan that a migration has overtaken: a new connection makes a new one

  "22": "split", // data that no type takes: a NUL in a text, a number out of range
  "23": "split", // a constraint
  "54": "split", // too large for an index or a row

  "28": "refuse", // who we say we are is not believed
  "3D": "refuse", // no such database
  "42": "refuse", // a missing table, column or right: the schema is not this program's
  "26": "refuse", // a prepared statement that a connection pooler has lost

  "53": "give-up", // disk, memory or connections have run out
  "58": "give-up", // the server's own system
  XX: "give-up", // corrupted, or a bug of the server
};

export const remedyFor = (sqlState: string): Remedy =>
  REMEDIES[sqlState] ?? REMEDIES[sqlState.slice(0, 2)] ?? "give-up";

/**
 * Whether an error that answers a COMMIT says for certain that nothing was committed. A server that is going down may
 * say so in place of an answer, after it has committed; and 40003 says itself that nobody knows.
 */
export const commitWasRefused = (sqlState: string): boolean =>
  /^(23|40)/.test(sqlState) ? sqlState !== "40003" : ["25P02", "25P03", "25006"].includes(sqlState);

/** The trouble is this connection's own: a standby, a plan or a statement that it has kept or lost, its end. */
export const connectionIsSpent = (sqlState: string): boolean => /^(08|26|0A000|25006|57P)/.test(sqlState);
