/**
 * Random lives of a notice: any command after any other, mostly well-meant (the epoch, owner, attempt and copies that
 * the rows show), sometimes stale or wrong, while time goes on by leaps of every size.
 */
import fc from "fast-check";
import { isLive, type NonAcceptance, type ProviderTerms } from "../../../src/domain/attempt.ts";
import type { NextStep } from "../../../src/domain/fall-back.ts";
import { attemptId, type AttemptId, type Instant } from "../../../src/domain/ids.ts";
import type { Command, CommandType } from "../../../src/domain/lifecycle/commands.ts";
import type { Facts, NoticeView } from "../../../src/domain/lifecycle/rule.ts";
import { after, TABLE, transition, type Outcome } from "../../../src/domain/lifecycle/transition.ts";
import type { Status } from "../../../src/domain/notice.ts";
import {
  AGAIN,
  ANSWER_WINDOW_MS,
  CALM,
  DELTA_MS,
  HOLDER,
  LEASE_MS,
  MEMORY_MS,
  NOW,
  NO_MORE,
  OTHER,
  SECOND,
  SEND_WINDOW_MS,
  TERMS,
  TO_SMS,
  WINNING,
  viewIn,
} from "./samples.ts";

/** What is drawn; what it means depends on the rows that it meets. */
interface Draw {
  readonly type: CommandType;
  readonly wait: number;
  readonly astray: boolean;
  readonly stranger: boolean;
  readonly pick: number;
  readonly suppressed: boolean;
  readonly paused: boolean;
}

export interface Taken {
  readonly before: NoticeView;
  readonly command: Command;
  readonly facts: Facts;
  readonly outcome: Outcome;
  readonly after: NoticeView;
}

const TYPES = Object.keys(TABLE) as CommandType[]; // the table's keys
const WAITS = [0, 1, SECOND, SEND_WINDOW_MS, ANSWER_WINDOW_MS, LEASE_MS + 1, DELTA_MS, MEMORY_MS];
/** What usually comes next, so that lives get far; three draws in four are of these. */
const USUAL: Readonly<Record<Status, readonly [CommandType, ...CommandType[]]>> = {
  ready: ["route", "route", "route", "hold", "suppress"],
  queued: ["claim", "claim", "claim", "published"],
  claimed: [
    "begin-send",
    "begin-send",
    "begin-send",
    "renew",
    "lapse",
    "release",
    "unpreparable",
    "step-back",
  ],
  sending: ["doubt", "doubt", "definite-no", "definite-no", "accept", "overdue"],
  in_doubt: ["resend", "resend", "resolve", "resolve", "accept"],
  sent: ["accept"],
  failed: ["replay", "replay", "accept"],
  cancelled: ["replay", "replay", "accept"],
  suppressed: ["accept"],
  expired: ["accept"],
};

const draw: fc.Arbitrary<Draw> = fc.record({
  type: fc.constantFrom(...TYPES),
  wait: fc.constantFrom(...WAITS),
  astray: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  stranger: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  pick: fc.nat(),
  suppressed: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
  paused: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
});

const pickFrom = <A>(choices: readonly [A, ...A[]], pick: number): A =>
  choices[pick % choices.length] ?? choices[0];

const evidenceOf = (pick: number, copies: number, now: Instant): NonAcceptance =>
  pickFrom<NonAcceptance>(
    [
      { by: "operator", copies, words: "nothing there" },
      { by: "owner", owner: HOLDER, copies, words: "refused" },
      { by: "rejection", copies, words: "refused" },
      { by: "look-up", askedAt: now, copies, words: "not found" },
    ],
    pick,
  );

/** The rows that a draw meets, and what it means there. */
interface Met {
  readonly type: CommandType;
  readonly pick: number;
  readonly stranger: boolean;
  readonly notice: NoticeView["notice"];
  readonly known: NoticeView["attempts"][number] | undefined;
  readonly copies: number;
  readonly fresh: AttemptId;
  readonly now: Instant;
}

/** What is put into a command for a field that its sample has: a value of the same kind. */
const FIELDS: Readonly<Record<string, (met: Met) => unknown>> = {
  epoch: ({ notice, stranger, pick }) => notice.epoch - (stranger ? 1 + (pick % 2) : 0),
  owner: ({ notice, stranger }) => (stranger ? OTHER : (notice.owner ?? HOLDER)),
  attemptId: ({ type, stranger, known, fresh }) =>
    type === "begin-send" && !stranger ? fresh : (known?.attemptId ?? fresh),
  copies: ({ copies }) => copies,
  evidence: ({ pick, copies, now }) => evidenceOf(pick, copies, now),
  terms: ({ pick }) => pickFrom<ProviderTerms>([TERMS.A, TERMS.B, TERMS.C], Math.floor(pick / 7)),
  next: ({ pick }) => pickFrom<NextStep>([TO_SMS, AGAIN, NO_MORE], Math.floor(pick / 11)),
  outcome: ({ pick }) => pickFrom(["rejected", "not_handed_over"], Math.floor(pick / 13)),
  generation: ({ notice, stranger }) => notice.generation - (stranger ? 1 : 0),
  expiresAt: ({ pick, now }) => pickFrom([null, (now + MEMORY_MS) as Instant], pick), // a sum of an instant is one
  reason: ({ type, notice, pick }) =>
    type === "unhold" ? (notice.holdReason ?? "paused") : pickFrom(["paused", "policy", "operator"], pick),
  connectedAt: ({ pick, now }) => now - pickFrom([LEASE_MS, 0], pick),
  maxLapses: () => 2,
  gate: ({ now }) => ({
    ...WINNING.resend.gate,
    openFrom: now,
    openUntil: (now + 2 * MEMORY_MS) as Instant, // as above
  }),
};

const FIELDS_OF = new Map(
  TYPES.map((type) => [type, Object.entries(FIELDS).filter(([name]) => name in WINNING[type])]),
);

const commandFor = (drawn: Draw, view: NoticeView, now: Instant, count: number): Command => {
  const { notice, attempts } = view;
  const { pick, stranger } = drawn;
  const isHeld = notice.status === "ready" && notice.holdReason !== null;
  const usual = isHeld ? "unhold" : pickFrom(USUAL[notice.status], pick);
  const type = drawn.astray ? drawn.type : usual;
  const live = attempts.find(({ state, generation }) => isLive(state) && generation === notice.generation);
  const known = stranger ? attempts[pick % Math.max(1, attempts.length)] : live;
  const copies = stranger ? pick % 3 : (known?.copies ?? 1);
  const fresh = attemptId(`attempt-${count}`);
  const met: Met = { type, pick, stranger, notice, known, copies, fresh, now };
  const command: Record<string, unknown> = { ...WINNING[type] };
  for (const [name, valueOf] of FIELDS_OF.get(type) ?? []) command[name] = valueOf(met);
  return command as unknown as Command; // the sample's fields, each with a value of its own kind
};

/** What happened to one notice, from its ingest on. */
export const journey: fc.Arbitrary<readonly Taken[]> = fc
  .array(draw, { minLength: 30, maxLength: 60 })
  .map((draws) => {
    let view = viewIn("ready", { expiresAt: (NOW + 4 * MEMORY_MS) as Instant }); // as above
    let now: Instant = NOW;
    return draws.map((drawn, count) => {
      now = (now + drawn.wait) as Instant; // as above
      const command = commandFor(drawn, view, now, count);
      const facts: Facts = { ...CALM, now, suppressed: drawn.suppressed, paused: drawn.paused ? ["*"] : [] };
      const outcome = transition(view, command, facts);
      const taken = {
        before: view,
        command,
        facts,
        outcome,
        after: outcome.verdict === "won" ? after(view, outcome.change) : view,
      };
      view = taken.after;
      return taken;
    });
  });
