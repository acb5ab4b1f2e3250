import { memoryLedger, type MemoryLedger } from "../../../src/adapters/memory/notice-ledger.ts";
import { memoryResults } from "../../../src/adapters/memory/results.ts";
import { instant } from "../../../src/domain/ids.ts";
import type { Results } from "../../../src/domain/ports/results.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { describeResultsContract } from "../../contracts/results-contract.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";

describeResultsContract("memory", async () => {
  let now = instant(START);
  let inside: MemoryLedger;
  let itsResults: Results;
  const reset = async (): Promise<void> => {
    now = instant(START);
    inside = memoryLedger({ now: () => now });
    itsResults = memoryResults(inside);
  };
  await reset();
  // The suite keeps one ledger; a reset puts an empty one behind it.
  const ledger = new Proxy({} as NoticeLedger, {
    get: (_target, name) => Reflect.get(inside, name) as unknown, // whatever the ledger behind it has
  });
  const results = new Proxy({} as Results, {
    get: (_target, name) => Reflect.get(itsResults, name) as unknown, // as above
  });
  return {
    ledger,
    results,
    setNow: async (ms) => {
      now = instant(ms);
    },
    reset,
    close: async () => {},
  };
});
