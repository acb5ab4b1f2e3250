/**
 * A notice in each status, with the attempts and letters that belong to it, and for each command the ask that wins
 * there. Teaching examples start from these and change one thing; the systematic edges change everything in turn.
 */
import type { Attempt, AttemptState } from "../../../src/domain/attempt.ts";
import type { DeadLetter, DeadLetterKind } from "../../../src/domain/dead-letter.ts";
import {
  attemptId,
  channelId,
  instant,
  noticeId,
  period,
  policyVersion,
  runId,
  workerId,
  type Instant,
} from "../../../src/domain/ids.ts";
import type { Command, CommandOf, CommandType } from "../../../src/domain/lifecycle/commands.ts";
import type { Facts, NoticeView } from "../../../src/domain/lifecycle/rule.ts";
import type { Notice, Status } from "../../../src/domain/notice.ts";

export const NOW = instant(Date.UTC(2026, 0, 5, 3));
/** So many milliseconds from now. */
export const at = (ms: number): Instant => instant(NOW + ms);
export const SECOND = 1_000;
export const LEASE_MS = 30 * SECOND;
export const SEND_WINDOW_MS = 10 * SECOND;
export const ANSWER_WINDOW_MS = 20 * SECOND;
export const DELTA_MS = 60 * SECOND;
/** What a class A provider remembers a key for, and a class B provider an acceptance. */
export const MEMORY_MS = 600 * SECOND;
export const EMAIL = channelId("email");
export const SMS = channelId("sms");
export const EPOCH = 7;
export const HOLDER = workerId("worker-1");
export const OTHER = workerId("worker-2");
export const ATTEMPT = attemptId("attempt-1");
export const NEXT_ATTEMPT = attemptId("attempt-2");
export const ID = { noticeId: noticeId("notice-1"), period: period(202601) } as const;

export const CALM: Facts = { now: NOW, suppressed: false, paused: [], activePolicyVersion: policyVersion(2) };

const ROUTED = {
  channel: EMAIL,
  policyVersion: policyVersion(1),
  attemptNo: 1,
  runId: runId("run-1"),
} as const;
const BY_STATUS: Readonly<Record<Status, Partial<Notice>>> = {
  ready: {},
  queued: { ...ROUTED, republishAt: NOW, publishes: 1 },
  claimed: { ...ROUTED, owner: HOLDER, leaseUntil: at(LEASE_MS) },
  sending: { ...ROUTED, owner: HOLDER },
  in_doubt: { ...ROUTED, owner: HOLDER },
  sent: ROUTED,
  failed: ROUTED,
  cancelled: ROUTED,
  suppressed: {},
  expired: ROUTED,
};

export const noticeIn = (status: Status, different: Partial<Notice> = {}): Notice => ({
  ...ID,
  status,
  epoch: EPOCH,
  generation: 1,
  attemptNo: 0,
  channel: null,
  policyVersion: null,
  owner: null,
  leaseUntil: null,
  lapses: 0,
  dueAt: at(-SECOND),
  holdReason: null,
  republishAt: null,
  publishes: 0,
  expiresAt: at(3_600 * SECOND),
  runId: null,
  cancelRequested: false,
  ...BY_STATUS[status],
  ...different,
});

export const attemptIn = (state: AttemptState, different: Partial<Attempt> = {}): Attempt => ({
  ...ID,
  attemptId: ATTEMPT,
  generation: 1,
  attemptNo: 1,
  epoch: EPOCH,
  channel: EMAIL,
  provider: "simulated",
  providerKey: "key-1",
  contentDigest: "digest-1",
  intentAt: at(-SECOND),
  sendBy: at(SEND_WINDOW_MS - SECOND),
  copies: 1,
  state,
  providerMessageId: state === "accepted" ? "message-1" : null,
  evidence: state === "intent" || state === "in_doubt" ? null : "as the provider answered",
  contradiction: null,
  ...different,
});

/** An attempt of which no copy can be accepted any more. */
export const settledDoubt = (different: Partial<Attempt> = {}): Attempt =>
  attemptIn("in_doubt", {
    intentAt: at(-DELTA_MS - SEND_WINDOW_MS - SECOND),
    sendBy: at(-DELTA_MS - SECOND),
    ...different,
  });

export const letterOf = (kind: DeadLetterKind, different: Partial<DeadLetter> = {}): DeadLetter => ({
  ...ID,
  epoch: EPOCH,
  kind,
  generation: 1,
  attemptId: ATTEMPT,
  reason: "as reported",
  state: "open",
  openedAt: at(-SECOND),
  ...different,
});

export const viewOf = (
  notice: Notice,
  attempts: readonly Attempt[] = [],
  deadLetters: readonly DeadLetter[] = [],
): NoticeView => ({ notice, attempts, deadLetters });

/** A well-formed notice in each status. */
export const viewIn = (status: Status, different: Partial<Notice> = {}): NoticeView => {
  const notice = noticeIn(status, different);
  switch (status) {
    case "sending":
      return viewOf(notice, [attemptIn("intent")]);
    case "in_doubt":
      return viewOf(notice, [settledDoubt()], [letterOf("doubt")]);
    case "sent":
      return viewOf(notice, [attemptIn("accepted")]);
    case "failed":
      return viewOf(notice, [attemptIn("rejected", { epoch: EPOCH - 1 })], [letterOf("failed")]);
    case "ready":
    case "queued":
    case "claimed":
    case "cancelled":
    case "suppressed":
    case "expired":
      return viewOf(notice);
  }
};

const GATE = {
  policyVersion: policyVersion(2),
  openFrom: at(-SECOND),
  openUntil: at(3_600 * SECOND),
} as const;
const terms = {
  A: { class: "A", windowMs: MEMORY_MS, deltaMs: DELTA_MS },
  B: { class: "B", findableMs: MEMORY_MS, deltaMs: DELTA_MS },
  C: { class: "C", deltaMs: DELTA_MS },
} as const;
export const TERMS = terms;
export const TO_SMS = { kind: "queue", channel: SMS, attemptNo: 1, dueInMs: 0 } as const;
export const AGAIN = { kind: "queue", channel: EMAIL, attemptNo: 2, dueInMs: 5 * SECOND } as const;
export const NO_MORE = { kind: "fail", because: "no channel is left" } as const;

const by = (actor: string): { readonly actor: string } & typeof ID => ({ ...ID, actor });
const REPUBLISH = { republishInMs: 60 * SECOND } as const;

/** The ask that wins on the view beside it (`winningViews`), for each command. */
export const WINNING: { readonly [T in CommandType]: CommandOf<T> } = {
  route: {
    ...by("router"),
    type: "route",
    epoch: EPOCH,
    choice: { channel: EMAIL, policyVersion: policyVersion(2) },
    runId: runId("run-1"),
    ...REPUBLISH,
  },
  hold: { ...by("router"), type: "hold", epoch: EPOCH, reason: "paused", dueAt: null },
  unhold: { ...by("upkeep"), type: "unhold", reason: "paused" },
  suppress: { ...by("router"), type: "suppress" },
  published: { ...by("publisher"), type: "published", epoch: EPOCH, ...REPUBLISH },
  claim: { ...by(HOLDER), type: "claim", epoch: EPOCH, owner: HOLDER, leaseMs: LEASE_MS },
  renew: { ...by(HOLDER), type: "renew", epoch: EPOCH, leaseMs: LEASE_MS },
  lapse: {
    ...by("sweeper"),
    type: "lapse",
    epoch: EPOCH,
    connectedAt: at(-LEASE_MS),
    leaseMs: LEASE_MS,
    maxLapses: 5,
  },
  release: { ...by(HOLDER), type: "release", epoch: EPOCH, dueInMs: 5 * SECOND },
  unpreparable: {
    ...by(HOLDER),
    type: "unpreparable",
    epoch: EPOCH,
    next: TO_SMS,
    reason: "no usable address",
    ...REPUBLISH,
  },
  "begin-send": {
    ...by(HOLDER),
    type: "begin-send",
    epoch: EPOCH,
    attemptId: NEXT_ATTEMPT,
    provider: "simulated",
    providerKey: "key-2",
    contentDigest: "digest-1",
    sendWindowMs: SEND_WINDOW_MS,
    gate: GATE,
  },
  "step-back": {
    ...by(HOLDER),
    type: "step-back",
    epoch: EPOCH,
    sendWindowMs: SEND_WINDOW_MS,
    reopensAt: null,
  },
  accept: {
    ...by("receipt"),
    type: "accept",
    attemptId: ATTEMPT,
    providerMessageId: "message-1",
    evidence: "the provider's answer",
  },
  "definite-no": {
    ...by(HOLDER),
    type: "definite-no",
    owner: HOLDER,
    attemptId: ATTEMPT,
    outcome: "rejected",
    next: TO_SMS,
    reason: "no such mailbox",
    ...REPUBLISH,
  },
  doubt: { ...by(HOLDER), type: "doubt", owner: HOLDER, attemptId: ATTEMPT, reason: "no answer" },
  overdue: { ...by("sweeper"), type: "overdue", answerWindowMs: ANSWER_WINDOW_MS },
  resend: {
    ...by("upkeep"),
    type: "resend",
    attemptId: ATTEMPT,
    copies: 1,
    contentDigest: "digest-1",
    sendWindowMs: SEND_WINDOW_MS,
    terms: terms.A,
    gate: GATE,
  },
  resolve: {
    ...by("upkeep"),
    type: "resolve",
    attemptId: ATTEMPT,
    outcome: "not_handed_over",
    evidence: { by: "look-up", askedAt: NOW, copies: 1, words: "not found" },
    terms: terms.B,
    next: TO_SMS,
    ...REPUBLISH,
  },
  replay: { ...by("operator:kim"), type: "replay", generation: 1, expiresAt: null },
  cancel: { ...by("operator:kim"), type: "cancel", reason: "withdrawn" },
  expire: { ...by("sweeper"), type: "expire" },
};

/** Views on which a command wins; the first is the plain case. */
export const winningViews = (type: CommandType): readonly [NoticeView, ...NoticeView[]] => {
  switch (type) {
    case "route":
      return [viewIn("ready"), viewIn("ready", ROUTED)];
    case "hold":
    case "suppress":
      return [viewIn("ready")];
    case "unhold":
      return [viewIn("ready", { holdReason: "paused" })];
    case "published":
    case "claim":
      return [viewIn("queued")];
    case "renew":
    case "release":
    case "unpreparable":
    case "begin-send":
    case "step-back":
      return [viewIn("claimed")];
    case "lapse":
      return [
        viewIn("claimed", { leaseUntil: at(-1) }),
        viewIn("claimed", { leaseUntil: at(-1), lapses: 4 }),
      ];
    case "accept":
      return [viewIn("sending"), viewIn("in_doubt"), viewIn("failed")];
    case "definite-no":
    case "doubt":
      return [viewIn("sending")];
    case "overdue": {
      const sendBy = at(-ANSWER_WINDOW_MS - 1);
      return [
        viewOf(noticeIn("sending"), [
          attemptIn("intent", { sendBy, intentAt: at(-ANSWER_WINDOW_MS - SECOND) }),
        ]),
      ];
    }
    case "resend":
    case "resolve":
      return [viewIn("in_doubt"), viewIn("in_doubt", { cancelRequested: true })];
    case "replay":
      return [viewIn("failed"), viewIn("cancelled")];
    case "cancel":
      return [viewIn("queued"), viewIn("sending"), viewIn("ready", { holdReason: "paused" })];
    case "expire":
      return [viewIn("queued", { expiresAt: NOW }), viewIn("claimed", { expiresAt: NOW })];
  }
};

export const factsFor = (command: Command): Facts =>
  command.type === "suppress" ? { ...CALM, suppressed: true } : CALM;
