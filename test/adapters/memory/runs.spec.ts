import { memoryLedger, type MemoryLedger } from "../../../src/adapters/memory/notice-ledger.ts";
import { memoryRuns } from "../../../src/adapters/memory/runs.ts";
import { instant } from "../../../src/domain/ids.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import type { Runs } from "../../../src/domain/ports/runs.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";
import { describeRunsContract } from "../../contracts/runs-contract.ts";

describeRunsContract("memory", async () => {
  let now = instant(START);
  let inside: MemoryLedger;
  let itsRuns: Runs;
  const reset = async (): Promise<void> => {
    now = instant(START);
    inside = memoryLedger({ now: () => now });
    itsRuns = memoryRuns(inside);
  };
  await reset();
  // The suite keeps one ledger; a reset puts an empty one behind it.
  const ledger = new Proxy({} as NoticeLedger, {
    get: (_target, name) => Reflect.get(inside, name) as unknown, // whatever the ledger behind it has
  });
  const runs = new Proxy({} as Runs, {
    get: (_target, name) => Reflect.get(itsRuns, name) as unknown, // as above
  });
  return {
    ledger,
    runs,
    setNow: async (ms) => {
      now = instant(ms);
    },
    reset,
    close: async () => {},
  };
});
