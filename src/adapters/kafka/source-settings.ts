/**
 * How a topic is consumed: what may be given, and what holds where it is left out.
 */
import { type Clock, systemPorts } from "../../streams/runtime/system-ports.ts";
import type { LogEvent } from "./log-events.ts";
import type { LogMessage } from "./log-message.ts";

/** What a member of a group is told to keep to. */
export interface MemberLimits {
  /**
   * How long a member that says nothing is taken for alive. The partitions of one that was killed lie still for so long, and so
   * does the whole group after its only broker was started again. Default 10,000 ms.
   */
  readonly sessionTimeoutMs: number;
  /** How long the group waits for its members to join again. Default 60,000 ms. */
  readonly rebalanceTimeoutMs: number;
  /** Between two signs of life. Default 2,000 ms. */
  readonly heartbeatMs: number;
  /** Longest that a fetch waits for records, and that a resumed partition waits for its fetch. Default 250 ms. */
  readonly maxWaitMs: number;
  /** Of one answer of a broker. Default 8 MiB. */
  readonly fetchBytes: number;
  /** Of one partition in it; a larger record comes alone. Default 1 MiB. */
  readonly partitionFetchBytes: number;
}

/** How a topic is consumed; what is left out has its default. */
export interface KafkaSourceOptions<Body> extends Partial<MemberLimits> {
  readonly topic: string;
  readonly groupId: string;
  /** What is handed over for a message. It must not throw: what cannot be read is a stage's to say. */
  readonly body: (message: LogMessage) => Body;
  /** Fetched and not handed over, at most, and one fetch more. Default 16 MiB. */
  readonly bufferBytes?: number;
  /** The shortest time between two commits. Default 200 ms. */
  readonly commitEveryMs?: number;
  /** A commit that brings so many finished records goes at once. Default 10,000. */
  readonly commitEveryRecords?: number;
  /** How long the work of a partition may go on that a rebalance takes away. The client does not wait for it. Default 10,000 ms. */
  readonly revokeDeadlineMs?: number;
  readonly clock?: Clock;
  readonly told?: (event: LogEvent) => void;
}

/** All of them given. */
export interface SourceSettings extends MemberLimits {
  readonly topic: string;
  readonly groupId: string;
  readonly bufferBytes: number;
  readonly commitEveryMs: number;
  readonly commitEveryRecords: number;
  readonly revokeDeadlineMs: number;
  readonly clock: Clock;
  readonly told: (event: LogEvent) => void;
  /** Larger each time. */
  readonly nextEpoch: () => number;
  /** Kept over the source's openings: a topic that was read before is waited for when it is gone. */
  readonly past: { hasJoined: boolean };
}

const MIB = 1_048_576;

export const settingsOf = <Body>(
  options: KafkaSourceOptions<Body>,
  nextEpoch: () => number,
): SourceSettings => ({
  topic: options.topic,
  groupId: options.groupId,
  sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
  rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 60_000,
  heartbeatMs: options.heartbeatMs ?? 2_000,
  maxWaitMs: options.maxWaitMs ?? 250,
  fetchBytes: options.fetchBytes ?? 8 * MIB,
  partitionFetchBytes: options.partitionFetchBytes ?? MIB,
  bufferBytes: options.bufferBytes ?? 16 * MIB,
  commitEveryMs: options.commitEveryMs ?? 200,
  commitEveryRecords: options.commitEveryRecords ?? 10_000,
  revokeDeadlineMs: options.revokeDeadlineMs ?? 10_000,
  clock: options.clock ?? systemPorts.clock,
  told: options.told ?? (() => undefined),
  nextEpoch,
  past: { hasJoined: false },
});
