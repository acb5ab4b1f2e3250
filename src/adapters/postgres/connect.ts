/**
 * One connection of its own, outside the pool: for the first look at a database, for a migration, for a seat that is held as long
 * as the connection lasts.
 */
import pg from "pg";

/** Where a database is and how one gets in, as the driver takes it. */
export type DatabaseAddress = pg.ClientConfig;
export type Connection = pg.Client;

const CONNECT_WITHIN_MS = 5_000;

const OPTIONS_IN_ADDRESS = /(?<=[?&])options=([^&#]*)&?/;

/**
 * The address with settings for its sessions. Some hosts want options in the address itself; the driver would then forget ours, time
 * limits included, so both go along, and ours count where both name the same.
 */
export const withSettings = (
  address: DatabaseAddress,
  settings: Readonly<Record<string, string | number>>,
): DatabaseAddress => {
  const { connectionString, options } = address;
  const ours = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const written = OPTIONS_IN_ADDRESS.exec(connectionString ?? "")?.[1]?.replaceAll("+", " ");
  const theirs = written === undefined ? options : decodeURIComponent(written);
  return {
    ...address,
    ...(written === undefined ? {} : { connectionString: connectionString?.replace(OPTIONS_IN_ADDRESS, "") }),
    options: [...(theirs === undefined || theirs === "" ? [] : [theirs]), ...ours].join(" "),
  };
};

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
