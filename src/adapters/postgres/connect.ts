/**
 * One connection of its own, outside the pool: for the first look at a database, for a migration, for a seat that is held as long
 * as the connection lasts.
 */
import pg from "pg";

/** Where a database is and how one gets in, as the driver takes it. */
export type DatabaseAddress = pg.ClientConfig;
export type Connection = pg.Client;

const CONNECT_WITHIN_MS = 5_000;

export const connect = async (address: DatabaseAddress): Promise<Connection> => {
  const client = new pg.Client({ connectionTimeoutMillis: CONNECT_WITHIN_MS, ...address });
  client.on("error", () => undefined); // a connection that breaks says so to the next query
  await client.connect();
  return client;
};

export const connected = async <A>(
  address: DatabaseAddress,
  work: (client: Connection) => Promise<A>,
): Promise<A> => {
  const client = await connect(address);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};
