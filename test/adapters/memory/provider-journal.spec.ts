import { memoryProviderJournal } from "../../../src/adapters/memory/provider-journal.ts";
import { describeProviderJournalContract } from "../../contracts/provider-journal-contract.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

describeProviderJournalContract("memory", async () => {
  const clock = new VirtualClock();
  const journal = memoryProviderJournal(clock);
  return { open: () => journal, runs: 1_000, nowMs: clock.wallMs, close: async () => undefined };
});
