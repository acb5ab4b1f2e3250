/**
 * The simulated providers' journal as evidence for an audit: page by page, with a bounded memory.
 */
import { Effect } from "effect";
import type { AcceptedRequest, ProviderEvidence } from "../domain/ports/provider-evidence.ts";
import type { AcceptanceCursor, AcceptancePage, ProviderJournal } from "../domain/ports/provider-journal.ts";

const PAGE_COUNT = 5_000;

export const journalEvidence = (journal: Pick<ProviderJournal, "acceptances">): ProviderEvidence => ({
  name: "the simulated providers' journal",
  accepted: async function* (): AsyncGenerator<AcceptedRequest> {
    let after: AcceptanceCursor | null = null;
    do {
      const page: AcceptancePage = await Effect.runPromise(journal.acceptances(PAGE_COUNT, after));
      for (const { attemptId, reference, channel, providerMessageId } of page.acceptances)
        yield { attemptId, reference, channel, id: providerMessageId };
      after = page.next;
    } while (after !== null);
  },
});
