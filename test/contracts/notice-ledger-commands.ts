/**
 * Commands as a worker, a sweeper or an operator would make them, with what a case does not care about filled in.
 */
import type { ProviderTerms } from "../../src/domain/attempt.ts";
import {
  attemptId,
  channelId,
  instant,
  noticeId,
  period,
  policyVersion,
  workerId,
  type NoticeId,
} from "../../src/domain/ids.ts";
import type { Command, CommandOf, CommandType } from "../../src/domain/lifecycle/commands.ts";
import type { NewNotice } from "../../src/domain/ports/notice-ledger.ts";

export const START = 1_700_000_000_000;
export const HOUR = 3_600_000;
export const EMAIL = channelId("email");
export const SMS = channelId("sms");
export const WORKER = workerId("worker-1");
export const PERIOD = period(202311);
export const CLASS_A: ProviderTerms = { class: "A", windowMs: 24 * HOUR, deltaMs: 1_000 };

export const SEND_WINDOW_MS = 10_000;
export const LEASE_MS = 30_000;

export const aNotice = (id: string, more: Partial<NewNotice> = {}): NewNotice => ({
  noticeId: noticeId(id),
  period: PERIOD,
  billId: `bill-of-${id}`,
  purpose: "bill",
  userId: `user-of-${id}`,
  kind: "bill",
  priority: 0,
  dueAt: instant(START),
  expiresAt: instant(START + 100 * HOUR),
  contacts: { [EMAIL]: "encrypted e-mail", [SMS]: "encrypted phone" },
  routing: { quiet: [] },
  content: { items: [1, 2] },
  actor: "intake",
  ...more,
});

/** What each command says where a case does not care. */
const DEFAULTS: {
  readonly [T in CommandType]: Omit<CommandOf<T>, "type" | "noticeId" | "period" | "actor">;
} = {
  route: {
    epoch: 0,
    choice: { channel: EMAIL, policyVersion: policyVersion(1) },
    runId: null,
    republishInMs: 60_000,
  },
  hold: { epoch: 0, reason: "operator", dueAt: null },
  unhold: { reason: "operator" },
  suppress: {},
  published: { epoch: 1, republishInMs: 120_000 },
  claim: { epoch: 1, owner: WORKER, leaseMs: LEASE_MS },
  renew: { epoch: 2, leaseMs: LEASE_MS },
  lapse: { epoch: 2, connectedAt: instant(START), leaseMs: LEASE_MS, maxLapses: 5 },
  release: { epoch: 2, dueInMs: 5_000 },
  unpreparable: {
    epoch: 2,
    next: { kind: "queue", channel: SMS, attemptNo: 1, dueInMs: 0 },
    reason: "no template",
    republishInMs: 60_000,
  },
  "begin-send": {
    epoch: 2,
    attemptId: attemptId("attempt-1"),
    provider: "simulated",
    providerKey: "key-1",
    contentDigest: "digest",
    sendWindowMs: SEND_WINDOW_MS,
    gate: { policyVersion: policyVersion(1), openFrom: instant(0), openUntil: instant(START + 1e10) },
  },
  "step-back": { epoch: 2, sendWindowMs: SEND_WINDOW_MS, reopensAt: null },
  accept: { attemptId: attemptId("attempt-1"), providerMessageId: "message-1", evidence: "answer 250" },
  "definite-no": {
    owner: WORKER,
    attemptId: attemptId("attempt-1"),
    outcome: "rejected",
    next: { kind: "fail", because: "the last channel" },
    reason: "mailbox unknown",
    republishInMs: 60_000,
  },
  doubt: { owner: WORKER, attemptId: attemptId("attempt-1"), reason: "the answer did not come" },
  overdue: { answerWindowMs: 20_000 },
  resend: {
    attemptId: attemptId("attempt-1"),
    copies: 1,
    contentDigest: "digest",
    sendWindowMs: SEND_WINDOW_MS,
    terms: CLASS_A,
    gate: { policyVersion: policyVersion(1), openFrom: instant(0), openUntil: instant(START + 1e10) },
  },
  resolve: {
    attemptId: attemptId("attempt-1"),
    outcome: "rejected",
    evidence: { by: "rejection", copies: 1, words: "the provider refused the repeat" },
    terms: CLASS_A,
    next: { kind: "fail", because: "the last channel" },
    republishInMs: 60_000,
  },
  replay: { generation: 1, expiresAt: null },
  cancel: { reason: "the customer has paid" },
  expire: {},
};

export const command = <T extends CommandType>(
  type: T,
  id: string,
  more: Partial<CommandOf<T>> = {},
): CommandOf<T> =>
  // The parts of one command, put together by its type.
  ({
    type,
    noticeId: noticeId(id),
    period: PERIOD,
    actor: "worker-1",
    ...DEFAULTS[type],
    ...more,
  }) as unknown as CommandOf<T>;

export const idOf = (each: Command): NoticeId => each.noticeId;
