/**
 * The log was told of a queued notice; moves the time of the next telling. Leaves no line in the history.
 *
 * Locks the notices. Two publishers race: both win and both are counted, which only spaces the next telling further.
 */
import { epoch, EPOCH_IS_SEEN, NOW } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

export const published = transitionStatement({
  type: "published",
  given: [epoch, { name: "c_republish_in_ms", type: "bigint", of: ({ republishInMs }) => republishInMs }],
  guards: { epoch: EPOCH_IS_SEEN },
  becomes: { publishes: "publishes + 1", republish_at: `${NOW} + c_republish_in_ms` },
  alarm: "exact",
});
