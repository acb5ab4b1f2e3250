/**
 * A provider's journal as text, one acceptance a line: `{"attemptId","reference","channel","acceptedAt","id"}`, as other
 * gateways keep theirs. Read page by page, so its size costs time only.
 */
import { Effect } from "effect";
import type { Acceptance, JournalReading } from "../../domain/ports/provider-journal.ts";

/** Acceptances of one page. */
const PAGE = 1_000;

const lineOf = ({ attemptId, reference, channel, acceptedAt, providerMessageId }: Acceptance): string =>
  `${JSON.stringify({ attemptId, reference, channel, acceptedAt, id: providerMessageId })}\n`;

/** Throws the journal's failure where a page cannot be read: half a journal proves nothing. */
export async function* journalLines(journal: Pick<JournalReading, "acceptances">): AsyncGenerator<string> {
  let after: Parameters<JournalReading["acceptances"]>[1] = null;
  do {
    // named, because what is read decides what is read next
    const page: Effect.Success<ReturnType<JournalReading["acceptances"]>> = await Effect.runPromise(
      journal.acceptances(PAGE, after),
    );
    for (const acceptance of page.acceptances) yield lineOf(acceptance);
    after = page.next;
  } while (after !== null);
}
