/**
 * What every journal of a provider promises, as one suite: run unchanged over memory and over Postgres.
 */
import { Effect } from "effect";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attemptId, channelId } from "../../src/domain/ids.ts";
import type { ArrivingRequest, ProviderJournal } from "../../src/domain/ports/provider-journal.ts";

export interface JournalUnderTest {
  /** As many views of one journal as there are processes that share it. */
  readonly open: () => ProviderJournal;
  /** Runs of the property: fewer where each costs a server's time. */
  readonly runs: number;
  readonly nowMs: () => number;
  readonly close: () => Promise<void>;
}

const HOUR_MS = 3_600_000;
const EMAIL = channelId("email");
const run = Effect.runPromise;

export const describeProviderJournalContract = (
  name: string,
  makeJournal: () => Promise<JournalUnderTest>,
): void => {
  describe(`the provider's journal in ${name}`, () => {
    let world: JournalUnderTest;
    let made = 0;
    beforeAll(async () => {
      world = await makeJournal();
    });
    afterAll(() => world.close());

    const fresh = (): string => `n${(made += 1)}`;
    const request = (about: string, more: Partial<ArrivingRequest> = {}): ArrivingRequest => ({
      attemptId: attemptId(`attempt-${about}`),
      reference: `${about}/1`,
      channel: EMAIL,
      arrivedAt: world.nowMs(),
      acceptUntil: world.nowMs() + HOUR_MS,
      judgement: "accepted",
      providerMessageId: `id-${about}`,
      remembersMs: HOUR_MS,
      ...more,
    });

    it("keeps an acceptance from its arrival on, for every process that asks", async () => {
      const [one, other] = [world.open(), world.open()];
      const about = fresh();
      expect(await run(other.lookUp(attemptId(`attempt-${about}`)))).toBeNull();
      const arriving = request(about);
      expect(await run(one.arrived([arriving]))).toEqual([
        { kind: "recorded", judgement: "accepted", providerMessageId: `id-${about}` },
      ]);
      const acceptance = {
        attemptId: `attempt-${about}`,
        reference: `${about}/1`,
        channel: "email",
        acceptedAt: arriving.arrivedAt,
        providerMessageId: `id-${about}`,
      };
      expect(await run(other.lookUp(attemptId(`attempt-${about}`)))).toEqual(acceptance);
      expect(await run(other.accepted([`${about}/1`, "nobody/1"]))).toEqual([acceptance]);
    });

    it("answers a repeat with what was recorded, while it remembers", async () => {
      const journal = world.open();
      const [accepted, refused] = [fresh(), fresh()];
      await run(journal.arrived([request(accepted), request(refused, { judgement: "rejected-for-good" })]));
      expect(
        await run(journal.arrived([request(refused, { providerMessageId: "another" }), request(accepted)])),
      ).toEqual([
        { kind: "remembered", judgement: "rejected-for-good", providerMessageId: `id-${refused}` },
        { kind: "remembered", judgement: "accepted", providerMessageId: `id-${accepted}` },
      ]);
      expect(await run(journal.accepted([`${accepted}/1`, `${refused}/1`]))).toHaveLength(1);
    });

    it("takes a repeat for a new request where keys mean nothing, or it has forgotten them, and tells of both", async () => {
      const journal = world.open();
      const [careless, forgotten] = [fresh(), fresh()];
      const early = { arrivedAt: world.nowMs() - 2 * HOUR_MS };
      await run(journal.arrived([request(careless), request(forgotten, early)]));
      expect(await run(journal.arrived([request(careless, { remembersMs: 0 }), request(forgotten)]))).toEqual(
        [
          { kind: "recorded", judgement: "accepted", providerMessageId: `id-${careless}-2` },
          { kind: "recorded", judgement: "accepted", providerMessageId: `id-${forgotten}-2` },
        ],
      );
      const twice = await run(journal.acceptedMoreThanOnce(1_000));
      expect(twice).toEqual(
        expect.arrayContaining([
          { reference: `${careless}/1`, times: 2 },
          { reference: `${forgotten}/1`, times: 2 },
        ]),
      );
      expect(await run(journal.acceptedMoreThanOnce(1))).toHaveLength(1);
    });

    it("tells of two attempts for one reference, whatever their channels", async () => {
      const journal = world.open();
      const about = fresh();
      const other = {
        attemptId: attemptId(`other-${about}`),
        channel: channelId("sms"),
        providerMessageId: `other-${about}`,
      };
      await run(journal.arrived([request(about), request(about, other)]));
      expect(await run(journal.acceptedMoreThanOnce(1_000))).toContainEqual({
        reference: `${about}/1`,
        times: 2,
      });
    });

    it("does not remember what it dropped: a repeat is judged anew, and not dropped again", async () => {
      const journal = world.open();
      const about = fresh();
      const dropped = request(about, { judgement: "dropped" });
      await run(journal.arrived([dropped]));
      expect(await run(journal.lookUp(dropped.attemptId))).toBeNull();
      expect(await run(journal.arrived([dropped]))).toMatchObject([
        { kind: "recorded", judgement: "accepted" },
      ]);
      expect(await run(journal.arrived([dropped]))).toMatchObject([
        { kind: "remembered", judgement: "accepted" },
      ]);
    });

    it("writes nothing that comes too late, and answers each of a batch in its place", async () => {
      const journal = world.open();
      const [late, inTime, again] = [fresh(), fresh(), fresh()];
      await run(journal.arrived([request(again)]));
      const answers = await run(
        journal.arrived([
          request(late, { acceptUntil: world.nowMs() - 1_000 }),
          request(inTime),
          request(again, { remembersMs: 0, acceptUntil: world.nowMs() - 1_000 }),
          request(inTime),
        ]),
      );
      expect(answers.map(({ kind }) => kind)).toEqual(["too-late", "recorded", "too-late", "remembered"]);
      expect(await run(journal.accepted([`${late}/1`]))).toEqual([]);
      expect(await run(journal.accepted([`${again}/1`]))).toHaveLength(1);
    });

    it("shows everything it accepted, page by page, each once", async () => {
      const journal = world.open();
      const about = Array.from({ length: 7 }, fresh);
      await run(journal.arrived(about.map((one) => request(one))));
      const seen: string[] = [];
      let after: Parameters<ProviderJournal["acceptances"]>[1] = null;
      do {
        const page: Effect.Success<ReturnType<ProviderJournal["acceptances"]>> = await run(
          journal.acceptances(2, after),
        );
        expect(page.acceptances.length).toBeLessThanOrEqual(2);
        seen.push(...page.acceptances.map(({ providerMessageId }) => providerMessageId));
        after = page.next;
      } while (after !== null);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual(expect.arrayContaining(about.map((one) => `id-${one}`)));
    });

    it("never lets two processes both record an attempt that it remembers", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 6 }), {
            minLength: 1,
            maxLength: 4,
          }),
          async (batches) => {
            const about = fresh();
            const journals = batches.map(() => world.open());
            const answered = await Promise.all(
              batches.map((batch, place) =>
                run(
                  journals[place]?.arrived(
                    batch.map((which) =>
                      request(`${about}-${which}`, { providerMessageId: `id-${about}-${which}-by-${place}` }),
                    ),
                  ) ?? Effect.succeed([]),
                ),
              ),
            );
            for (const which of new Set(batches.flat())) {
              const answers = batches.flatMap((batch, place) =>
                batch.flatMap((one, index) => (one === which ? [answered[place]?.[index]] : [])),
              );
              expect(answers.filter((answer) => answer?.kind === "recorded")).toHaveLength(1);
              const ids = answers.map(
                (answer) => (answer as { providerMessageId?: string }).providerMessageId,
              );
              expect(new Set(ids).size).toBe(1);
            }
            const accepted = await run(
              (journals[0] ?? world.open()).accepted([0, 1, 2, 3].map((which) => `${about}-${which}/1`)),
            );
            expect(accepted).toHaveLength(new Set(batches.flat()).size);
          },
        ),
        { numRuns: world.runs },
      );
    });
  });
};
