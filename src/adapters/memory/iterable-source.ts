/**
 * Anything that can be iterated over, as a source: one partition whose offsets count from 0. It is read only as far as
 * there is room, an endless one too. Started again it begins anew at the first uncommitted element, so what is iterated
 * over must give the same elements each time.
 */
import { Effect } from "effect";
import type { OffsetRecord, OffsetSource } from "../../streams/runtime/source.ts";

export interface IterableSourceOptions<Body> {
  /** By which order `byKey` is kept. Default: the offset, so that every element is its own. */
  readonly key?: (body: Body, offset: number) => string;
}

const PARTITION = "0";

export const fromIterable = <Body>(
  name: string,
  elements: Iterable<Body>,
  { key = (_body, offset) => String(offset) }: IterableSourceOptions<Body> = {},
): OffsetSource<Body> => {
  let committed = 0;
  let epoch = 0;
  let position = 0;
  let iterator: Iterator<Body> = elements[Symbol.iterator]();

  const rewind = (): void => {
    iterator = elements[Symbol.iterator]();
    for (position = 0; position < committed; position += 1) iterator.next();
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
        rewind();
        epoch += 1;
        listener.assigned(PARTITION, epoch, committed);
      }),
    pull: (limit) =>
      Effect.sync(() => {
        const records: OffsetRecord<Body>[] = [];
        while (records.length < limit.records) {
          const next = iterator.next();
          if (next.done === true) return { records, ended: true };
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
    close: Effect.void,
  };
};
