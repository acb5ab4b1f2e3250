/**
 * Where a notice goes whose attempt, or whose preparation, is known to have come to nothing: what T5f, T9 and T12 share.
 * Cancelled if somebody asked for it, else the next attempt or channel, else failed with a dead letter.
 */
import type { NextStep } from "../../../domain/fall-back.ts";
import type { Given } from "./given.ts";
import { closeReplays, openLetter } from "./letters.ts";
import { NOW } from "./phrases.ts";
import type { NoticeColumn } from "./statement.ts";

interface Unaccepted {
  readonly next: NextStep;
  readonly republishInMs: number;
}

/** Without a next channel the next step is to fail. */
export const nextStep: readonly Given<Unaccepted>[] = [
  { name: "c_next_channel", type: "text", of: ({ next }) => (next.kind === "queue" ? next.channel : null) },
  {
    name: "c_next_attempt_no",
    type: "integer",
    of: ({ next }) => (next.kind === "queue" ? next.attemptNo : null),
  },
  {
    name: "c_next_due_in_ms",
    type: "bigint",
    of: ({ next }) => (next.kind === "queue" ? next.dueInMs : null),
  },
  { name: "c_republish_in_ms", type: "bigint", of: ({ republishInMs }) => republishInMs },
];

const GOES_ON = "NOT cancel_requested AND c_next_channel IS NOT NULL";

export const afterNoAcceptance: Readonly<Partial<Record<NoticeColumn, string>>> = {
  status: `CASE WHEN cancel_requested THEN 'cancelled' WHEN c_next_channel IS NULL THEN 'failed' ELSE 'queued' END`,
  epoch: "epoch + 1",
  owner: "NULL::text",
  lease_until: "NULL::bigint",
  channel: `CASE WHEN ${GOES_ON} THEN c_next_channel ELSE channel END`,
  attempt_no: `CASE WHEN ${GOES_ON} THEN c_next_attempt_no ELSE attempt_no END`,
  due_at: `CASE WHEN ${GOES_ON} THEN ${NOW} + c_next_due_in_ms ELSE due_at END`,
  republish_at: `CASE WHEN ${GOES_ON} THEN
        ${NOW} + CASE WHEN c_next_due_in_ms > 0 THEN c_next_due_in_ms ELSE c_republish_in_ms END END`,
  publishes: "0",
};

/** @param reason a column of the rows that are won */
export const lettersAfterNoAcceptance = (
  attempt: string,
  reason: string,
): Readonly<Record<string, string>> => ({
  replays_closed: closeReplays("w.to_status <> 'queued'"),
  ...openLetter({
    kind: "failed",
    epoch: "w.to_epoch",
    attempt,
    reason,
    when: "w.to_status = 'failed'",
  }),
});
