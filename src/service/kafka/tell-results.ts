/**
 * Final outcomes into the topic of results, a page at once.
 */
import { type KeyOf, resultWire } from "../../adapters/kafka/record-wire.ts";
import type { WireRecord } from "../../adapters/kafka/log-message.ts";
import type { UntoldResult } from "../../domain/ports/results.ts";
import type { Publisher } from "../../streams/runtime/publisher.ts";
import type { TellPage } from "../../streams/upkeep/relay.ts";
import { publishPage } from "./publish-page.ts";

export interface TellResultsOptions {
  readonly out: Publisher<WireRecord>;
  readonly topic: string;
  readonly key: KeyOf;
}

export const tellResults =
  (options: TellResultsOptions): TellPage<UntoldResult> =>
  (page) =>
    publishPage(
      options.out,
      page.map((result) => resultWire(result, options.topic, options.key)),
    );
