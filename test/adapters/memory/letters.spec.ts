import { memoryLedger, type MemoryLedger } from "../../../src/adapters/memory/notice-ledger.ts";
import { memoryLetters } from "../../../src/adapters/memory/letters.ts";
import { instant } from "../../../src/domain/ids.ts";
import type { Letters } from "../../../src/domain/ports/letters.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { describeLettersContract } from "../../contracts/letters-contract.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";

describeLettersContract("memory", async () => {
  let now = instant(START);
  let inside: MemoryLedger;
  let itsLetters: Letters;
  const reset = async (): Promise<void> => {
    now = instant(START);
    inside = memoryLedger({ now: () => now });
    itsLetters = memoryLetters(inside);
  };
  await reset();
  // The suite keeps one ledger; a reset puts an empty one behind it.
  const ledger = new Proxy({} as NoticeLedger, {
    get: (_target, name) => Reflect.get(inside, name) as unknown, // whatever the ledger behind it has
  });
  const letters = new Proxy({} as Letters, {
    get: (_target, name) => Reflect.get(itsLetters, name) as unknown, // as above
  });
  return {
    ledger,
    letters,
    setNow: async (ms) => {
      now = instant(ms);
    },
    reset,
    close: async () => {},
  };
});
