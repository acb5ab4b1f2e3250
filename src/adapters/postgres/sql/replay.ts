/**
 * T13: failed, cancelled → ready, as the next generation.
 *
 * Locks the notices; the letters are read after that. Two that replay race: the second one finds another generation.
 */
import { beginReplay, openFailure } from "./letters.ts";
import { NO_CONTRADICTION, NOW, thereIs } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

export const replay = transitionStatement({
  type: "replay",
  given: [
    { name: "c_generation", type: "integer", of: ({ generation }) => generation },
    { name: "c_expires_at", type: "bigint", of: ({ expiresAt }) => expiresAt },
  ],
  guards: {
    generation: "generation = c_generation",
    "dead-letter": `status <> 'failed' OR ${thereIs(`millrace.dead_letter x
        WHERE x.period = j.period AND x.notice_id = j.notice_id AND ${openFailure("j")}`)}`,
    contradiction: NO_CONTRADICTION,
    expired: `${NOW} < coalesce(c_expires_at, expires_at)`,
  },
  becomes: {
    status: "'ready'",
    epoch: "epoch + 1",
    generation: "generation + 1",
    attempt_no: "0",
    channel: "NULL::text",
    policy_version: "NULL::bigint",
    owner: "NULL::text",
    lease_until: "NULL::bigint",
    lapses: "0",
    due_at: NOW,
    republish_at: "NULL::bigint",
    publishes: "0",
    expires_at: "coalesce(c_expires_at, expires_at)",
    cancel_requested: "false",
  },
  alarm: "exact",
  writes: {
    replaying: beginReplay(),
  },
});
