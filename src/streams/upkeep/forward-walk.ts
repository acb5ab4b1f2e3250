/**
 * A walk that stays where it has come to: each step brings only what has been added behind it. From time to time, when it has reached
 * the end, it begins anew, for what was written late with an earlier time or forgotten since.
 */
import { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { Clock } from "../runtime/system-ports.ts";
import type { WalkedPage } from "./page-walk.ts";

export interface ForwardWalkOptions<Row> {
  readonly clock: Clock;
  readonly pageCount: number;
  readonly rewalkMs: number;
  readonly fetch: (limit: number, after: Row | undefined) => Effect.Effect<readonly Row[], Failure>;
}

export const forwardWalk = <Row>({
  clock,
  pageCount,
  rewalkMs,
  fetch,
}: ForwardWalkOptions<Row>): Effect.Effect<WalkedPage<Row>, Failure> => {
  let after: Row | undefined;
  let beganMs = clock.monotonicMs();
  let isAtEnd = false;
  return Effect.suspend(() => {
    if (isAtEnd && clock.monotonicMs() - beganMs >= rewalkMs) {
      after = undefined;
      beganMs = clock.monotonicMs();
    }
    return Effect.map(fetch(pageCount, after), (rows) => {
      after = rows.at(-1) ?? after;
      isAtEnd = rows.length < pageCount;
      return { rows, more: !isAtEnd };
    });
  });
};
