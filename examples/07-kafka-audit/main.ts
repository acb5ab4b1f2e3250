/**
 * A second group beside the service's own: reads what the service asks for and what has become of it, to the end of the
 * topics, and prints what it found. The service's workers are not disturbed, and know nothing of it.
 *
 *     MILLRACE_KAFKA_BROKERS=127.0.0.1:9092 npm run example 07-kafka-audit
 */
import { Effect, Result } from "effect";
import { deadLetter, memoryDeadLetters, pipeline, stage } from "millrace";
import { type LogMessage, openKafka, readRequest, readResult } from "millrace/kafka";

const {
  MILLRACE_KAFKA_BROKERS: brokers = "",
  MILLRACE_KAFKA_REQUEST_TOPIC: requests = "millrace.request",
  MILLRACE_KAFKA_RESULT_TOPIC: results = "millrace.result",
} = process.env;
if (brokers === "") {
  console.error(
    "this example reads a log: set MILLRACE_KAFKA_BROKERS to its brokers, such as 127.0.0.1:9092",
  );
  process.exit(2);
}
const log = await Effect.runPromise(openKafka("kafkajs", { brokers: brokers.split(",") }));
const unreadable = memoryDeadLetters();

/** From the beginning to where the topic ends when it gets there: a group of its own each time. */
const readToItsEnd = (topic: string, note: (message: LogMessage) => void): Promise<unknown> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (running.health().partitions.every(({ lag }) => lag === 0)) resolve(running.drain());
    };
    const running = pipeline({
      name: `audit of ${topic}`,
      source: log.source({
        ...{ topic, groupId: `audit.${topic}.${Date.now()}`, body: (message) => message },
        told: ({ type }) => {
          if (type === "group:join:done") look();
        },
      }),
      flow: (messages) =>
        messages.pipe(stage({ name: "note", work: (message: LogMessage) => Promise.resolve(note(message)) })),
      diversions: { note: deadLetter },
      deadLetters: unreadable,
    }).start();
    running.on(({ type }) => {
      if (type === "offset:commit:done") look();
    });
  });

/** What cannot be read leaves by the side: to the dead letters. */
const orThrow = <Record>(read: Result.Result<Record, unknown>): Record => {
  if (Result.isFailure(read)) throw read.failure;
  return read.success;
};

// records come at least once, in any order of their partitions: what they say is noted by what it is about
const asked = new Map<string, string>();
const ended = new Map<string, string>();
await Promise.all([
  ...["email", "sms"].map((channel) =>
    readToItsEnd(`${requests}.${channel}`, ({ value }) => {
      const { noticeId, epoch } = orThrow(readRequest(value));
      asked.set(`${noticeId}/${epoch}`, channel);
    }),
  ),
  readToItsEnd(results, ({ value }) => {
    const { noticeId, status } = orThrow(readResult(value));
    ended.set(noticeId, status);
  }),
]);

const counted = (words: Iterable<string>): string => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .map(([word, count]) => `${count} ${word}`)
    .sort()
    .join(", ");
};
const notices = new Set([...asked.keys()].map((request) => request.slice(0, request.lastIndexOf("/"))));
console.log(`asked for: ${counted(asked.values())}`);
console.log(`ended: ${counted(ended.values())}`);
for (const notice of [...notices].sort()) if (!ended.has(notice)) console.log(`not ended: ${notice}`);
for (const { record, reason } of unreadable.letters) console.log(`not readable: ${record}, ${reason}`);
