import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPool } from "../../../src/adapters/postgres/index.ts";
import { Transient } from "../../../src/failure.ts";
import { addressOf, freshDatabase, type TestDatabase } from "../../support/postgres.ts";

describe("the pool", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  const gate = (): { readonly opened: Promise<void>; readonly open: () => void } => {
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    return { opened, open };
  };

  it("lends as many connections as it may, lets the others wait in turn, and refuses when the line is full", async () => {
    const pool = openPool({ connection: database.service, maxConnections: 2, maxWaiting: 2 });
    // Both connections are there, so that nobody overtakes while one is made.
    await Promise.all([1, 2].map(() => pool.use(({ client }) => client.query("SELECT 1"))));
    const { opened, open } = gate();
    const order: number[] = [];
    const work = (n: number) =>
      pool.use(async ({ client }) => {
        order.push(n);
        await client.query("SELECT 1");
        if (n < 3) await opened;
      });
    const inside = [work(1), work(2)];
    const waiting = [work(3), work(4)];
    await expect(work(5)).rejects.toBeInstanceOf(Transient);
    expect([pool.inUse(), pool.waiting()]).toEqual([2, 2]);
    open();
    await Promise.all([...inside, ...waiting]);
    expect([...order].sort()).toEqual([1, 2, 3, 4]);
    expect(order.indexOf(3)).toBeLessThan(order.indexOf(4));
    expect([pool.inUse(), pool.waiting()]).toEqual([0, 0]);
    await pool.close();
  });

  it("tells how the server does: nothing of a caller's own mistakes, but that it is away or out of something", async () => {
    const heard: string[] = [];
    const watch = { trouble: () => heard.push("trouble"), well: () => heard.push("well") };
    const pool = openPool({ connection: database.service, watch });
    const outOfDisk = "DO $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$";
    await pool.use(({ client }) => client.query("SELECT 1"));
    await expect(pool.use(({ client }) => client.query("SELECT 1 / 0"))).rejects.toThrow();
    expect(heard).toEqual(["well"]);
    await expect(pool.use(({ client }) => client.query(outOfDisk))).rejects.toThrow();
    expect(heard).toEqual(["well", "trouble"]);
    await pool.close();
    const nobodys = openPool({ connection: { ...database.service, port: 1 }, watch });
    await expect(nobodys.use(({ client }) => client.query("SELECT 1"))).rejects.toThrow();
    expect(heard).toEqual(["well", "trouble", "trouble"]);
    await nobodys.close();
  });

  it("keeps its limits where the address brings options of its own, as some hosts demand it", async () => {
    const address = addressOf(database.service);
    const settingOf = async (connectionString: string, setting: string): Promise<unknown> => {
      const pool = openPool({ connection: { connectionString } });
      const { rows } = await pool.use(({ client }) =>
        client.query<{ value: string }>("SELECT current_setting($1) AS value", [setting]),
      );
      await pool.close();
      return rows[0]?.value;
    };
    const own = `${address}?options=-c%20work_mem%3D3MB+-c%20enable_seqscan%3Don&application_name=mine`;
    expect(await settingOf(own, "work_mem")).toBe("3MB");
    expect(await settingOf(own, "application_name")).toBe("mine");
    expect(await settingOf(own, "statement_timeout")).toBe("30s");
    expect(await settingOf(own, "idle_in_transaction_session_timeout")).toBe("10s");
    expect(await settingOf(own, "enable_seqscan")).toBe("off");
    expect(await settingOf(`${address}?application_name=mine&options=`, "enable_seqscan")).toBe("off");
  });

  it("throws a connection away after a failure, unless its user says that it is still good", async () => {
    const pool = openPool({ connection: database.service, maxConnections: 1 });
    const backend = () =>
      pool.use(
        async ({ client }) =>
          (await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]?.pid,
      );
    const failing = (good: boolean) =>
      pool.use(async (loan) => {
        loan.stillGood = good;
        throw new Error("a test");
      });
    const first = await backend();
    await expect(failing(true)).rejects.toThrow("a test");
    expect(await backend()).toBe(first);
    await expect(failing(false)).rejects.toThrow("a test");
    expect(await backend()).not.toBe(first);
    await pool.close();
  });

  it("survives a connection that the server ends while it is lent", async () => {
    const pool = openPool({ connection: database.service, maxConnections: 1 });
    const lost = pool.use(async ({ client }) => {
      const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      await database.query("SELECT pg_terminate_backend($1, 5000)", [rows[0]?.pid]);
      await client.query("SELECT 1");
    });
    await expect(lost).rejects.toThrow();
    expect(
      await pool.use(async ({ client }) => (await client.query<{ one: number }>("SELECT 1 AS one")).rows),
    ).toEqual([{ one: 1 }]);
    await pool.close();
  });
});
