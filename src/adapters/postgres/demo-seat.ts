/**
 * One demonstration at a time in one database: an advisory lock that ends with the connection of whoever holds it, so nothing is
 * left to tidy up after a kill.
 */
import { connect, type DatabaseAddress } from "./connect.ts";

/** Known to nobody else in this database. */
const SEAT = 7_330_001;
const NAME = "millrace demo";

export type DemoSeat =
  | { readonly mine: true; readonly leave: () => Promise<void> }
  | { readonly mine: false; readonly holder: number | null };

export const takeDemoSeat = async (address: DatabaseAddress): Promise<DemoSeat> => {
  const client = await connect({ ...address, application_name: `${NAME} ${process.pid}` });
  const { rows } = await client.query<{ mine: boolean }>("SELECT pg_try_advisory_lock($1) AS mine", [SEAT]);
  if (rows[0]?.mine === true) return { mine: true, leave: () => client.end() };
  const holder = await client.query<{ name: string }>(
    `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND l.objid = $1::bigint::oid`,
    [SEAT],
  );
  await client.end();
  const pid = Number(holder.rows[0]?.name.slice(NAME.length));
  return { mine: false, holder: Number.isInteger(pid) && pid > 0 ? pid : null };
};
