/**
 * What every ledger's queue promises, as one suite: run unchanged over memory and over Postgres.
 */
import { Effect, Fiber, Result } from "effect";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { channelId, instant, noticeId, policyVersion, type ChannelId } from "../../src/domain/ids.ts";
import type { CommandOf, CommandType } from "../../src/domain/lifecycle/commands.ts";
import type { NoticeLedger } from "../../src/domain/ports/notice-ledger.ts";
import type { ClaimedPage, ClaimPage, QueuedNotices } from "../../src/domain/ports/queued-notices.ts";
import {
  aNotice,
  command,
  EMAIL,
  HOUR,
  LEASE_MS,
  PERIOD,
  SMS,
  START,
  WORKER,
} from "./notice-ledger-commands.ts";

export interface QueueUnderTest {
  readonly ledger: NoticeLedger;
  /** One more walker. */
  readonly walker: () => QueuedNotices;
  readonly setNow: (ms: number) => Promise<void>;
  /** Back to an empty ledger at `START`. */
  readonly reset: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const run = Effect.runPromise;

/** Far longer than any test lasts: what ends before has heard something. */
const FOR_EVER_MS = 600_000;

const aPage = (more: Partial<ClaimPage> = {}): ClaimPage => ({
  channels: [EMAIL, SMS],
  limit: 100,
  after: null,
  owner: WORKER,
  leaseMs: LEASE_MS,
  ...more,
});

const idsOf = ({ claimed }: ClaimedPage): readonly string[] => claimed.map(({ notice }) => notice.noticeId);

/** The pages from the front to the end. */
const walk = async (
  queued: QueuedNotices,
  more: Partial<ClaimPage> = {},
): Promise<readonly ClaimedPage[]> => {
  const pages: ClaimedPage[] = [];
  for (let after: ClaimPage["after"] = null; ;) {
    const page: ClaimedPage = await run(queued.claimPage(aPage({ ...more, after })));
    pages.push(page);
    if (page.next === null) return pages;
    after = page.next;
  }
};

export const describeQueuedNoticesContract = (
  name: string,
  makeQueue: () => Promise<QueueUnderTest>,
): void => {
  describe(`the queued notices in ${name}`, () => {
    let world: QueueUnderTest;
    let queued: QueuedNotices;
    beforeAll(async () => {
      world = await makeQueue();
    });
    afterAll(() => world.close());
    beforeEach(async () => {
      await world.reset();
      await run(world.ledger.activatePolicy(policyVersion(1), {}, "operator"));
      queued = world.walker();
    });

    const ask = async <T extends CommandType>(
      type: T,
      ids: readonly string[],
      more: (id: string) => Partial<CommandOf<T>> = () => ({}),
    ): Promise<void> => {
      const answers = await run(
        world.ledger.apply(
          type,
          ids.map((id) => command(type, id, more(id))),
        ),
      );
      expect(answers.map((answer) => Result.getOrThrow(answer).verdict)).toEqual(ids.map(() => "won"));
    };
    const queue = async (
      ids: readonly string[],
      channel: (id: string) => ChannelId = () => EMAIL,
      republishInMs = 60_000,
    ): Promise<void> =>
      ask("route", ids, (id) => ({
        choice: { channel: channel(id), policyVersion: policyVersion(1) },
        republishInMs,
      }));
    const ingest = async (ids: readonly string[], dueAt: (id: string) => number = () => START) =>
      run(world.ledger.ingest(ids.map((id) => aNotice(id, { dueAt: instant(dueAt(id)) }))));
    const lapse = async (ids: readonly string[], epoch: number): Promise<void> => {
      await ask("claim", ids, () => ({ epoch }));
      await world.setNow((await run(world.ledger.now)) + LEASE_MS + 1);
      await ask("lapse", ids, () => ({ epoch: epoch + 1 }));
    };

    it("hands over what was routed, claimed by the rule of T3 and with its contents, however far its publishing lies ahead", async () => {
      await ingest(["n"]);
      expect(await run(queued.claimPage(aPage()))).toEqual({ claimed: [], next: null, nextDueInMs: null });
      await queue(["n"], () => EMAIL, 24 * HOUR);
      const page = await run(queued.claimPage(aPage()));
      expect(page).toMatchObject({ next: null, nextDueInMs: null });
      expect(page.claimed).toMatchObject([
        {
          notice: {
            noticeId: "n",
            status: "claimed",
            epoch: 2,
            owner: WORKER,
            leaseUntil: START + LEASE_MS,
            channel: EMAIL,
            republishAt: null,
          },
          contents: {
            userId: "user-of-n",
            billId: "bill-of-n",
            purpose: "bill",
            contacts: { email: "encrypted e-mail", sms: "encrypted phone" },
          },
        },
      ]);
      const record = await run(world.ledger.read(noticeId("n"), PERIOD));
      expect(record?.notice).toEqual(page.claimed[0]?.notice);
      expect(record?.history.map(({ transition, actor }) => [transition, actor])).toEqual([
        ["T2", "worker-1"],
        ["T3", WORKER],
      ]);
      expect(await run(queued.claimPage(aPage()))).toMatchObject({ claimed: [] });
    });

    it("comes oldest first, in pages that begin where the one before ended", async () => {
      const ids = ["a", "b", "c", "d", "e", "f", "g"];
      await ingest(ids, (id) => START - id.charCodeAt(0));
      await queue(ids, (id) => (id < "d" ? EMAIL : SMS));
      const pages = await walk(queued, { limit: 3 });
      expect(pages.map(idsOf)).toEqual([["g", "f", "e"], ["d", "c", "b"], ["a"]]);
    });

    it("hands over the channels that were asked for, and nothing else", async () => {
      await ingest(["a", "b", "c"]);
      await queue(["a", "b", "c"], (id) => channelId(id === "c" ? "pigeon" : id === "b" ? "sms" : "email"));
      expect((await walk(queued, { channels: [SMS] })).flatMap(idsOf)).toEqual(["b"]);
      expect((await walk(queued, { channels: [] })).flatMap(idsOf)).toEqual([]);
      expect((await walk(queued, { channels: [channelId("pigeon"), EMAIL] })).flatMap(idsOf)).toEqual([
        "a",
        "c",
      ]);
    });

    it("leaves what is not due, too late or contradicted, and says how long there is nothing to do", async () => {
      const ids = ["later", "soon", "expired", "accepted", "due"];
      await run(
        world.ledger.ingest(
          ids.map((id) => aNotice(id, id === "expired" ? { expiresAt: instant(START + 500) } : {})),
        ),
      );
      await queue(ids);
      await ask("claim", ["later", "soon", "accepted"]);
      await ask("release", ["later"], () => ({ dueInMs: 9_000 }));
      await ask("release", ["soon"], () => ({ dueInMs: 4_000 }));
      // Refused at first and queued again, then accepted after all: the provider has broken its word.
      await ask("begin-send", ["accepted"]);
      await ask("definite-no", ["accepted"], () => ({
        next: { kind: "queue", channel: EMAIL, attemptNo: 2, dueInMs: 0 },
      }));
      await ask("accept", ["accepted"]);
      await world.setNow(START + 1_000);
      expect(await run(queued.claimPage(aPage({ limit: 1 })))).toMatchObject({
        claimed: [{ notice: { noticeId: "due" } }],
        nextDueInMs: null,
      });
      expect(await run(queued.claimPage(aPage()))).toEqual({ claimed: [], next: null, nextDueInMs: 3_000 });
      expect(await run(queued.claimPage(aPage({ channels: [SMS] })))).toMatchObject({ nextDueInMs: null });
      await world.setNow(START + 4_000);
      expect(await run(queued.claimPage(aPage()))).toMatchObject({
        claimed: [{ notice: { noticeId: "soon" } }],
        nextDueInMs: 5_000,
      });
    });

    it("hands over a notice again once its lease has lapsed, and alone after the second time", async () => {
      const ids = ["a", "b", "c", "d"];
      await ingest(ids);
      await queue(ids);
      await lapse(["b", "c"], 1);
      expect((await walk(queued, { channels: [SMS] })).flatMap(idsOf)).toEqual([]);
      await lapse(["b"], 3);
      const pages = await walk(queued);
      expect(pages.map(idsOf)).toEqual([["a"], ["b"], ["c", "d"]]);
    });

    it("never hands over a notice twice, nor leaves one out that T3 would win, nor puts one beside it that must be alone", async () => {
      let round = 0;
      const aState = fc.record({
        channel: fc.constantFrom("email", "sms", "other"),
        agoMs: fc.integer({ min: 0, max: 3 }),
        lapses: fc.constantFrom(0, 0, 0, 1, 2),
        becomes: fc.constantFrom("queued", "queued", "queued", "claimed", "later", "cancelled"),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(aState, { maxLength: 9 }),
          fc.integer({ min: 1, max: 5 }),
          async (states, limit) => {
            round += 1;
            // Channels of its own: nothing has to be cleared away between two rounds.
            const own = (channel: string): ChannelId => channelId(`${channel}-${round}`);
            await world.setNow(START);
            const notices = states.map((state, n) => ({ ...state, id: `n${round}-${n}` }));
            const of = (which: (state: (typeof notices)[number]) => boolean): readonly string[] =>
              notices.filter(which).map(({ id }) => id);
            const find = (id: string) => notices.find((notice) => notice.id === id);
            await ingest(
              of(() => true),
              (id) => START - (find(id)?.agoMs ?? 0),
            );
            await queue(
              of(() => true),
              (id) => own(find(id)?.channel ?? ""),
            );
            await lapse(
              of(({ lapses }) => lapses >= 1),
              1,
            );
            await lapse(
              of(({ lapses }) => lapses === 2),
              3,
            );
            const epochOf = (id: string): number => 1 + 2 * (find(id)?.lapses ?? 0);
            await ask(
              "claim",
              of(({ becomes }) => becomes === "claimed" || becomes === "later"),
              (id) => ({ epoch: epochOf(id) }),
            );
            await ask(
              "release",
              of(({ becomes }) => becomes === "later"),
              (id) => ({ epoch: epochOf(id) + 1, dueInMs: 1 }),
            );
            await ask(
              "cancel",
              of(({ becomes }) => becomes === "cancelled"),
            );

            const pages = await walk(queued, { channels: [own("email"), own("sms")], limit });

            const expected = notices
              .filter(({ channel, becomes }) => channel !== "other" && becomes === "queued")
              .sort((a, b) => b.agoMs - a.agoMs || (a.id < b.id ? -1 : 1));
            expect(pages.flatMap(idsOf)).toEqual(expected.map(({ id }) => id));
            for (const page of pages) {
              expect(page.claimed.length).toBeLessThanOrEqual(limit);
              if (page.claimed.some(({ notice }) => notice.lapses >= 2)) expect(page.claimed).toHaveLength(1);
            }
          },
        ),
        { numRuns: 1_000 },
      );
    }, 240_000);

    describe("changed", () => {
      it("ends when a notice is queued, by whichever of the ways that queue one", async () => {
        await ingest(["n"]);
        await run(queued.claimPage(aPage()));
        const waiting = run(queued.changed(FOR_EVER_MS));
        await queue(["n"]);
        await waiting;
        await run(queued.claimPage(aPage()));
        const again = run(queued.changed(FOR_EVER_MS));
        await ask("release", ["n"]);
        await again;
      });

      it("ends at once where a notice was queued since the last page was asked for: nothing falls between two stools", async () => {
        await ingest(["n"]);
        await run(queued.claimPage(aPage()));
        const other = world.walker();
        const heard = run(other.changed(FOR_EVER_MS));
        await queue(["n"]);
        // Another walker has heard of it, so this one has, too.
        await heard;
        await run(queued.changed(FOR_EVER_MS));
      });

      it("serves any number of walkers, and wakes them all", async () => {
        await ingest(["n"]);
        const walkers = Array.from({ length: 20 }, world.walker);
        for (const walker of walkers) await run(walker.claimPage(aPage()));
        const waiting = walkers.map((walker) => run(walker.changed(FOR_EVER_MS)));
        await queue(["n"]);
        await Promise.all(waiting);
      });

      it("ends after the time given where nothing was queued", async () => {
        await ingest(["n"]);
        await run(queued.claimPage(aPage()));
        await run(queued.changed(1));
        await ask("hold", ["n"]);
        await run(queued.changed(1));
      });

      it("can be left at any time", async () => {
        await run(queued.claimPage(aPage()));
        const waiting = Effect.runFork(queued.changed(FOR_EVER_MS));
        await run(Fiber.interrupt(waiting));
      });
    });
  });
};
