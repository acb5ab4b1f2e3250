/**
 * Records that could not be read, as copies of the ledger's entries in the dead-letter topic.
 */
import { payloadRoom, poisonLetter } from "../../adapters/kafka/poison.ts";
import { deadLetterWire } from "../../adapters/kafka/record-wire.ts";
import type { WireRecord } from "../../adapters/kafka/log-message.ts";
import type { PoisonLetters, UntoldPoison } from "../../domain/ports/poison-letters.ts";
import type { Publisher } from "../../streams/runtime/publisher.ts";
import type { Relayed } from "../../streams/upkeep/relay.ts";
import { publishPage } from "./publish-page.ts";

/** Largest letter: below what clients and brokers take where nobody has told them otherwise. */
const LETTER_BYTES = 1_000_000;

export interface TellPoisonOptions {
  readonly out: Publisher<WireRecord>;
  readonly topic: string;
  readonly poison: PoisonLetters;
  /** Default 1,000,000. */
  readonly letterBytes?: number;
}

export const tellPoison = (options: TellPoisonOptions): Relayed<UntoldPoison> => {
  const { poison, topic, letterBytes = LETTER_BYTES } = options;
  return {
    outbox: {
      untold: (limit) => poison.untold(limit, payloadRoom(letterBytes)),
      told: poison.told,
    },
    tell: (page) =>
      publishPage(
        options.out,
        page.map((entry) => deadLetterWire(poisonLetter(entry, letterBytes), topic)),
      ),
  };
};
