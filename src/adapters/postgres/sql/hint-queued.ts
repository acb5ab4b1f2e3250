/**
 * The word to whoever waits for queued notices (`queue-hints.ts`): sent when the transaction commits, once however many
 * rows and statements it has, and only a hint. Postgres lets such commits through one after the other, which is
 * why it is said once a batch and never once a notice.
 */
export const QUEUED = "millrace_queued";

/** A column of the answer; `won` are rows with the status that they get. */
export const hintQueued = (won: string): string =>
  `(SELECT pg_notify('${QUEUED}', '') FROM ${won} w WHERE w.to_status = 'queued' LIMIT 1) AS hinted`;
