/**
 * `millrace topics`: which topics there should be on the brokers, whether they are there, and making them.
 *
 * What exists is never made smaller or emptied. Where the brokers cannot be asked the command ends with what to mend; a change that
 * was begun may be begun again.
 */
import { Command } from "commander";
import { Result } from "effect";
import type { TopicPlan, TopicTrouble } from "../../adapters/kafka/topic-plan.ts";
import type { Failure } from "../../failure.ts";
import { type Call, does, examples, withJson } from "../command-line.ts";
import type { Config } from "../config/config.ts";
import type { ExitCode } from "../exit-codes.ts";
import {
  atTopics,
  isToMend,
  lookAtTopics,
  makeTopics,
  orFailure,
  plannedTopics,
  type TopicsMade,
  type TopicView,
} from "../kafka/topic-desk.ts";
import { whatToMend } from "../kafka/what-to-mend.ts";
import { longInWords } from "../long-in-words.ts";

export const topicsCommand = (): Command => {
  const group = new Command("topics").description(
    "Say which topics the service needs on Kafka, look at them, or make them.",
  );
  for (const command of [planCommand(), createCommand(), checkCommand()]) group.addCommand(command);
  return examples(group, "millrace topics plan", "millrace topics create", "millrace topics check --json");
};

const planCommand = (): Command => {
  const command = withJson(
    new Command("plan").description("Print the topics as they should be; no broker is asked."),
  );
  examples(command, "millrace topics plan", "millrace topics plan --json");
  return does(command, ({ output, configured }) =>
    configured(({ config }) => {
      const topics = plannedTopics(config);
      const unused =
        config.kafka.brokers === null
          ? ["Nobody uses them yet: kafka.brokers is not set, so Postgres is the log."]
          : [];
      return output.result({ topics }, [...topics.map(planInWords), ...unused]);
    }),
  );
};

const checkCommand = (): Command => {
  const command = withJson(
    new Command("check").description(
      "Ask the brokers, and say what is missing or different. Exit code 1 if something is to be mended.",
    ),
  );
  examples(command, "millrace topics check", "millrace topics check --json");
  return does(command, (call) =>
    call.configured(({ config }) =>
      atTopics(config, async (admin, plans) => {
        const looked = await orFailure(lookAtTopics(admin, plans));
        if (Result.isFailure(looked)) return unanswered(call, config, looked.failure);
        const views = looked.success;
        const isFine = !views.some(({ troubles }) => troubles.some(isToMend));
        return call.output.result(
          { ok: isFine, topics: views },
          [...checkedInLines(views), ...mayBeHidden(config, views)],
          isFine ? "ok" : "failed",
        );
      }),
    ),
  );
};

const createCommand = (): Command => {
  const command = withJson(
    new Command("create").description(
      "Make the topics that are missing and add the partitions that are missing. Nothing that is there is made smaller.",
    ),
  );
  examples(command, "millrace topics create", "MILLRACE_KAFKA_REPLICATION=1 millrace topics create");
  return does(command, (call) =>
    call.configured(({ config }) =>
      atTopics(config, async (admin, plans) => {
        const done = await orFailure(makeTopics(admin, plans));
        if (Result.isFailure(done)) return unanswered(call, config, done.failure);
        const { made, grown, left } = done.success;
        const isFine = !left.some(isToMend);
        const didSome = made.length + grown.length > 0;
        return call.output.result(
          { ok: isFine, made, grown, troubles: left },
          madeInLines(done.success),
          isFine ? "ok" : didSome ? "partial" : "failed",
        );
      }),
    ),
  );
};

/** A way there that may be mended by waiting is a failure, the rest a refusal: as with the database. */
const unanswered = ({ output }: Call, { kafka }: Config, failure: Failure): ExitCode =>
  output.problem(failure._tag === "Permanent" ? "refused" : "failed", {
    message: failure.message,
    fix: whatToMend(failure, kafka),
  });

const sizeInWords = (topic: Pick<TopicPlan, "partitions" | "replication">): string =>
  `${topic.partitions} partitions, ${topic.replication === 1 ? "1 copy" : `${topic.replication} copies`} of each`;

const planInWords = (plan: TopicPlan): string =>
  `${plan.name}: ${sizeInWords(plan)}, kept ${longInWords(plan.retentionMs)}, records of up to ${plan.recordBytes} bytes`;

const troubleInWords = (trouble: TopicTrouble): string =>
  `${isToMend(trouble) ? "mend" : "note"}  ${trouble.words}`;

const checkedInLines = (views: readonly TopicView[]): readonly string[] => [
  ...views.flatMap(({ plan, found, troubles }) =>
    found !== null && troubles.length === 0
      ? [`ok    topic ${plan.name}: ${sizeInWords(found)}`]
      : troubles.map(troubleInWords),
  ),
  summaryOf(
    views.length,
    views.flatMap(({ troubles }) => troubles),
  ),
];

/** Brokers do not tell a topic that is not there from one that is hidden. */
const mayBeHidden = ({ kafka }: Config, views: readonly TopicView[]): readonly string[] =>
  kafka.sasl !== "off" && views.some(({ found }) => found === null)
    ? ["A topic looks missing, too, where the user of kafka.username has no right Describe on it."]
    : [];

const summaryOf = (topics: number, troubles: readonly TopicTrouble[]): string => {
  const toMend = troubles.filter(isToMend).length;
  return `${topics} topics looked at, ${toMend} to mend, ${troubles.length - toMend} to know about`;
};

const madeInLines = ({ made, grown, left }: TopicsMade): readonly string[] => [
  ...(made.length + grown.length === 0 ? ["Nothing was missing."] : []),
  ...made.map((name) => `Made ${name}.`),
  ...grown.map(({ topic, from, to }) => `Gave ${topic} ${to} partitions; it had ${from}.`),
  ...left.map(troubleInWords),
];
