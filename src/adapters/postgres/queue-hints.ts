/**
 * Hears what `hint-queued.ts` says, over one connection of its own a process, for any number of listeners.
 *
 * A hint may be lost (the connection is down, a pooler swallows it) or say nothing new; who waits for one also waits for
 * the clock. A connection that ends is made again, after a wait that grows up to `longestWaitMs`; since hints may have
 * been missed meanwhile, everybody is woken when it is there again. LISTEN needs a session: a pooler that lends
 * connections by the transaction must be gone round.
 */
import { Socket } from "node:net";
import pg from "pg";
import { QUEUED } from "./sql/hint-queued.ts";

/** On which server to listen. */
export interface QueueHintsOptions {
  readonly connection: pg.ClientConfig;
  /** Until a connection is there, and until it has said good-bye. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Before the first new connection; each wait is twice the one before. Default 100. */
  readonly firstWaitMs?: number;
  /** Default 10,000. */
  readonly longestWaitMs?: number;
}

/** The hints that something was queued. */
export interface QueueHints {
  /** How many hints there were: two readings that differ say that something may have been queued in between. */
  readonly heard: () => number;
  /** At each hint, until the function that it returns is called. */
  readonly onHint: (listener: () => void) => () => void;
  /** Whether hints can arrive at the moment. */
  readonly listening: () => boolean;
  readonly close: () => Promise<void>;
}

/** Listens for what is queued, on a connection of its own. */
export const openQueueHints = (options: QueueHintsOptions): QueueHints => {
  const { connection, connectTimeoutMs = 5_000, firstWaitMs = 100, longestWaitMs = 10_000 } = options;
  const listeners = new Set<() => void>();
  let heard = 0;
  let listening = false;
  let closed = false;
  let failures = 0;
  let client: { readonly end: () => Promise<void> } | undefined;
  let again: NodeJS.Timeout | undefined;

  const hear = (): void => {
    heard += 1;
    for (const listener of [...listeners]) listener();
  };

  /** Half of it, and up to half more at random, so that processes that lost the same server spread out. */
  const waitMs = (): number =>
    Math.min(longestWaitMs, firstWaitMs * 2 ** failures++) * (0.5 + Math.random() / 2);

  /** A server that stands still would never say good-bye. */
  const endWithin = async (of: pg.Client, socket: Socket): Promise<void> => {
    const tooLate = setTimeout(() => socket.destroy(), connectTimeoutMs);
    await of.end().catch(() => {});
    clearTimeout(tooLate);
  };

  const listen = async (): Promise<void> => {
    const socket = new Socket();
    const fresh = new pg.Client({
      ...connection,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: connectTimeoutMs,
      stream: () => socket,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      application_name: `${connection.application_name ?? "millrace"} hints`,
    });
    let over = false;
    const ended = (): void => {
      if (over) return;
      over = true;
      listening = false;
      if (!closed) again = setTimeout(begin, waitMs());
    };
    // An error is followed by the end, which is what counts; without a listener it would end the program.
    fresh.on("error", () => {});
    fresh.on("end", ended);
    fresh.on("notification", hear);
    const end = (): Promise<void> => endWithin(fresh, socket);
    client = { end };
    try {
      await fresh.connect();
      await fresh.query(`LISTEN ${QUEUED}`);
      listening = true;
      failures = 0;
      hear();
    } catch {
      // It never was there, or fell away at once: either way it is tried again.
      await end();
      ended();
    }
  };

  let under: Promise<void> = Promise.resolve();
  const begin = (): void => {
    under = listen();
  };
  begin();

  return {
    heard: () => heard,
    onHint: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    listening: () => listening,
    close: async () => {
      closed = true;
      clearTimeout(again);
      await under;
      await client?.end();
      listening = false;
    },
  };
};
