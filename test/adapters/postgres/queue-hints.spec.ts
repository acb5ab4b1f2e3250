import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openQueueHints, type QueueHints } from "../../../src/adapters/postgres/index.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";

describe("hints of what is queued", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  const heardBy = async (hints: QueueHints): Promise<void> =>
    new Promise((resolve) => {
      const off = hints.onHint(() => {
        off();
        resolve();
      });
    });
  const tell = () => database.query("SELECT pg_notify('millrace_queued', '')");
  const withHints = async (work: (hints: QueueHints) => Promise<void>): Promise<void> => {
    const hints = openQueueHints({ connection: database.service, firstWaitMs: 1 });
    try {
      await heardBy(hints);
      await work(hints);
    } finally {
      await hints.close();
    }
  };
  const sessions = async (): Promise<readonly number[]> =>
    (
      await database.query<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'millrace hints'",
      )
    ).map(({ pid }) => pid);

  it("reach every listener over one connection, until it is let go", async () => {
    await withHints(async (hints) => {
      expect(hints.listening()).toBe(true);
      const before = hints.heard();
      const all = [heardBy(hints), heardBy(hints), heardBy(hints)];
      await tell();
      await Promise.all(all);
      expect(hints.heard()).toBe(before + 1);
      expect(await sessions()).toHaveLength(1);
    });
    expect(await sessions()).toEqual([]);
  });

  it("come again after the connection was killed, and wake everybody then: some may have been missed", async () => {
    await withHints(async (hints) => {
      for (let lap = 0; lap < 3; lap++) {
        const [pid] = await sessions();
        const back = heardBy(hints);
        await database.query("SELECT pg_terminate_backend($1)", [pid]);
        await back;
        expect(hints.listening()).toBe(true);
        expect(await sessions()).not.toContain(pid);
      }
      const told = heardBy(hints);
      await tell();
      await told;
    });
  });

  it("do not keep a process waiting that closes while the server stands still", async () => {
    const sockets: Socket[] = [];
    const wire = createServer((socket) => {
      const on = connect(database.service.port, "127.0.0.1");
      for (const each of [socket, on]) each.on("error", () => undefined);
      socket.pipe(on).pipe(socket);
      sockets.push(socket, on);
    });
    await new Promise<void>((resolve) => wire.listen(0, "127.0.0.1", resolve));
    const { port } = wire.address() as AddressInfo; // it listens on an address
    const connection = { ...database.service, host: "127.0.0.1", port };
    const hints = openQueueHints({ connection, connectTimeoutMs: 200 });
    await heardBy(hints);
    for (const socket of sockets) socket.unpipe().pause(); // what is said to it arrives, and nothing comes back
    await hints.close();
    for (const socket of sockets) socket.destroy();
    wire.close();
  });

  it("do not keep a process waiting that closes while the server is out of reach", async () => {
    const nobody = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => nobody.listen(0, "127.0.0.1", resolve));
    const { port } = nobody.address() as AddressInfo; // it listens on an address
    const tries = new Promise<void>((resolve) => {
      let seen = 0;
      nobody.on("connection", () => {
        seen += 1;
        if (seen === 3) resolve();
      });
    });
    const hints = openQueueHints({
      connection: { ...database.service, host: "127.0.0.1", port },
      firstWaitMs: 1,
      longestWaitMs: 4,
    });
    await tries;
    expect(hints.listening()).toBe(false);
    await hints.close();
    await new Promise<void>((resolve) => nobody.close(() => resolve()));
  });

  it("are sent when the transaction commits, and once however many rows it queues", async () => {
    await withHints(async (hints) => {
      const client = new pg.Client(database.service);
      await client.connect();
      const before = hints.heard();
      await client.query("BEGIN");
      for (let n = 0; n < 5; n++) await client.query("SELECT pg_notify('millrace_queued', '')");
      expect(hints.heard()).toBe(before);
      const told = heardBy(hints);
      await client.query("COMMIT");
      await told;
      await client.end();
      expect(hints.heard()).toBe(before + 1);
    });
  });
});
