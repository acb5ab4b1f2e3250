/**
 * Who is told of what the ledger owes: without brokers the log of dead letters alone, with them their topics, too.
 */
import { letterLines } from "../adapters/telemetry/letter-lines.ts";
import type { UpkeepPorts } from "../streams/upkeep/upkeep-ports.ts";
import { tellLetters } from "./kafka/tell-letters.ts";
import { tellPoison } from "./kafka/tell-poison.ts";
import { tellResults } from "./kafka/tell-results.ts";
import type { Wiring } from "./wiring.ts";

export const relaysOf = ({
  kafka,
  log,
  results,
  poison,
  config,
}: Pick<Wiring, "kafka" | "log" | "results" | "poison" | "config">): Pick<
  UpkeepPorts,
  "tell" | "results" | "poison"
> => {
  const lines = letterLines(log);
  if (kafka === null) return { tell: lines, results: null, poison: null };
  const { records: out, topics } = kafka;
  return {
    tell: tellLetters({ out, lines, topic: topics.deadLetter }),
    results: { outbox: results, tell: tellResults({ out, topic: topics.result, key: config.kafka.key }) },
    poison: tellPoison({ out, poison, topic: topics.deadLetter }),
  };
};
