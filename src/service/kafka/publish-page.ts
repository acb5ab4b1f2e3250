/**
 * A page of records to the log, one answer each.
 */
import { Effect, Result } from "effect";
import type { WireRecord } from "../../adapters/kafka/log-message.ts";
import { type Failure, Unconfirmed } from "../../failure.ts";
import type { Publisher } from "../../streams/runtime/publisher.ts";

export type Told = Result.Result<void, Failure>;

/** Of what was asked about and not answered. */
export const UNANSWERED: Told = Result.fail(
  new Unconfirmed({
    message: "publishing: the log gave fewer answers than it was asked for",
    code: "unanswered",
  }),
);

/** As many answers as records, in order. */
export const publishPage = (
  out: Publisher<WireRecord>,
  wires: readonly WireRecord[],
): Effect.Effect<readonly Told[], Failure> =>
  wires.length === 0
    ? Effect.succeed([])
    : Effect.map(out.publish(wires.map((wire) => ({ key: wire.key, body: wire, headers: {} }))), (given) =>
        wires.map((_, at) => given[at] ?? UNANSWERED),
      );
