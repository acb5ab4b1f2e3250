/**
 * Anything that can be iterated over, as a source: one partition whose offsets count from 0. It is read only as far as
 * there is room, an endless one too. Started again it begins anew at the first uncommitted element, so what is iterated
 * over must give the same elements each time.
 */
import { Effect } from "effect";
import type { OffsetRecord, OffsetSource } from "../../streams/runtime/source.ts";

/** How elements are taken as records. */
export interface IterableSourceOptions<Body> {
  /** By which order `byKey` is kept. Default: the offset, so that every element is its own. */
  readonly key?: (body: Body, offset: number) => string;
}

const PARTITION = "0";

/** A source of the elements, read only as far as there is room for them. */
export const fromIterable = <Body>(
  name: string,
  elements: Iterable<Body>,
  { key = (_body, offset) => String(offset) }: IterableSourceOptions<Body> = {},
): OffsetSource<Body> => {
  let committed = 0;
  let epoch = 0;
  let position = 0;
  /** While it is open. A generator may hold something, which it lets go of when it is told to return. */
  let iterator: Iterator<Body> | null = null;
  let last: Iterator<Body> | null = null;

  const letGo = (): void => {
    iterator?.return?.();
    iterator = null;
  };

  const rewind = (): Iterator<Body> => {
    letGo();
    const begun = elements[Symbol.iterator]();
    if (begun === last) throw new Error(`${name} can be iterated over only once: it cannot begin anew`);
    last = begun;
    for (position = 0; position < committed; position += 1) begun.next();
    return begun;
  };

  return {
    kind: "offsets",
    name,
    can: {
      individualAck: false,
      partitions: false,
      delayedRetry: false,
      priority: false,
      awaitedRevocation: true,
    },
    open: (listener) =>
      Effect.sync(() => {
        iterator = rewind();
        epoch += 1;
        listener.assigned(PARTITION, epoch, committed);
      }),
    pull: (limit) =>
      Effect.sync(() => {
        const records: OffsetRecord<Body>[] = [];
        while (records.length < limit.records) {
          const next = iterator?.next();
          if (next === undefined || next.done === true) return { records, ended: true };
          records.push({
            partition: PARTITION,
            offset: position,
            key: key(next.value, position),
            body: next.value,
          });
          position += 1;
        }
        return { records, ended: false };
      }),
    commit: (marks) =>
      Effect.sync(() =>
        marks.map((mark) => {
          if (mark.epoch !== epoch) return "stale";
          committed = mark.next;
          return "committed";
        }),
      ),
    close: Effect.sync(letGo),
  };
};
