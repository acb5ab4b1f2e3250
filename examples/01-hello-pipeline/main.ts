/**
 * Numbers through a step that fails: bounded, retried, dead-lettered.
 *
 *     npm run example 01-hello-pipeline
 */
import { deadLetter, fromIterable, memoryDeadLetters, Permanent, pipeline, stage, Transient } from "millrace";

const tries = new Map<number, number>();
const root = async (number: number): Promise<number> => {
  const nth = (tries.get(number) ?? 0) + 1;
  tries.set(number, nth);
  if (number < 0) throw new Permanent({ message: `${number} has no square root` });
  if (number % 7 === 0 && nth === 1) throw new Transient({ message: `the line was busy for ${number}` });
  return Math.sqrt(number);
};

const deadLetters = memoryDeadLetters();
const ended = await pipeline({
  name: "hello",
  source: fromIterable("numbers", [1, 4, 7, 9, -1, 14, 16]),
  window: { credits: 4 },
  flow: (numbers) => numbers.pipe(stage({ name: "root", work: root, retry: { times: 2, firstMs: 5 } })),
  diversions: { root: deadLetter },
  deadLetters,
}).start().done;

console.log(`${ended.how}; tries: ${[...tries.values()].join(" ")}`);
for (const letter of deadLetters.letters) console.log(`dead letter ${letter.record}: ${letter.reason}`);
