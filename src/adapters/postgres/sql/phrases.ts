/**
 * What several statements say in the same words: the clock, the facts, the gate, and how an attempt is found.
 *
 * In a guard the notice's columns stand under their own names, the command's begin with `c_`, the attempt's with `a_`.
 */
import type { Command } from "../../../domain/lifecycle/commands.ts";
import type { Given } from "./given.ts";

/** The instant of the decision: one for the whole batch, read after its rows were locked. */
export const NOW = "(SELECT now FROM clock)";

export const actor: Given<Command> = { name: "c_actor", type: "text", of: (command) => command.actor };
export const epoch: Given<{ readonly epoch: number }> = {
  name: "c_epoch",
  type: "integer",
  of: (command) => command.epoch,
};
export const attemptId: Given<{ readonly attemptId: string }> = {
  name: "c_attempt_id",
  type: "text",
  of: (command) => command.attemptId,
};
export const owner: Given<{ readonly owner: string }> = {
  name: "c_owner",
  type: "text",
  of: (command) => command.owner,
};

export const EPOCH_IS_SEEN = "epoch = c_epoch";
export const NO_CONTRADICTION = "hold_reason IS DISTINCT FROM 'contradiction'";
/** What has come to an end is held by nothing but a contradiction. */
export const LET_GO = "CASE WHEN hold_reason = 'contradiction' THEN hold_reason END";
export const IS_DUE = `due_at <= ${NOW}`;
export const NOT_EXPIRED = `${NOW} < expires_at`;
/**
 * Is there such a row? Not by EXISTS: the planner may answer that by hashing the whole table first, for every statement,
 * however few rows are asked about.
 */
export const thereIs = (rows: string): string => `(SELECT true FROM ${rows} LIMIT 1) IS NOT NULL`;

export const IS_SUPPRESSED = thereIs("millrace.suppression s WHERE s.user_id = j.user_id");

/** Read once for the batch; there are never more than a few pauses. */
export const PAUSED = "coalesce((SELECT array_agg(scope) FROM millrace.pause), '{}')";
export const isPaused = (channel: string): string =>
  `coalesce('*' = ANY(${PAUSED}) OR ${channel} = ANY(${PAUSED}), false)`;

/** The guards of T6's and T11r's gate, by name. */
export const GATE: Readonly<Record<string, string>> = {
  suppressed: `NOT (${IS_SUPPRESSED})`,
  paused: `NOT ${isPaused("channel")}`,
  policy: "c_policy_version = (SELECT version FROM millrace.active_policy)",
  quiet: `c_open_from <= ${NOW} AND ${NOW} + c_send_window_ms < c_open_until`,
  expires: `${NOW} + c_send_window_ms < expires_at`,
};

interface Gated {
  readonly sendWindowMs: number;
  readonly gate: {
    readonly policyVersion: number;
    readonly openFrom: number;
    readonly openUntil: number;
  };
}

/** `openUntil` may be infinite: the only numbers that are not whole. */
export const gated: readonly Given<Gated>[] = [
  { name: "c_send_window_ms", type: "bigint", of: ({ sendWindowMs }) => sendWindowMs },
  { name: "c_policy_version", type: "bigint", of: ({ gate }) => gate.policyVersion },
  { name: "c_open_from", type: "double precision", of: ({ gate }) => gate.openFrom },
  { name: "c_open_until", type: "double precision", of: ({ gate }) => gate.openUntil },
];

const ATTEMPT_COLUMNS = `ctid AS a_place, generation AS a_generation, epoch AS a_epoch, state AS a_state, live AS a_live,
        intent_at AS a_intent_at, send_by AS a_send_by, copies AS a_copies, content_digest AS a_content_digest`;

/** The attempt that the command names, whichever generation it is of: through one of the two indexes that divide them. */
export const ATTEMPT_NAMED = `
      LEFT JOIN LATERAL (
        SELECT ${ATTEMPT_COLUMNS} FROM millrace.attempt
        WHERE period = i.period AND notice_id = i.notice_id AND live AND attempt_id = g.c_attempt_id
        UNION ALL
        SELECT ${ATTEMPT_COLUMNS} FROM millrace.attempt
        WHERE period = i.period AND notice_id = i.notice_id AND NOT live AND attempt_id = g.c_attempt_id
      ) a ON true`;

/** The one attempt of the present generation that holds the right to send. */
export const ATTEMPT_LIVE = `
      LEFT JOIN LATERAL (
        SELECT attempt_id AS a_attempt_id, ${ATTEMPT_COLUMNS} FROM millrace.attempt
        WHERE period = i.period AND notice_id = i.notice_id AND live AND generation = i.generation
        OFFSET 0
      ) a ON true`;

/** The attempt named is the live one: what the domain calls `liveAttempt(view)` with this id. */
export const NAMED_IS_LIVE = "a_live AND a_generation = generation";
