/**
 * Order by key: the movements of one account take effect in the order in which they came, retries included, while the
 * accounts run side by side.
 *
 *     npm run example 03-by-key-order
 */
import { deadLetter, fromIterable, memoryDeadLetters, pipeline, stage, Transient } from "millrace";

interface Movement {
  readonly account: string;
  readonly amount: number;
}

const accounts = ["anna", "bela", "choi"];
const movements: Movement[] = Array.from({ length: 15 }, (_, n) => ({
  account: accounts[n % accounts.length] ?? "",
  amount: n,
}));

const busy = new Set([3, 7]);
const journal: Movement[] = [];
let atOnce = 0;
let mostAtOnce = 0;
const book = async (movement: Movement): Promise<void> => {
  atOnce += 1;
  mostAtOnce = Math.max(mostAtOnce, atOnce);
  await new Promise((resolve) => setTimeout(resolve, 5));
  atOnce -= 1;
  if (busy.delete(movement.amount)) throw new Transient({ message: `${movement.account} is busy` });
  journal.push(movement);
};

await pipeline({
  name: "bookings",
  source: fromIterable("movements", movements, { key: ({ account }) => account }),
  order: "byKey",
  flow: (items) => items.pipe(stage({ name: "book", work: book, retry: { times: 3, firstMs: 10 } })),
  diversions: { book: deadLetter },
  deadLetters: memoryDeadLetters(),
}).start().done;

for (const account of accounts) {
  const amounts = journal.filter((movement) => movement.account === account).map(({ amount }) => amount);
  console.log(`${account}: ${amounts.join(" ")}`);
}
console.log(`accounts at once: ${mostAtOnce}`);
