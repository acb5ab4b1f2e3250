/**
 * The public surface of `millrace`: the runtime, and sources and sinks in memory.
 */
export { Permanent, Postponed, Transient, Unconfirmed, Undecodable, isFailure } from "./failure.ts";
export type { Failure, FailureTag } from "./failure.ts";

// a pipeline and its parts
export { pipeline } from "./streams/runtime/pipeline.ts";
export type {
  DiversionAnswers,
  Ended,
  Pipeline,
  PipelineHealth,
  PipelineOptions,
  Running,
} from "./streams/runtime/pipeline.ts";
export { stage } from "./streams/runtime/stage.ts";
export type { LiteralName, Stage, StageLimits, StageOptions } from "./streams/runtime/stage.ts";
export { step } from "./streams/runtime/step.ts";
export type { StepOptions } from "./streams/runtime/step.ts";
export { batchStage } from "./streams/runtime/batch-stage.ts";
export type { BatchStageOptions, ItemOutcome } from "./streams/runtime/batch-stage.ts";
export { fallBack } from "./streams/runtime/fall-back.ts";
export type { FallBackOptions } from "./streams/runtime/fall-back.ts";
export { Bug } from "./streams/runtime/rail.ts";
export type { Diversion, DivertedBy, DivertedTag, Envelope, Rail } from "./streams/runtime/rail.ts";
export { byFailure, deadLetter, done, notMine, retryLater } from "./streams/runtime/disposition.ts";
export type { Disposition } from "./streams/runtime/disposition.ts";
export { PipelineMistake } from "./streams/runtime/mistakes.ts";
export type { Work, WorkContext } from "./streams/runtime/one-try.ts";
export type { BatchAnswer, BatchContext, BatchWork } from "./streams/runtime/batch-call.ts";
export type { RetryPolicy } from "./streams/runtime/retry-schedule.ts";
export type { BreakerLimits } from "./streams/runtime/bug-breaker.ts";
export type { CommitPace } from "./streams/runtime/commits.ts";
export type { Ticket, TicketState } from "./streams/runtime/ticket.ts";
export type { RestartLimits } from "./streams/runtime/restarts.ts";
export type { WindowLimits } from "./streams/runtime/window.ts";
export type { Order } from "./streams/runtime/lanes.ts";
export type { EventListener, PipelineEvent, RuntimeEvent } from "./streams/runtime/events.ts";
export type { ItemHealth, PartitionHealth } from "./streams/runtime/health.ts";

// ports
export type {
  AssignmentListener,
  CommitAnswer,
  CommitMark,
  OffsetRecord,
  OffsetSource,
  Pulled,
  PullLimit,
  PullSource,
  QueueDisposition,
  QueueRecord,
  QueueSettlement,
  QueueSource,
  SourceCapabilities,
} from "./streams/runtime/source.ts";
export type { DeadLetterSink, DeadRecord, OutgoingRecord, Publisher } from "./streams/runtime/publisher.ts";
export { systemPorts } from "./streams/runtime/system-ports.ts";
export type { Cancel, Clock, SystemPorts } from "./streams/runtime/system-ports.ts";

// notices: names, the ledger and its table
export {
  attemptId,
  channelId,
  instant,
  noticeId,
  period,
  policyVersion,
  runId,
  workerId,
} from "./domain/ids.ts";
export type {
  AttemptId,
  ChannelId,
  Instant,
  NoticeId,
  Period,
  PolicyVersion,
  RunId,
  WorkerId,
} from "./domain/ids.ts";
export type { Command, CommandOf, CommandType } from "./domain/lifecycle/commands.ts";
export type { NoticeView, Verdict } from "./domain/lifecycle/rule.ts";
export type { Notice, Status } from "./domain/notice.ts";
export type {
  Answer,
  AnswerTo,
  ClaimAnswer,
  Ingested,
  ItemAnswer,
  NewNotice,
  NoticeLedger,
  NoticeRecord,
} from "./domain/ports/notice-ledger.ts";

// providers: what a sender is asked, and what it answers
export type { DeltaMs, ProviderClass, ProviderTerms } from "./domain/attempt.ts";
export { reveal, Sensitive } from "./domain/masking-sensitive.ts";
export type { Message, MessageParts } from "./domain/message.ts";
export type {
  LookUp,
  ProviderTrouble,
  Sender,
  SenderLimits,
  SendOutcome,
  SendRequest,
} from "./domain/ports/sender.ts";
export type {
  Acceptance,
  AcceptanceCursor,
  AcceptancePage,
  Arrival,
  ArrivingRequest,
  DoubleAcceptance,
  JournalReading,
  Judgement,
  ProviderJournal,
} from "./domain/ports/provider-journal.ts";

// in memory
export { fromIterable } from "./adapters/memory/iterable-source.ts";
export type { IterableSourceOptions } from "./adapters/memory/iterable-source.ts";
export { MemoryLog } from "./adapters/memory/log.ts";
export type { LogReader } from "./adapters/memory/log.ts";
export { MemoryQueue } from "./adapters/memory/queue.ts";
export { memoryDeadLetters } from "./adapters/memory/dead-letters.ts";
export type { MemoryDeadLetters } from "./adapters/memory/dead-letters.ts";
export { memoryProviderJournal } from "./adapters/memory/provider-journal.ts";
