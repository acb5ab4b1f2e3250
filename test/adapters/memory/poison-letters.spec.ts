import { memoryLedger, type MemoryLedger } from "../../../src/adapters/memory/notice-ledger.ts";
import { memoryPoisonLetters } from "../../../src/adapters/memory/poison-letters.ts";
import { instant } from "../../../src/domain/ids.ts";
import type { PoisonLetters } from "../../../src/domain/ports/poison-letters.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { describePoisonLettersContract } from "../../contracts/poison-letters-contract.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";

describePoisonLettersContract("memory", async () => {
  let now = instant(START);
  let inside: MemoryLedger;
  let itsPoison: PoisonLetters;
  const reset = async (): Promise<void> => {
    now = instant(START);
    inside = memoryLedger({ now: () => now });
    itsPoison = memoryPoisonLetters(inside);
  };
  await reset();
  // The suite keeps one ledger; a reset puts an empty one behind it.
  const ledger = new Proxy({} as NoticeLedger, {
    get: (_target, name) => Reflect.get(inside, name) as unknown, // whatever the ledger behind it has
  });
  const poison = new Proxy({} as PoisonLetters, {
    get: (_target, name) => Reflect.get(itsPoison, name) as unknown, // as above
  });
  return {
    ledger,
    poison,
    setNow: async (ms) => {
      now = instant(ms);
    },
    reset,
    close: async () => {},
  };
});
