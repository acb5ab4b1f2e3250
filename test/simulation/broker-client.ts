/**
 * What one life has of the simulated broker: the ports of a cluster, behind its membrane. A broker that is away is waited for where the
 * real clients wait, and told where they tell.
 */
import { Effect, Exit, Result } from "effect";
import type { KafkaLog, KafkaPublisher, KafkaPublisherOptions } from "../../src/adapters/kafka/kafka-log.ts";
import type { LogMessage, WireRecord } from "../../src/adapters/kafka/log-message.ts";
import type { KafkaSourceOptions } from "../../src/adapters/kafka/source-settings.ts";
import { type Failure, Transient, Unconfirmed } from "../../src/failure.ts";
import type {
  CommitAnswer,
  CommitMark,
  OffsetRecord,
  OffsetSource,
  Pulled,
  PullLimit,
} from "../../src/streams/runtime/source.ts";
import type { Broker } from "./broker.ts";
import type { Life } from "./life.ts";
import type { Member, ReadingGroup } from "./reading-group.ts";

type Published = readonly Result.Result<void, Failure>[];

const AWAY = new Transient({ message: "no broker is there", code: "kafka:ECONNREFUSED" });
const UNANSWERED = new Unconfirmed({ message: "no broker has answered", code: "kafka:unanswered" });
const LATENCY_MS = [1, 8] as const;
const AWAY_MS = 400;
const AGAIN_MS = 500;

export const brokerClient = (broker: Broker, life: Life): KafkaLog => ({
  source: (options) => source(broker, life, options),
  publisher: (options) => publisher(broker, life, options),
  topics: () => {
    throw new Error("nobody looks at topics once the work has begun");
  },
});

const publisher = <Body>(
  broker: Broker,
  life: Life,
  { wire }: Pick<KafkaPublisherOptions<Body>, "wire">,
): KafkaPublisher<Body> => {
  const { clock, draw, trace, chances } = broker.parts;
  const publishOne = (record: WireRecord): Result.Result<void, Failure> => {
    const { publishRefused, publishUnanswered } = chances();
    if (draw.chance(publishRefused)) {
      trace.inject("publishRefused");
      return Result.fail(AWAY);
    }
    broker.topics.store(record);
    if (!draw.chance(publishUnanswered)) return Result.succeed(undefined);
    trace.inject("publishUnanswered");
    return Result.fail(UNANSWERED);
  };
  return {
    publish: (records) =>
      Effect.callback<Published, Failure>((resume) => {
        const wired = records.map(wire);
        const answer = (afterMs: number, published: Effect.Effect<Published, Failure>): void => {
          clock.after(afterMs, () => life.pass(() => resume(published)));
        };
        const arrive = (): void => {
          if (broker.isAway) return answer(AWAY_MS, Effect.fail(AWAY));
          const answers = wired.map((one) =>
            Result.isFailure(one) ? Result.fail(one.failure) : publishOne(one.success),
          );
          return answer(draw.within(...LATENCY_MS), Effect.succeed(answers));
        };
        life.pass(() => clock.after(draw.within(...LATENCY_MS), arrive));
      }),
    close: Effect.void,
  };
};

const source = <Body>(
  broker: Broker,
  life: Life,
  { topic, groupId, body }: KafkaSourceOptions<Body>,
): OffsetSource<Body> => {
  const { clock, draw, awaitedRevocation } = broker.parts;
  const group = broker.group(groupId, topic);
  let member: Member | null = null;

  const take = (from: Member, most: number): OffsetRecord<Body>[] => {
    const taken: OffsetRecord<Body>[] = [];
    for (const [partition, held] of from.held) {
      const messages = broker.topics.messages(topic, partition);
      for (let next = messages[held.next]; next !== undefined && taken.length < most;) {
        taken.push(recordOf(next, body));
        held.next += 1;
        next = messages[held.next];
      }
    }
    return taken;
  };

  const pull = (from: Member, { records }: PullLimit) =>
    Effect.callback<Pulled<OffsetRecord<Body>>, Failure>((resume) => {
      const attempt = (): void => {
        if (broker.isAway || life.state !== "running" || !from.look.has(attempt)) return;
        const taken = take(from, records);
        if (taken.length === 0) return;
        from.look.delete(attempt);
        resume(Effect.succeed({ records: taken, ended: false }));
      };
      from.look.add(attempt);
      attempt();
      return Effect.sync(() => {
        from.look.delete(attempt);
      });
    });

  return {
    ...{ kind: "offsets", name: `${topic} of ${groupId}` },
    can: { individualAck: false, partitions: true, delayedRetry: false, priority: false, awaitedRevocation },
    open: (listener) =>
      Effect.callback<void, Failure>((resume) => {
        const join = (): void => {
          if (broker.isAway) {
            clock.after(AGAIN_MS, () => life.pass(join));
            return;
          }
          member = group.join(life, listener);
          resume(Effect.void);
        };
        life.pass(() => clock.after(draw.within(...LATENCY_MS), () => life.pass(join)));
      }),
    pull: (limit) => (member === null ? Effect.fail(AWAY) : pull(member, limit)),
    commit: (marks) =>
      member === null ? Effect.succeed(marks.map(() => "stale")) : commit(broker, group, member, marks),
    lag: (partition, position) => broker.topics.messages(topic, Number(partition)).length - position,
    close: Effect.sync(() => {
      const leaving = member;
      member = null;
      if (leaving !== null) life.pass(() => group.leave(leaving, "revoked"));
    }),
  };
};

/** A broker that is away is waited for, as long as the assignment lasts. */
const commit = (
  broker: Broker,
  group: ReadingGroup,
  member: Member,
  marks: readonly CommitMark[],
): Effect.Effect<readonly CommitAnswer[], Failure> =>
  Effect.callback((resume) => {
    const { clock, draw, trace, chances } = broker.parts;
    const answer = (exit: Exit.Exit<readonly CommitAnswer[], Failure>): void => {
      clock.after(draw.within(...LATENCY_MS), () => member.life.pass(() => resume(exit)));
    };
    const arrive = (): void => {
      const answers = group.answers(member, marks);
      if (answers.every((one) => one === "stale")) return answer(Exit.succeed(answers));
      if (broker.isAway) {
        clock.after(AGAIN_MS, arrive);
        return;
      }
      if (draw.chance(chances().commitFails)) {
        trace.inject("commitFails");
        return answer(Exit.fail(AWAY));
      }
      marks.forEach((mark, at) => {
        if (answers[at] === "committed") group.note(mark);
      });
      return answer(Exit.succeed(answers));
    };
    member.life.pass(() => clock.after(draw.within(...LATENCY_MS), arrive));
  });

const recordOf = <Body>(message: LogMessage, body: (message: LogMessage) => Body): OffsetRecord<Body> => ({
  ...{ partition: String(message.partition), offset: message.offset, identity: String(message.timestampMs) },
  key:
    message.key === null
      ? `${message.partition}@${message.offset}`
      : Buffer.from(message.key).toString("utf8"),
  body: body(message),
});
