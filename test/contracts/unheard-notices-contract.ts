/**
 * What every ledger promises of what no log was told of: run unchanged over memory and over Postgres.
 */
import { Effect, Result } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ChannelId, instant, policyVersion } from "../../src/domain/ids.ts";
import type { NoticeLedger } from "../../src/domain/ports/notice-ledger.ts";
import type { UnheardNotice, UnheardNotices } from "../../src/domain/ports/unheard-notices.ts";
import { aNotice, command, EMAIL, HOUR, PERIOD, SMS, START } from "./notice-ledger-commands.ts";

export interface UnheardUnderTest {
  readonly ledger: NoticeLedger;
  readonly unheard: UnheardNotices;
  readonly setNow: (ms: number) => Promise<void>;
  readonly reset: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const YEAR_MS = 365 * 24 * HOUR;

export const describeUnheardNoticesContract = (
  name: string,
  makeLedger: () => Promise<UnheardUnderTest>,
): void => {
  describe(`what no log was told of, in ${name}`, () => {
    let world: UnheardUnderTest;
    beforeAll(async () => {
      world = await makeLedger();
    });
    afterAll(() => world.close());
    beforeEach(async () => {
      await world.reset();
      await Effect.runPromise(world.ledger.activatePolicy(policyVersion(1), {}, "operator"));
    });

    const queue = async (id: string, republishInMs: number, channel: ChannelId = EMAIL): Promise<void> => {
      await Effect.runPromise(world.ledger.ingest([aNotice(id, { dueAt: instant(START) })]));
      const choice = { channel, policyVersion: policyVersion(1) };
      const [answer] = await Effect.runPromise(
        world.ledger.apply("route", [command("route", id, { choice, republishInMs })]),
      );
      expect(answer === undefined ? "none" : Result.getOrThrow(answer).verdict).toBe("won");
    };
    const page = (limit = 100, after?: UnheardNotice) =>
      Effect.runPromise(world.unheard.page(2 * HOUR, limit, after));

    it("finds what would be told in a year, and nothing that is told within the hour", async () => {
      await queue("without-a-log", YEAR_MS);
      await queue("with-a-log", HOUR);
      expect(await page()).toEqual([
        { noticeId: "without-a-log", period: PERIOD, epoch: 1, channel: EMAIL, dueAt: START },
      ]);
    });

    it("goes through all channels page by page, none twice and none left out", async () => {
      for (const id of ["d", "a", "c", "b"]) await queue(id, YEAR_MS, id < "c" ? SMS : EMAIL);
      const seen: string[] = [];
      for (let after: UnheardNotice | undefined; ;) {
        const rows = await page(1, after);
        after = rows.at(-1);
        if (after === undefined) break;
        seen.push(...rows.map(({ noticeId }) => noticeId));
      }
      expect(seen).toEqual(["c", "d", "a", "b"]);
    });

    it("passes over what was claimed, and what is not due", async () => {
      await queue("claimed", YEAR_MS);
      await Effect.runPromise(world.ledger.apply("claim", [command("claim", "claimed", { epoch: 1 })]));
      await queue("given-back", YEAR_MS);
      await Effect.runPromise(world.ledger.apply("claim", [command("claim", "given-back", { epoch: 1 })]));
      const release = command("release", "given-back", { epoch: 2, dueInMs: 5 * HOUR });
      await Effect.runPromise(world.ledger.apply("release", [release]));
      expect(await page()).toEqual([]);
    });
  });
};
