/**
 * What a log tells of itself while it is used, named `noun:verb:phase` like the runtime's events: for a line in the log, and for
 * a readiness that says why.
 */
export type LogEvent =
  /** The client has given up and is replaced. */
  | {
      readonly type: "broker:away:seen";
      readonly topic: string;
      readonly code: string;
      readonly inMs: number;
    }
  | { readonly type: "group:join:done"; readonly topic: string; readonly partitions: readonly number[] }
  | { readonly type: "group:rebalance:begin"; readonly topic: string }
  /** Records were deleted before they were read. */
  | LogMoved<"log:gap:seen">
  /** The position does not exist any more: the topic was made anew, or its end was lost. */
  | LogMoved<"log:begin-anew:seen">;

interface LogMoved<Type extends string> {
  readonly type: Type;
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}
