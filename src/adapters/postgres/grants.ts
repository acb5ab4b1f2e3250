/**
 * What the service's role may do, and nothing more: no DDL, no superuser, and of histories only to add and to read.
 * Given again after each migration, so that a new table cannot be forgotten.
 */
export const SERVICE_ROLE = "millrace_service";

const CHANGED = [
  "notice",
  "attempt",
  "dead_letter",
  "suppression",
  "pause",
  "active_policy",
  "run",
  "member",
  "untold_letter",
  "untold_results",
];
const ADDED = ["contents", "history", "gate_history", "policy", "poison"];
const DELETED = ["suppression", "pause", "member", "untold_letter", "untold_results"];

const tables = (names: readonly string[]): string => names.map((name) => `millrace.${name}`).join(", ");

/** The statements that give the service's role what it needs, and no more. */
export const GRANTS: readonly string[] = [
  `GRANT USAGE ON SCHEMA millrace TO ${SERVICE_ROLE}`,
  `GRANT SELECT ON ALL TABLES IN SCHEMA millrace TO ${SERVICE_ROLE}`,
  `GRANT INSERT ON ${tables([...CHANGED, ...ADDED])} TO ${SERVICE_ROLE}`,
  `GRANT UPDATE ON ${tables(CHANGED)} TO ${SERVICE_ROLE}`,
  `GRANT DELETE ON ${tables(DELETED)} TO ${SERVICE_ROLE}`,
  // Of a record that could not be read only who was told of it.
  `GRANT UPDATE (tell_at) ON millrace.poison TO ${SERVICE_ROLE}`,
  // Of what was ingested only where the recipient is reached.
  `GRANT UPDATE (contacts) ON millrace.contents TO ${SERVICE_ROLE}`,
];
