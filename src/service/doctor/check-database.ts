/**
 * The database as a service would meet it: reached, of a version that is known, on this version's schema, forgetting nothing that it
 * has acknowledged, and with a clock like ours.
 */
import type { Connection } from "../../adapters/postgres/connect.ts";
import { unsafeSettings } from "../../adapters/postgres/safe-commits.ts";
import { schemaStatus } from "../../adapters/postgres/schema.ts";
import { broken, fine, type Finding, worthKnowing } from "./finding.ts";

/** The oldest that this program has been run on. */
const OLDEST_KNOWN = 150_000;

/** Times in the ledger are the database's own; ours only shows in logs and in a provider's record. */
const CLOCK_TOLERANCE_MS = 2_000;

export const checkServer = async (client: Connection): Promise<Finding> => {
  const { rows } = await client.query<{ version: string; number: string }>(
    "SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number",
  );
  const { version = "unknown", number = "0" } = rows[0] ?? {};
  const words = `reached, Postgres ${version} on ${client.host}:${client.port}`;
  return Number(number) >= OLDEST_KNOWN
    ? fine("database", words)
    : worthKnowing("database", words, `use ${OLDEST_KNOWN / 10_000} or newer: nothing older was ever tried`);
};

export const checkSchema = async (client: Connection): Promise<Finding> => {
  const status = await schemaStatus(client);
  switch (status.state) {
    case "current":
      return fine("schema", "current");
    case "behind":
      return broken("schema", `behind: ${status.pending.join(", ")}`, "run millrace migrate up");
    case "ahead":
      return broken(
        "schema",
        `made by a newer Millrace: ${status.unknown.join(", ")}`,
        "run that version, or a newer one",
      );
  }
};

export const checkCommits = async (client: Connection): Promise<Finding> => {
  const unsafe = await unsafeSettings(client);
  return unsafe.length === 0
    ? fine("commits", "what it acknowledges, it keeps")
    : broken(
        "commits",
        unsafe.map(({ words }) => words).join("; "),
        `switch ${unsafe.map(({ setting }) => setting).join(" and ")} on for this server, database and role: a notice could be sent twice`,
      );
};

/** @param wallMs this machine's clock */
export const checkClock = async (client: Connection, wallMs: () => number): Promise<Finding> => {
  const before = wallMs();
  const { rows } = await client.query<{ at: string }>(
    "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS at",
  );
  const after = wallMs();
  const theirs = Number(rows[0]?.at);
  // how long the question took is how well the difference is known
  const apartMs = Math.max(0, Math.abs(theirs - (before + after) / 2) - (after - before) / 2);
  const words = `${Math.round(apartMs).toLocaleString("en")} ms apart from the database's`;
  return apartMs <= CLOCK_TOLERANCE_MS
    ? fine("clock", words)
    : worthKnowing(
        "clock",
        words,
        "set both by the network (NTP): logs and provider records disagree with the ledger",
      );
};
