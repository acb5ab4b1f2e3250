/**
 * A source of your own: pages of an outside list, read only as far as the window has room. A crash in the middle begins
 * again at the committed position; what was finished below it is not done twice.
 *
 *     npm run example 02-own-source
 */
import { Effect } from "effect";
import { deadLetter, memoryDeadLetters, type OffsetSource, pipeline, stage, Transient } from "millrace";

/** Somebody else's list, which hands out at most five at a time and is out of order once. */
const list = Array.from({ length: 23 }, (_, n) => `parcel-${n}`);
let requests = 0;
const page = async (from: number, most: number): Promise<readonly string[]> => {
  requests += 1;
  if (requests === 3) throw new Error("502 bad gateway");
  return list.slice(from, from + Math.min(5, most));
};

let committed = 0;
const parcels = (): OffsetSource<string> => {
  let epoch = 0;
  let position = 0;
  return {
    kind: "offsets",
    name: "parcels",
    can: {
      individualAck: false,
      partitions: false,
      delayedRetry: false,
      priority: false,
      awaitedRevocation: true,
    },
    open: (listener) =>
      Effect.sync(() => {
        position = committed;
        epoch += 1;
        listener.assigned("list", epoch, position);
      }),
    pull: ({ records }) =>
      Effect.tryPromise({
        try: () => page(position, records),
        catch: (cause) => new Transient({ message: `page from ${position}: no answer`, cause }),
      }).pipe(
        Effect.map((bodies) => {
          const first = position;
          position += bodies.length;
          return {
            records: bodies.map((body, index) => ({
              partition: "list",
              offset: first + index,
              key: body,
              body,
            })),
            ended: position === list.length,
          };
        }),
      ),
    commit: (marks) =>
      Effect.sync(() =>
        marks.map((mark) => {
          if (mark.epoch !== epoch) return "stale";
          committed = mark.next;
          return "committed";
        }),
      ),
    close: Effect.void,
  };
};

const weighed = new Map<string, number>();
const running = pipeline({
  name: "weigh",
  source: parcels(),
  window: { credits: 8 },
  restarts: { firstMs: 10 },
  flow: (items) =>
    items.pipe(
      stage({
        name: "weigh",
        work: async (parcel: string) => {
          weighed.set(parcel, (weighed.get(parcel) ?? 0) + 1);
        },
      }),
    ),
  diversions: { weigh: deadLetter },
  deadLetters: memoryDeadLetters(),
}).start();
running.on((event) => {
  if (event.type === "pipeline:restart:begin") console.log(`started again: ${event.cause}`);
});
const ended = await running.done;

console.log(`${ended.how} in ${ended.lives} lives; ${weighed.size} of ${list.length} parcels weighed`);
console.log(`committed up to ${committed}`);
