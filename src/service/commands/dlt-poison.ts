/**
 * `millrace dlt poison`: the records of topics that could not be read. They are of no notice: nothing is to be sent again, but whoever
 * writes to our topics is to be found.
 */
import { Command, type OptionValues } from "commander";
import { Effect } from "effect";
import { isoInstant } from "../../domain/iso-instant.ts";
import type { ListedPoison } from "../../domain/ports/ledger-reports.ts";
import type { PoisonName } from "../../domain/ports/poison-letters.ts";
import { does, examples, withJson } from "../command-line.ts";
import { atLedger } from "../ledger-desk.ts";
import { limitIn, nextAfter, USUALLY_LISTED } from "../listing.ts";
import { textIn } from "../read-options.ts";
import { Refusal } from "../refusal.ts";

export const poisonCommand = (): Command => {
  const command = withJson(
    new Command("poison")
      .description(
        "List the records of topics that could not be read: where they lie and why, never what is in them.",
      )
      .option("--limit <count>", "at most so many", String(USUALLY_LISTED))
      .option("--after <place>", "go on behind this record, such as millrace.request.email/3/1042"),
  );
  examples(command, "millrace dlt poison", "millrace dlt poison --limit 1000 --json");
  return does(command, ({ options, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "dlt", async ({ reports }) => {
        const limit = limitIn(options);
        const listed = await Effect.runPromise(reports.poison(limit, placeIn(options)));
        const total = await Effect.runPromise(reports.countPoison);
        const next = nextAfter(listed, limit, placeOf);
        return output.result({ poison: listed.map(poisonAsObject), total, next_after: next }, [
          ...listed.map(poisonInWords),
          ...(listed.length === 0
            ? ["Every record could be read."]
            : [`${listed.length} of ${total.toLocaleString("en")}`]),
          ...(next === null ? [] : [`Go on with --after ${next}`]),
        ]);
      }),
    ),
  );
};

const placeOf = ({ topic, partition, offset }: PoisonName): string => `${topic}/${partition}/${offset}`;

const placeIn = (options: OptionValues): PoisonName | undefined => {
  const text = textIn(options, "after");
  if (text === undefined) return undefined;
  const [, topic, partition, offset] = /^([^/]+)\/(\d{1,9})\/(.+)$/.exec(text) ?? [];
  if (topic === undefined || offset === undefined)
    throw new Refusal("usage", "--after takes a record's place, as the list before says");
  return { topic, partition: Number(partition), offset };
};

const poisonAsObject = (poison: ListedPoison): object => ({
  topic: poison.topic,
  partition: poison.partition,
  offset: poison.offset,
  reason: poison.reason,
  stage: poison.stage,
  attempts: poison.attempts,
  sha256: poison.digest.sha256,
  bytes: poison.digest.bytes,
  first_seen_at: isoInstant(poison.firstSeenAt),
  told: poison.isTold,
});

const poisonInWords = (poison: ListedPoison): string => {
  const { reason, attempts, digest, isTold } = poison;
  const told = isTold ? "" : ", not told yet";
  return `${isoInstant(poison.firstSeenAt)}  ${placeOf(poison)}  ${digest.bytes} bytes, tried ${attempts}×${told}: ${reason}`;
};
