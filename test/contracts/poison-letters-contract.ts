/**
 * What every keeper of poison records promises, as one suite: run unchanged over memory and over Postgres.
 */
import { Effect } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RETOLD_AFTER_MS } from "../../src/domain/ports/letters.ts";
import type { PoisonRecord } from "../../src/domain/ports/notice-ledger.ts";
import type { PoisonLetters, UntoldPoison } from "../../src/domain/ports/poison-letters.ts";
import { HOUR, START } from "./notice-ledger-commands.ts";
import type { LedgerUnderTest } from "./notice-ledger-contract.ts";

export interface PoisonUnderTest extends LedgerUnderTest {
  readonly poison: PoisonLetters;
}

const run = Effect.runPromise;
const KIB = 1_024;

const record = (offset: string, payload = "sealed"): PoisonRecord => ({
  ...{ topic: "millrace.request.email", partition: 3, offset },
  ...{ reason: "it is no JSON", stage: "consume-requests", attempts: 1 },
  payload: Buffer.from(payload),
  digest: { sha256: "9f86d081", bytes: 913_408 },
});

const said = (records: readonly UntoldPoison[]): readonly string[] => records.map(({ offset }) => offset);

export const describePoisonLettersContract = (
  name: string,
  makePoison: () => Promise<PoisonUnderTest>,
): void => {
  describe(`the poison records in ${name}`, () => {
    let world: PoisonUnderTest;
    let poison: PoisonLetters;
    beforeAll(async () => {
      world = await makePoison();
      poison = world.poison;
    });
    afterAll(() => world.close());
    beforeEach(() => world.reset());

    it("are told once each, however often they are kept: taken, told, and marked", async () => {
      await run(world.ledger.poison([record("1042")]));
      await world.setNow(START + 1);
      await run(world.ledger.poison([record("1042"), record("1043", "x".repeat(KIB + 1))]));
      const taken = await run(poison.untold(10, KIB));
      expect(
        taken.map((each) => ({
          ...each,
          payload: each.payload === null ? null : String(Buffer.from(each.payload)),
        })),
      ).toEqual([
        { ...record("1042"), payload: "sealed", firstSeenAt: START },
        { ...record("1043"), payload: null, firstSeenAt: START + 1 },
      ]);
      expect(await run(poison.untold(10, KIB))).toEqual([]);
      await run(poison.told(taken));
      await run(poison.told(taken));
      await run(world.ledger.poison([record("1042")]));
      await world.setNow(START + HOUR);
      expect(await run(poison.untold(10, KIB))).toEqual([]);
    });

    it("are told again where the relay has not marked them in time", async () => {
      await run(world.ledger.poison([record("1"), record("2")]));
      expect(said(await run(poison.untold(1, KIB)))).toEqual(["1"]);
      await run(poison.told(await run(poison.untold(9, KIB))));
      await world.setNow(START + RETOLD_AFTER_MS - 1);
      expect(await run(poison.untold(9, KIB))).toEqual([]);
      await world.setNow(START + RETOLD_AFTER_MS);
      expect(said(await run(poison.untold(9, KIB)))).toEqual(["1"]);
    });

    it("are counted as untold until they are marked", async () => {
      expect(await run(poison.untoldCount)).toBe(0);
      await run(world.ledger.poison([record("1"), record("2")]));
      const [first] = await run(poison.untold(9, KIB));
      expect(await run(poison.untoldCount)).toBe(2);
      await run(poison.told(first === undefined ? [] : [first]));
      expect(await run(poison.untoldCount)).toBe(1);
    });
  });
};
