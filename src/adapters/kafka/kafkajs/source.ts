/**
 * A topic as an offset source, consumed by kafkajs as a member of a group. The runtime's credits decide what is handed over, and
 * what waits ahead of them is bounded by bytes; how it stands on its client is in docs/decisions/0012.
 */
import { Effect } from "effect";
import type { IHeaders } from "kafkajs";
import { Transient, type Failure } from "../../../failure.ts";
import type { OffsetRecord, OffsetSource, Pulled } from "../../../streams/runtime/source.ts";
import type { ClusterOptions } from "../cluster-options.ts";
import type { LogMessage } from "../log-message.ts";
import { type FetchedRecord, Session, weightOf } from "./session.ts";
import { type KafkaSourceOptions, settingsOf } from "../source-settings.ts";

/** `nextEpoch` counts for all sources of a process that may follow one another in a group. */
export const kafkajsSource = <Body>(
  cluster: ClusterOptions,
  options: KafkaSourceOptions<Body>,
  nextEpoch: () => number,
): OffsetSource<Body> => {
  const settings = settingsOf(options, nextEpoch);
  const { topic, groupId } = settings;
  let session: Session | null = null;

  const closed = (): Failure => new Transient({ message: `${topic} is not open`, code: "kafka:not-open" });
  const close = async (): Promise<void> => {
    const ending = session;
    session = null;
    await ending?.close();
  };

  const recordOf = ({ partition, message }: FetchedRecord): OffsetRecord<Body> => {
    const own = messageOf(topic, partition, message);
    const offset = own.offset;
    return {
      partition: String(partition),
      offset,
      key: own.key === null ? `${partition}@${offset}` : Buffer.from(own.key).toString("utf8"),
      bytes: weightOf(message),
      identity: message.timestamp,
      trace: own.headers["traceparent"] ?? null,
      body: options.body(own),
    };
  };

  return {
    kind: "offsets",
    name: `${topic} of ${groupId}`,
    can: {
      individualAck: false,
      partitions: true,
      delayedRetry: false,
      priority: false,
      awaitedRevocation: false,
    },
    open: (listener) =>
      Effect.callback<void, Failure>((resume) => {
        const opening = new Session(cluster, settings, listener);
        session = opening;
        opening.opened.then(
          (failure) => {
            resume(failure === null ? Effect.void : Effect.fail(failure));
          },
          () => undefined,
        );
        return Effect.promise(close);
      }),
    pull: (limit) =>
      Effect.callback<Pulled<OffsetRecord<Body>>, Failure>((resume) => {
        const from = session;
        if (from === null) {
          resume(Effect.fail(closed()));
          return Effect.void;
        }
        let forget = (): void => undefined;
        const attempt = (): void => {
          if (from.failure !== null) {
            forget();
            resume(Effect.fail(from.failure));
            return;
          }
          const records = from.take(limit).map(recordOf);
          if (records.length === 0) return;
          forget();
          resume(Effect.succeed({ records, ended: false }));
        };
        forget = from.whenFed(attempt);
        attempt();
        return Effect.sync(forget);
      }),
    commit: (marks) =>
      Effect.tryPromise({
        try: () => session?.commit(marks) ?? Promise.resolve(marks.map(() => "stale" as const)),
        // the session throws failures only
        catch: (failure) => failure as Failure,
      }),
    lag: (partition, position) => session?.lag(partition, position) ?? null,
    close: Effect.promise(close),
  };
};

/** A copy: what was fetched lies in the buffer of a whole response, which one unfinished record would keep alive. */
const copyOf = (bytes: Buffer | null): Uint8Array | null => (bytes === null ? null : Uint8Array.from(bytes));

const messageOf = (topic: string, partition: number, message: FetchedRecord["message"]): LogMessage => ({
  topic,
  partition,
  offset: Number(message.offset),
  key: copyOf(message.key),
  value: copyOf(message.value),
  headers: message.headers === undefined ? {} : headersOf(message.headers),
  timestampMs: Number(message.timestamp),
});

const headersOf = (headers: IHeaders): Readonly<Record<string, string>> => {
  const read: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) read.push([name, first.toString()]);
  }
  return Object.fromEntries(read);
};
