import { memoryLedger, type MemoryLedger } from "../../../src/adapters/memory/notice-ledger.ts";
import { memoryUnheardNotices } from "../../../src/adapters/memory/unheard-notices.ts";
import { instant } from "../../../src/domain/ids.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";
import { describeUnheardNoticesContract } from "../../contracts/unheard-notices-contract.ts";

describeUnheardNoticesContract("memory", async () => {
  let now = instant(START);
  let inside: MemoryLedger = memoryLedger({ now: () => now });
  // The suite keeps one ledger; a reset puts an empty one behind it.
  const ledger = new Proxy({} as NoticeLedger, {
    get: (_target, name) => Reflect.get(inside, name) as unknown, // whatever the ledger behind it has
  });
  return {
    ledger,
    unheard: { page: (...given) => memoryUnheardNotices(inside).page(...given) },
    setNow: async (ms) => {
      now = instant(ms);
    },
    reset: async () => {
      now = instant(START);
      inside = memoryLedger({ now: () => now });
    },
    close: async () => {},
  };
});
