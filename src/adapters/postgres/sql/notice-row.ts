/**
 * A notice's row as columns, in the order in which `rows.ts` reads them.
 */
export const NOTICE_COLUMNS = [
  ...["notice_id", "period", "status", "epoch", "generation", "attempt_no", "channel", "policy_version"],
  ...["owner", "lease_until", "lapses", "due_at", "hold_reason", "republish_at", "publishes", "expires_at"],
  ...["run_id", "cancel_requested"],
] as const;

export const noticeColumns = (alias: string): string =>
  NOTICE_COLUMNS.map((name) => `${alias}.${name}`).join(", ");
