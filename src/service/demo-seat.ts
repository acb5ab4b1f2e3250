/**
 * One demonstration at a time in one database: an advisory lock that ends with the connection of whoever holds it, so nothing is
 * left to tidy up after a kill.
 */
import pg from "pg";
import { Refusal } from "./refusal.ts";

/** Known to nobody else in this database. */
const SEAT = 7_330_001;
const NAME = "millrace demo";

/** @returns the way to give it back */
export const takeDemoSeat = async (connection: pg.ClientConfig): Promise<() => Promise<void>> => {
  const client = new pg.Client({ ...connection, application_name: `${NAME} ${process.pid}` });
  client.on("error", () => undefined); // who loses the connection loses the seat, and the next query says so
  await client.connect();
  const { rows } = await client.query<{ mine: boolean }>("SELECT pg_try_advisory_lock($1) AS mine", [SEAT]);
  if (rows[0]?.mine === true) return () => client.end();
  const holder = await client.query<{ name: string }>(
    `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND l.objid = $1::bigint::oid`,
    [SEAT],
  );
  await client.end();
  const pid = holder.rows[0]?.name.slice(NAME.length).trim();
  throw new Refusal(
    "conflict",
    `another demonstration runs in this folder already${pid === undefined ? "" : ` (process ${pid})`}: wait for its end, or stop it; MILLRACE_DATABASE_FOLDER names another folder`,
  );
};
