/**
 * The public surface of `millrace`: the runtime, the stages and pipelines of notices, the ports that a user implements, and their
 * twins in memory. What needs a vendor's package, or the machine, has an entry of its own: `millrace/postgres`, `/providers`,
 * `/kafka`, `/templates`, `/crypto`, `/files`.
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
export type { Attempt } from "./domain/attempt.ts";
export type { DeadLetter } from "./domain/dead-letter.ts";
export type { NextStep } from "./domain/fall-back.ts";
export type { HoldReason, Notice, Status } from "./domain/notice.ts";
export type {
  Answer,
  AnswerTo,
  ClaimAnswer,
  Contents,
  DueCursor,
  Ingested,
  ItemAnswer,
  NewNotice,
  NoticeLedger,
  NoticeRecord,
  PoisonDigest,
  PoisonRecord,
  StoredPolicy,
} from "./domain/ports/notice-ledger.ts";

// notices: the policy, and what of a person may be shown
export { decodePolicy, policyErrorInWords } from "./domain/policy-decoder.ts";
export type { PolicyError } from "./domain/policy-decoder.ts";
export type { Backoff, ChannelRule, Policy, SendDays } from "./domain/policy.ts";
export { maskEmail, maskName, maskPhone, maskWhole } from "./domain/masking.ts";
export type { Masked } from "./domain/masking.ts";
export { conceal, reveal, Sensitive } from "./domain/masking-sensitive.ts";
export type { Concealed } from "./domain/masking-sensitive.ts";
export { logText } from "./domain/masking-loggable.ts";
export type { Loggable, LogText } from "./domain/masking-loggable.ts";
export { contactRule } from "./domain/contact-rules.ts";
export type { ReadContact } from "./domain/contact-rules.ts";

// notices: ports that a user implements, or takes from an entry of its own
export type { Bill, BillFields, BillRef, StoredBill } from "./domain/bill.ts";
export type { BillStore } from "./domain/ports/bill-store.ts";
export type { ContentCipher } from "./domain/ports/content-cipher.ts";
export type { DoubtfulNotice, DoubtKey, Doubts } from "./domain/ports/doubts.ts";
export type { Letter, LetterAnswer, LetterName, Letters, ResendCursor } from "./domain/ports/letters.ts";
export type { PoisonLetters, PoisonName, UntoldPoison } from "./domain/ports/poison-letters.ts";
export type { Results, UntoldResult } from "./domain/ports/results.ts";
export type { ResultRecord } from "./domain/records/result-record.ts";
export type { Policies } from "./domain/ports/policies.ts";
export type { ClaimedPage, ClaimPage, QueuedNotices } from "./domain/ports/queued-notices.ts";
export type {
  OpenedRun,
  Run,
  RunFigures,
  RunPage,
  RunRequest,
  RunRouted,
  Runs,
} from "./domain/ports/runs.ts";
export type { RenderRequest, TemplateStore } from "./domain/ports/template-store.ts";

// notices, providers: what a sender is asked, and what it answers
export type { DeltaMs, ProviderClass, ProviderTerms } from "./domain/attempt.ts";
export type { Message, MessageParts, Rendered, TemplateVersion } from "./domain/message.ts";
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

// notices, intake: from the candidate rows to the log
export { carryOutRun } from "./streams/intake/carry-out-run.ts";
export type { RunInHand } from "./streams/intake/carry-out-run.ts";
export { intakePipeline } from "./streams/intake/intake-pipeline.ts";
export type { IntakeLimits, IntakePorts } from "./streams/intake/intake-ports.ts";
export type { Routed } from "./streams/intake/bodies.ts";

// notices, delivery: from the log to the settled notice
export { deliveryPipeline } from "./streams/delivery/delivery-pipeline.ts";
export type { DeliveryLog } from "./streams/delivery/delivery-pipeline.ts";
export { DELIVERY_LIMITS } from "./streams/delivery/delivery-ports.ts";
export type { DeliveryLimits, DeliveryPorts, SendPorts } from "./streams/delivery/delivery-ports.ts";
export { ledgerDelivery } from "./streams/delivery/ledger-delivery.ts";
export type { LedgerDeliveryOptions } from "./streams/delivery/ledger-delivery.ts";
export { ledgerLog } from "./streams/delivery/ledger-log.ts";
export type { LedgerLogOptions } from "./streams/delivery/ledger-log.ts";
export { asItIs, consumeRequests } from "./streams/delivery/consume-requests.ts";
export type { ReadRequest } from "./streams/delivery/consume-requests.ts";
export { claimNotice } from "./streams/delivery/claim-notice.ts";
export { loadBill } from "./streams/delivery/load-bill.ts";
export { decryptContact } from "./streams/delivery/decrypt-contact.ts";
export type { DecryptPorts } from "./streams/delivery/decrypt-contact.ts";
export { renderNotice } from "./streams/delivery/render-notice.ts";
export { sendNotice } from "./streams/delivery/send-notice.ts";
export type { SendDiversion, SendNotice } from "./streams/delivery/send-notice.ts";
export { fallBack as noticeFallBack } from "./streams/delivery/fall-back.ts";
export type { Journey, NoticeFallBack, WayOut } from "./streams/delivery/fall-back.ts";
export { settleNotice } from "./streams/delivery/settle-notice.ts";
export type { KeepPoison } from "./streams/delivery/dead-letter.ts";
export type {
  Begun,
  Claimed,
  Entitled,
  Loaded,
  Opened,
  Permitted,
  Prepared,
  Request as NoticeRequest,
  Sent,
  Settlement,
  Settling,
  SettlingType,
} from "./streams/delivery/bodies.ts";
export { Leases } from "./streams/delivery/leases.ts";
export type { LeasesOptions } from "./streams/delivery/leases.ts";
export { ProviderGate } from "./streams/delivery/provider-gate.ts";
export type { Permit } from "./streams/delivery/permit.ts";
export type { ProviderGateOptions } from "./streams/delivery/provider-gate.ts";
export type { GateChange } from "./streams/delivery/gate-words.ts";
export type { PauseCause } from "./streams/delivery/provider-sign.ts";
export type { BreakerState } from "./streams/delivery/provider-breaker.ts";
export type { BreakerLimits as ProviderBreakerLimits } from "./streams/delivery/breaker-limits.ts";

// notices, upkeep: what brings to its end whatever nobody is working on
export type { Outbox, Relayed, TellPage } from "./streams/upkeep/relay.ts";
export { startUpkeep } from "./streams/upkeep/upkeep.ts";
export type { Upkeep, UpkeepHealth } from "./streams/upkeep/upkeep.ts";
export type { UpkeepEvent, UpkeepListener } from "./streams/upkeep/upkeep-events.ts";
export type { UpkeepLimits } from "./streams/upkeep/upkeep-limits.ts";
export type {
  QueuedNotice,
  UpkeepLedger,
  UpkeepPorts,
  UpkeepProvider,
} from "./streams/upkeep/upkeep-ports.ts";

// in memory
export { fromIterable } from "./adapters/memory/iterable-source.ts";
export type { IterableSourceOptions } from "./adapters/memory/iterable-source.ts";
export { MemoryLog } from "./adapters/memory/log.ts";
export type { LogReader } from "./adapters/memory/log.ts";
export { MemoryQueue } from "./adapters/memory/queue.ts";
export { memoryDeadLetters } from "./adapters/memory/dead-letters.ts";
export type { MemoryDeadLetters } from "./adapters/memory/dead-letters.ts";
export { memoryProviderJournal } from "./adapters/memory/provider-journal.ts";
export { memoryLedger } from "./adapters/memory/notice-ledger.ts";
export type {
  EndedGeneration,
  KeptPoison,
  MemoryLedger,
  MemoryLedgerOptions,
} from "./adapters/memory/notice-ledger.ts";
export { memoryQueuedNotices } from "./adapters/memory/queued-notices.ts";
export { memoryRuns } from "./adapters/memory/runs.ts";
export { memoryLetters } from "./adapters/memory/letters.ts";
export { memoryPoisonLetters } from "./adapters/memory/poison-letters.ts";
export { memoryResults } from "./adapters/memory/results.ts";
export { memoryDoubts } from "./adapters/memory/doubts.ts";
export { policiesAtHand } from "./adapters/memory/policies-at-hand.ts";
export type { PoliciesAtHand } from "./adapters/memory/policies-at-hand.ts";
