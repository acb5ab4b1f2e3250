import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryProviderJournal } from "../../../src/adapters/memory/provider-journal.ts";
import { journalLines } from "../../../src/adapters/providers/journal-lines.ts";
import { attemptId, channelId } from "../../../src/domain/ids.ts";
import type { ArrivingRequest } from "../../../src/domain/ports/provider-journal.ts";
import { Transient } from "../../../src/failure.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const request = (about: string, more: Partial<ArrivingRequest> = {}): ArrivingRequest => ({
  attemptId: attemptId(about),
  reference: `${about}/1`,
  channel: channelId("email"),
  arrivedAt: 1_700_000_000_000,
  acceptUntil: Infinity,
  judgement: "accepted",
  providerMessageId: `id-${about}`,
  remembersMs: 0,
  ...more,
});

const linesOf = async (journal: Parameters<typeof journalLines>[0]): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of journalLines(journal)) lines.push(line);
  return lines;
};

describe("a provider's journal as lines", () => {
  it("tells of each acceptance, and of nothing that was not accepted", async () => {
    const journal = memoryProviderJournal(new VirtualClock());
    await Effect.runPromise(journal.arrived([request("a"), request("b", { judgement: "rejected" })]));
    expect(await linesOf(journal)).toEqual([
      '{"attemptId":"a","reference":"a/1","channel":"email","acceptedAt":1700000000000,"id":"id-a"}\n',
    ]);
  });

  it("always tells of every copy once, however many pages they take", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 20 }), { maxLength: 60 }), async (which) => {
        const journal = memoryProviderJournal(new VirtualClock());
        await Effect.runPromise(journal.arrived(which.map((one) => request(`n${one}`))));
        const inSmallPages = {
          acceptances: (_limit: number, after: Parameters<typeof journal.acceptances>[1]) =>
            journal.acceptances(3, after),
        };
        const lines = await linesOf(inSmallPages);
        expect(lines).toHaveLength(which.length);
        expect(new Set(lines).size).toBe(which.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it("ends with the failure where the journal cannot be read", async () => {
    const failure = new Transient({ message: "not there" });
    await expect(linesOf({ acceptances: () => Effect.fail(failure) })).rejects.toThrow("not there");
  });
});
