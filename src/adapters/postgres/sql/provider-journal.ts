/**
 * The simulated provider's journal: a schema of its own, because a provider is not part of the ledger and its word is
 * evidence against it. No statement here touches a table of the ledger.
 */
import type { ArrivingRequest } from "../../../domain/ports/provider-journal.ts";
import { unnested, type Given } from "./given.ts";

/** A name that no other advisory lock of this program has: two processes that start at once make the table once. */
export const MAKE_ALONE = "SELECT pg_advisory_xact_lock(hashtext('millrace provider journal'))";

export const IS_THERE = "SELECT to_regclass('provider.request') IS NOT NULL AS there";

/** The service's role gets what it needs where it exists: to add and to read, never to change what was accepted. */
export const MAKE = `
CREATE SCHEMA IF NOT EXISTS provider;
CREATE TABLE provider.request (
  attempt_id text NOT NULL,
  copy integer NOT NULL,
  reference text NOT NULL,
  channel text NOT NULL,
  arrived_at bigint NOT NULL,
  judgement text NOT NULL CHECK (judgement IN ('accepted', 'rejected', 'rejected-for-good', 'dropped')),
  provider_message_id text NOT NULL,
  PRIMARY KEY (attempt_id, copy)
);
CREATE INDEX request_accepted ON provider.request (reference) WHERE judgement = 'accepted';
COMMENT ON TABLE provider.request IS 'What the simulated provider received, and how it judged it on arrival.';
`;

export const GRANT = (role: string): string => `
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
    GRANT USAGE ON SCHEMA provider TO ${role};
    GRANT SELECT, INSERT ON provider.request TO ${role};
  END IF;
END $$`;

export const arriving: readonly Given<ArrivingRequest>[] = [
  { name: "c_attempt_id", type: "text", of: ({ attemptId }) => attemptId },
  { name: "c_reference", type: "text", of: ({ reference }) => reference },
  { name: "c_channel", type: "text", of: ({ channel }) => channel },
  { name: "c_arrived_at", type: "bigint", of: ({ arrivedAt }) => Math.floor(arrivedAt) },
  { name: "c_accept_until", type: "bigint", of: ({ acceptUntil }) => Math.floor(acceptUntil) },
  { name: "c_judgement", type: "text", of: ({ judgement }) => judgement },
  { name: "c_provider_message_id", type: "text", of: ({ providerMessageId }) => providerMessageId },
  { name: "c_remembers_ms", type: "bigint", of: ({ remembersMs }) => Math.floor(remembersMs) },
];

const IN_TIME = "c_accept_until >= extract(epoch FROM clock_timestamp()) * 1000";
const COLUMNS =
  "provider.request (attempt_id, copy, reference, channel, arrived_at, judgement, provider_message_id)";

/**
 * What is new. One statement that commits by itself: between the look at the clock and the commit nothing waits for
 * this program, so one that stands still cannot write late. Two that bring the same attempt: the second one
 * waits for the first's commit and inserts nothing.
 */
export const ARRIVED = {
  name: "provider arrived",
  text: `INSERT INTO ${COLUMNS}
SELECT c_attempt_id, 1, c_reference, c_channel, c_arrived_at, c_judgement, c_provider_message_id
FROM ${unnested(arriving, 1)}
WHERE ${IN_TIME}
ORDER BY c_attempt_id, n
ON CONFLICT DO NOTHING
RETURNING attempt_id AS "attemptId"`,
};

/**
 * Repeats, or requests that came too late: for each what is remembered of its attempt, or the copy that was added.
 * Locks nothing; two that add the same copy: the second one inserts nothing, is answered `retry`, and asks again.
 */
export const ARRIVED_AGAIN = {
  name: "provider arrived again",
  text: `WITH given AS (SELECT * FROM ${unnested(arriving, 1)}),
  seen AS MATERIALIZED (
    SELECT g.*, last.copy, last.judgement, last.provider_message_id,
      last.copy IS NOT NULL AND last.judgement <> 'dropped' AND g.c_arrived_at - first.arrived_at < g.c_remembers_ms AS remembered,
      ${IN_TIME} AS in_time
    FROM given g
    LEFT JOIN LATERAL (SELECT arrived_at FROM provider.request r
      WHERE r.attempt_id = g.c_attempt_id ORDER BY r.copy LIMIT 1) first ON true
    LEFT JOIN LATERAL (SELECT r.copy, r.judgement, r.provider_message_id FROM provider.request r
      WHERE r.attempt_id = g.c_attempt_id ORDER BY r.copy DESC LIMIT 1) last ON true
  ),
  added AS (
    INSERT INTO ${COLUMNS}
    SELECT c_attempt_id, copy + 1, c_reference, c_channel, c_arrived_at,
      CASE c_judgement WHEN 'dropped' THEN 'accepted' ELSE c_judgement END, c_provider_message_id || '-' || (copy + 1)
    FROM seen WHERE NOT remembered AND in_time AND copy IS NOT NULL
    ORDER BY c_attempt_id, n
    ON CONFLICT DO NOTHING
    RETURNING attempt_id, copy, judgement, provider_message_id
  )
SELECT CASE WHEN s.remembered THEN 'remembered'
    WHEN a.attempt_id IS NOT NULL THEN 'recorded'
    WHEN NOT s.in_time THEN 'too-late' ELSE 'retry' END AS kind,
  CASE WHEN s.remembered THEN s.judgement ELSE a.judgement END AS judgement,
  CASE WHEN s.remembered THEN s.provider_message_id ELSE a.provider_message_id END AS "providerMessageId"
FROM seen s LEFT JOIN added a ON a.attempt_id = s.c_attempt_id AND a.copy = s.copy + 1
ORDER BY s.n`,
};

const ACCEPTANCE = `attempt_id AS "attemptId", reference, channel, arrived_at::double precision AS "acceptedAt",
  provider_message_id AS "providerMessageId"`;

export const LOOK_UP = {
  name: "provider look-up",
  text: `SELECT ${ACCEPTANCE} FROM provider.request WHERE attempt_id = $1 AND judgement = 'accepted' ORDER BY copy LIMIT 1`,
};

export const MORE_THAN_ONCE = `SELECT reference, count(*)::integer AS times FROM provider.request
WHERE judgement = 'accepted' GROUP BY reference HAVING count(*) > 1 ORDER BY reference LIMIT $1`;

export const ACCEPTED = `SELECT ${ACCEPTANCE} FROM provider.request
WHERE judgement = 'accepted' AND reference = ANY($1::text[])`;

export const ACCEPTANCES = `SELECT ${ACCEPTANCE}, copy FROM provider.request
WHERE judgement = 'accepted' AND (attempt_id, copy) > ($1, $2)
ORDER BY attempt_id, copy LIMIT $3`;
