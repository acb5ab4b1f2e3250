/**
 * C1: the promise holds while Postgres loses no commit that it has acknowledged. Two settings take that away in silence, so a
 * service looks at them before it does anything: a right to send that a crash forgets is given out a second time.
 */
import type pg from "pg";

/** A setting of the server on which a commit's safety rests. */
export type SafetySetting = "synchronous_commit" | "fsync";

/** What each setting does when it is off. */
const LOSES: Readonly<Record<SafetySetting, string>> = {
  synchronous_commit: "a crash of the server loses commits of its last moments",
  fsync: "a crash of the machine loses commits, and perhaps the database",
};
const ALL: readonly SafetySetting[] = ["synchronous_commit", "fsync"];

/** A setting under which an acknowledged commit can be lost. */
export interface UnsafeSetting {
  readonly setting: SafetySetting;
  readonly words: string;
}

/** As this session has them; a role or a database may set them for itself. */
export const unsafeSettings = async (
  client: pg.ClientBase,
  among: readonly SafetySetting[] = ALL,
): Promise<readonly UnsafeSetting[]> => {
  const { rows } = await client.query<{ setting: SafetySetting }>(
    "SELECT name AS setting FROM pg_catalog.pg_settings WHERE name = ANY($1) AND setting = 'off' ORDER BY name",
    [among],
  );
  return rows.map(({ setting }) => ({ setting, words: `${setting} is off: ${LOSES[setting]}` }));
};

/** Throws with what to do. */
export const demandSafeCommits = async (
  client: pg.ClientBase,
  among: readonly SafetySetting[] = ALL,
): Promise<void> => {
  const unsafe = await unsafeSettings(client, among);
  if (unsafe.length === 0) return;
  throw new Error(
    `this database may forget what it has acknowledged, and a notice could then be sent twice (${unsafe.map(({ words }) => words).join("; ")}): ` +
      `switch ${unsafe.map(({ setting }) => setting).join(" and ")} on for this server, database and role, then start again`,
  );
};
