/**
 * A topic as an offset source: what every client has in common. A session, which is the client's own, fetches and commits; here
 * records become what the runtime knows, and a pull waits until there is something.
 */
import { Effect } from "effect";
import { Transient, type Failure } from "../../failure.ts";
import type {
  AssignmentListener,
  CommitAnswer,
  CommitMark,
  OffsetRecord,
  OffsetSource,
  Pulled,
  PullLimit,
} from "../../streams/runtime/source.ts";
import { type LogMessage, messageBytes } from "./log-message.ts";
import type { KafkaSourceOptions } from "./source-settings.ts";

/** A source from its opening to its closing. */
export interface LogSession {
  /** With `null` when the first positions are known. */
  readonly opened: Promise<Failure | null>;
  /** What no waiting mends. */
  readonly failure: Failure | null;
  readonly take: (limit: PullLimit) => readonly LogMessage[];
  /** Called each time there may be something to take, or a failure, until what it gives is called. */
  readonly whenFed: (again: () => void) => () => void;
  /** Rejects with a `Failure`, and nothing else. */
  readonly commit: (marks: readonly CommitMark[]) => Promise<readonly CommitAnswer[]>;
  readonly lag: (partition: string, position: number) => number | null;
  readonly close: () => Promise<void>;
}

export interface LogSourceOptions {
  /** The client waits for `revoked` before a partition goes to another member. */
  readonly awaitedRevocation: boolean;
  readonly openSession: (listener: AssignmentListener) => LogSession;
}

export const logSource = <Body>(
  { topic, groupId, body }: KafkaSourceOptions<Body>,
  { awaitedRevocation, openSession }: LogSourceOptions,
): OffsetSource<Body> => {
  let session: LogSession | null = null;

  const closed = (): Failure => new Transient({ message: `${topic} is not open`, code: "kafka:not-open" });
  const close = async (): Promise<void> => {
    const ending = session;
    session = null;
    await ending?.close();
  };

  const recordOf = (message: LogMessage): OffsetRecord<Body> => {
    const { partition, offset, key, headers, timestampMs } = message;
    return {
      partition: String(partition),
      offset,
      key: key === null ? `${partition}@${offset}` : Buffer.from(key).toString("utf8"),
      bytes: messageBytes(message),
      identity: String(timestampMs),
      trace: headers["traceparent"] ?? null,
      body: body(message),
    };
  };

  /** `null` where there is nothing. A mistake in reading a record is the pull's: whoever has fetched it goes on. */
  const taken = (from: LogSession, limit: PullLimit): Effect.Effect<Pulled<OffsetRecord<Body>>> | null => {
    try {
      const records = from.take(limit).map(recordOf);
      return records.length === 0 ? null : Effect.succeed({ records, ended: false });
    } catch (mistake) {
      return Effect.die(mistake);
    }
  };

  return {
    kind: "offsets",
    name: `${topic} of ${groupId}`,
    can: { individualAck: false, partitions: true, delayedRetry: false, priority: false, awaitedRevocation },
    open: (listener) =>
      Effect.callback<void, Failure>((resume) => {
        const opening = openSession(listener);
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
          const pulled = taken(from, limit);
          if (pulled === null) return;
          forget();
          resume(pulled);
        };
        forget = from.whenFed(attempt);
        attempt();
        return Effect.sync(forget);
      }),
    commit: (marks) =>
      Effect.tryPromise({
        try: () => session?.commit(marks) ?? Promise.resolve(marks.map(() => "stale" as const)),
        // a session throws failures only
        catch: (failure) => failure as Failure,
      }),
    lag: (partition, position) => session?.lag(partition, position) ?? null,
    close: Effect.promise(close),
  };
};
