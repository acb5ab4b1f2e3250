import { memoryDoubts } from "../../../src/adapters/memory/doubts.ts";
import { memoryLedger, type MemoryLedger } from "../../../src/adapters/memory/notice-ledger.ts";
import { instant } from "../../../src/domain/ids.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { describeDoubtsContract } from "../../contracts/doubts-contract.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";

describeDoubtsContract("memory", async () => {
  let now = instant(START);
  let inside: MemoryLedger = memoryLedger({ now: () => now });
  // The suite keeps one ledger; a reset puts an empty one behind it.
  const ledger = new Proxy({} as NoticeLedger, {
    get: (_target, name) => Reflect.get(inside, name) as unknown, // whatever the ledger behind it has
  });
  return {
    ledger,
    doubts: { read: (keys) => memoryDoubts(inside).read(keys) },
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
