import { describe, expect, it } from "vitest";
import { Outage, type OutageOptions } from "../../src/service/outage.ts";

const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
const full = Object.assign(new Error("could not extend file"), { code: "53100" });
const ROOM = 2 ** 30;

const begin = (options: Partial<OutageOptions> = {}) => {
  const said: string[] = [];
  const clock = { ms: 1_000 };
  const outage = new Outage({
    say: (words) => said.push(words),
    folder: "here",
    revive: null,
    monotonicMs: () => clock.ms,
    freeBytes: () => Promise.resolve(ROOM),
    ...options,
  });
  return {
    outage,
    said,
    /** What was begun has ended: closing waits for it, and a look between two steps is as good. */
    trouble: async (error: unknown, afterMs: number) => {
      clock.ms += afterMs;
      outage.trouble(error);
      await new Promise(setImmediate);
    },
    well: (afterMs: number) => {
      clock.ms += afterMs;
      outage.well();
    },
  };
};

describe("an outage of the database", () => {
  it("is said at once, again every half minute, and when it is over", async () => {
    const { said, trouble, well } = begin();
    well(0); // nothing was wrong
    for (let second = 0; second <= 40; second += 1) await trouble(refused, 1_000);
    well(2_000);
    well(1_000);
    expect(said).toEqual([
      "Waiting for the database (connect ECONNREFUSED 127.0.0.1:1).",
      "Waiting for the database (connect ECONNREFUSED 127.0.0.1:1).",
      "The database is there again, after 42 s.",
    ]);
  });

  it("is not over because of a read that goes well on a full disk between two writes", async () => {
    const { said, trouble, well } = begin();
    await trouble(full, 0);
    well(200);
    await trouble(full, 200);
    expect(said).toEqual([expect.stringContaining("The disk under here is full (1024 MiB left)")]);
    expect(said[0]).toContain("make room there");
  });

  it("that was over just before the end is said to be over, and one that was not is not", async () => {
    const over = begin();
    await over.trouble(refused, 0);
    over.well(100);
    await over.outage.close();
    expect(over.said.at(-1)).toMatch(/there again/);
    const still = begin();
    still.well(0);
    await still.trouble(refused, 100);
    await still.outage.close();
    expect(still.said).toHaveLength(1);
  });

  it("is a full disk, whatever the server says of it, where no file of its log has room any more", async () => {
    const { said, trouble } = begin({ freeBytes: () => Promise.resolve(3 * 2 ** 20) });
    await trouble(refused, 0);
    await trouble(new Error("the embedded Postgres did not start"), 200);
    expect(said).toEqual([expect.stringContaining("The disk under here is full (3 MiB left)")]);
  });

  it("of an embedded server ends by starting it again, once for all who miss it, and again if that failed", async () => {
    const tries: (() => void)[] = [];
    const revive = (): Promise<void> =>
      new Promise((_, reject) => tries.push(() => reject(new Error("it did not start"))));
    const { said, trouble, outage } = begin({ revive });
    await trouble(new Error("read ECONNRESET"), 0);
    await trouble(refused, 0); // said at once, although what it begins has no end yet
    expect(said).toHaveLength(2);
    await trouble(refused, 5_000);
    expect(tries).toHaveLength(1);
    tries[0]?.();
    await new Promise(setImmediate);
    await trouble(refused, 100);
    expect(tries).toHaveLength(1); // a moment's rest
    await trouble(refused, 5_000);
    expect(tries).toHaveLength(2);
    expect(said).toEqual([
      "Waiting for the database (read ECONNRESET).",
      "The embedded Postgres is gone: starting it again.",
      "Waiting for the database (it did not start).",
      "The embedded Postgres is gone: starting it again.",
    ]);
    tries[1]?.();
    await outage.close();
    await trouble(refused, 60_000);
    expect(tries).toHaveLength(2);
    expect(said).toHaveLength(4);
  });
});
