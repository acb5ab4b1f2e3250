/**
 * Notices that are on their way to a provider, brought there many at a time: brought there one by one, they were a good part of what
 * a property over a real ledger costs. What is left over lies there and bothers nobody: nothing has become of it yet.
 */
import { Effect } from "effect";
import { aNotice, command } from "./notice-ledger-commands.ts";
import type { LedgerUnderTest } from "./notice-ledger-contract.ts";

const BROUGHT_AT_ONCE = 60;

export interface SendingStock {
  /** So many that nobody has taken yet, each claimed in epoch 2, with the right to send. */
  readonly take: (count: number) => Promise<string[]>;
  /** The ledger was emptied. */
  readonly forget: () => void;
}

export const sendingStock = ({ ledger }: Pick<LedgerUnderTest, "ledger">): SendingStock => {
  let stock: string[] = [];
  let brought = 0;

  const bring = async (): Promise<void> => {
    const ids = Array.from({ length: BROUGHT_AT_ONCE }, () => `n-${(brought += 1)}`);
    await Effect.runPromise(ledger.ingest(ids.map((id) => aNotice(id))));
    for (const type of ["route", "claim", "begin-send"] as const) {
      const commands = ids.map((id) => command(type, id));
      await Effect.runPromise(ledger.apply(type, commands));
    }
    stock.push(...ids);
  };

  return {
    take: async (count) => {
      while (stock.length < count) await bring();
      return stock.splice(0, count);
    },
    forget: () => {
      stock = [];
    },
  };
};
