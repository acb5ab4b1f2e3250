/**
 * Random walks of notices through the table: at each step every notice gets a command that fits its status, mostly with
 * the right particulars, sometimes with wrong ones, sometimes its last command once more.
 */
import type { DeltaMs, NonAcceptance, ProviderTerms } from "../../src/domain/attempt.ts";
import type { NextStep } from "../../src/domain/fall-back.ts";
import { attemptId, instant, policyVersion, workerId, type Instant } from "../../src/domain/ids.ts";
import type { Command, CommandOf, CommandType, Gate } from "../../src/domain/lifecycle/commands.ts";
import type { NoticeView } from "../../src/domain/lifecycle/rule.ts";
import { HOLD_REASONS, type Status } from "../../src/domain/notice.ts";
import { command, EMAIL, SMS, START } from "./notice-ledger-commands.ts";

/** From 0 to 1, by a seed: mulberry32. */
export type Dice = () => number;
export const diceOf = (seed: number): Dice => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export const pick = <A>(dice: Dice, choices: readonly [A, ...A[]]): A =>
  choices[Math.floor(dice() * choices.length)] as A; // within the bounds

const mostly = <A>(dice: Dice, usual: A, ...others: readonly A[]): A =>
  others.length === 0 || dice() < 0.85 ? usual : pick(dice, [usual, ...others]);

/** What somebody who looks at a notice in this status would do next. */
const FITTING: { readonly [S in Status]: readonly [CommandType, ...CommandType[]] } = {
  ready: ["route", "route", "route", "route", "hold", "unhold", "suppress", "expire", "cancel"],
  queued: ["claim", "claim", "claim", "claim", "published", "accept", "cancel", "expire"],
  claimed: [
    ...(["begin-send", "begin-send", "begin-send", "begin-send", "renew", "lapse"] as const),
    ...(["release", "unpreparable", "step-back", "accept", "cancel", "expire"] as const),
  ],
  sending: ["accept", "definite-no", "definite-no", "definite-no", "doubt", "doubt", "overdue", "cancel"],
  in_doubt: ["resend", "resend", "resend", "resolve", "resolve", "accept", "cancel"],
  sent: ["accept", "unhold", "cancel"],
  failed: ["replay", "replay", "accept", "unhold"],
  cancelled: ["replay", "cancel", "accept"],
  suppressed: ["suppress", "unhold"],
  expired: ["expire", "replay"],
};

const ALL = [...new Set(Object.values(FITTING).flat())] as [CommandType, ...CommandType[]];

/** Durations of the size of the walk's own steps, so that every comparison of times is met from both sides. */
const SHORT = [1, 500, 5_000, 20_000, 60_000] as const;

const termsOf = (dice: Dice): ProviderTerms => {
  const deltaMs = mostly<DeltaMs>(dice, pick(dice, [0, 1, 500]), "never");
  const promise = pick(dice, SHORT) * 10;
  return pick(dice, [
    { class: "A", windowMs: promise, deltaMs },
    { class: "A", windowMs: promise, deltaMs },
    { class: "B", findableMs: promise, deltaMs },
    { class: "C", deltaMs },
  ]);
};

const nextOf = (dice: Dice): NextStep =>
  pick(dice, [
    { kind: "queue", channel: EMAIL, attemptNo: 2, dueInMs: pick(dice, [0, 500]) },
    { kind: "queue", channel: SMS, attemptNo: 1, dueInMs: 0 },
    { kind: "fail", because: "the last channel" },
  ]);

const gateOf = (dice: Dice, now: Instant): Gate => ({
  policyVersion: policyVersion(mostly(dice, 1, 2)),
  openFrom: instant(mostly(dice, 0, now, now + 1)),
  openUntil: instant(mostly(dice, 9e15, now, now + 500, now + 5_001)),
});

const evidenceOf = (dice: Dice, copies: number, now: Instant, view: NoticeView): NonAcceptance => {
  const words = "seen by a person";
  return pick<NonAcceptance>(dice, [
    { by: "owner", owner: view.notice.owner ?? workerId("nobody"), copies, words },
    { by: "owner", owner: workerId("nobody"), copies, words },
    { by: "rejection", copies, words },
    { by: "look-up", askedAt: instant(now - pick(dice, [0, 500, 5_000])), copies, words },
    { by: "operator", copies, words },
  ]);
};

/** The particulars of each command that the notice's own state decides. */
const particulars = (
  dice: Dice,
  type: CommandType,
  view: NoticeView,
  now: Instant,
): Readonly<Record<string, unknown>> => {
  const { notice, attempts } = view;
  const epoch = mostly(dice, notice.epoch, notice.epoch - 1, notice.epoch + 1);
  const owner = mostly(dice, notice.owner ?? workerId("worker-1"), workerId("worker-2"));
  const last = attempts.at(-1);
  const named = mostly(
    dice,
    last?.attemptId ?? attemptId("none"),
    ...attempts.map((attempt) => attempt.attemptId),
    attemptId("none"),
  );
  const copies = mostly(dice, last?.copies ?? 1, 2);
  const sendWindowMs = pick(dice, [1, 500, 5_000]);
  const republishInMs = pick(dice, SHORT);
  switch (type) {
    case "route":
      return {
        epoch,
        choice: mostly(dice, { channel: pick(dice, [EMAIL, SMS]), policyVersion: policyVersion(1) }, null),
        runId: pick(dice, [null, "run-1"]),
        republishInMs,
      };
    case "hold":
      return {
        epoch,
        reason: pick(dice, [null, ...HOLD_REASONS]),
        dueAt: pick(dice, [null, instant(now + 500)]),
      };
    case "unhold":
      return { reason: mostly(dice, notice.holdReason ?? "operator", ...HOLD_REASONS) };
    case "published":
      return { epoch, republishInMs };
    case "claim":
      return {
        epoch,
        owner: pick(dice, [workerId("worker-1"), workerId("worker-2")]),
        leaseMs: pick(dice, SHORT),
      };
    case "renew":
      return { epoch, leaseMs: pick(dice, SHORT) };
    case "lapse":
      return {
        epoch,
        connectedAt: instant(mostly(dice, START - 100_000, now)),
        leaseMs: pick(dice, SHORT),
        maxLapses: pick(dice, [1, 2, 5]),
      };
    case "release":
      return { epoch, dueInMs: pick(dice, [0, 500]) };
    case "unpreparable":
      return { epoch, next: nextOf(dice), reason: 'no template, "quoted"', republishInMs };
    case "begin-send":
      return {
        epoch,
        attemptId: mostly(dice, attemptId(`${notice.noticeId}/${attempts.length}`), named),
        sendWindowMs,
        gate: gateOf(dice, now),
      };
    case "step-back":
      return { epoch, sendWindowMs, reopensAt: pick(dice, [null, instant(now - 1), instant(now + 500)]) };
    case "accept":
      // An old attempt's acceptance is the rarest news and the worst.
      return { attemptId: pick(dice, [named, named, attempts[0]?.attemptId ?? named]) };
    case "definite-no":
      return {
        owner,
        attemptId: named,
        outcome: pick(dice, ["rejected", "not_handed_over"]),
        next: nextOf(dice),
        republishInMs,
      };
    case "doubt":
      return { owner, attemptId: named };
    case "overdue":
      return { answerWindowMs: pick(dice, [0, 500]) };
    case "resend":
      return {
        attemptId: named,
        copies,
        contentDigest: mostly(dice, "digest", "other"),
        sendWindowMs,
        terms: pick(dice, [termsOf(dice), { class: "A", windowMs: 100_000_000, deltaMs: 0 }]),
        gate: gateOf(dice, now),
      };
    case "resolve":
      return {
        attemptId: named,
        outcome: pick(dice, ["rejected", "not_handed_over"]),
        evidence: evidenceOf(dice, copies, now, view),
        terms: termsOf(dice),
        next: nextOf(dice),
        republishInMs,
      };
    case "replay":
      return {
        generation: mostly(dice, notice.generation, notice.generation + 1),
        expiresAt: pick(dice, [null, instant(now), instant(now + 60_000_000)]),
      };
    case "suppress":
    case "cancel":
    case "expire":
      return {};
  }
};

export const nextCommand = (
  dice: Dice,
  view: NoticeView,
  now: Instant,
  before: Command | undefined,
): Command => {
  if (before !== undefined && dice() < 0.15) return before;
  const type = mostly(dice, pick(dice, FITTING[view.notice.status]), pick(dice, ALL));
  // The particulars are those of this type.
  const more = particulars(dice, type, view, now) as Partial<CommandOf<CommandType>>;
  return command(type, view.notice.noticeId, more);
};
