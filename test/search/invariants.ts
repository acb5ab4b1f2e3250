/**
 * What must hold on every edge of the ledger, whoever asked: read from `docs/guarantees.md`, and sharing no code with
 * the table. What the provider saw (S1, S2, S7, S12) is the world's to check; here is what rows alone can show.
 */
import { isLive, type Attempt, type AttemptState } from "../../src/domain/attempt.ts";
import type { NoticeView } from "../../src/domain/lifecycle/rule.ts";
import { after, type Outcome } from "../../src/domain/lifecycle/transition.ts";
import { isFinal, STATUSES, type HoldReason, type Status } from "../../src/domain/notice.ts";
import { CHANNELS, type Bounds } from "./bounds.ts";
import type { Ask } from "./ask.ts";

/**
 * Which invariants count: all, or only harm, which somebody outside can see. The rest is form (an old epoch's write,
 * a path that is not in the table, rows that do not belong together): without form harm is a matter of time, and a
 * search for harm alone shows the time.
 */
export type Counting = "all" | "harm";

/** A broken invariant: its name in `docs/guarantees.md`, and what was seen. */
export interface Broken {
  readonly invariant: string;
  readonly seen: string;
}

type Won = Extract<Outcome, { readonly verdict: "won" }>;

/** S5: the table once more, from where to where. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  T2: ["ready>queued"],
  T2h: ["ready>ready"],
  T2x: ["ready>suppressed"],
  TP: ["queued>queued"],
  T3: ["queued>claimed"],
  T3r: ["claimed>claimed"],
  T4: ["claimed>queued", "claimed>ready"],
  T5: ["claimed>queued"],
  T5f: ["claimed>queued", "claimed>failed"],
  T6: ["claimed>sending"],
  T6n: ["claimed>ready", "claimed>suppressed", "claimed>expired", "claimed>cancelled"],
  T8: ["sending>sent", "in_doubt>sent"],
  T9: ["sending>queued", "sending>failed", "sending>cancelled"],
  T10: ["sending>in_doubt"],
  T11: ["sending>in_doubt"],
  T11r: ["in_doubt>in_doubt"],
  T12: ["in_doubt>queued", "in_doubt>failed", "in_doubt>cancelled"],
  T13: ["failed>ready", "cancelled>ready"],
  T14: ["ready>cancelled", "queued>cancelled", "claimed>cancelled", "sending>sending", "in_doubt>in_doubt"],
  T16: ["ready>expired", "queued>expired", "claimed>expired"],
};
/** These may stand on any status: a contradiction stops a notice where it is, and is lifted there. */
const standsAnywhere = (won: Won, before: NoticeView): boolean =>
  won.because === "contradiction" ||
  (before.notice.holdReason === "contradiction" && won.history?.transition === "T2h");

const STATES_AHEAD: Readonly<Record<AttemptState, readonly AttemptState[]>> = {
  intent: ["in_doubt", "accepted", "rejected", "not_handed_over"],
  in_doubt: ["accepted", "rejected", "not_handed_over"],
  accepted: [],
  rejected: [],
  not_handed_over: [],
};

/** What takes a notice from its holder raises the epoch by one; everything else leaves it alone. */
const RAISING = new Set(["T2", "T3", "T4", "T5", "T5f", "T6n", "T9", "T12", "T13", "T16"]);
const raisesBy = (transition: string, to: Status): number =>
  RAISING.has(transition) || (transition === "T14" && to === "cancelled") ? 1 : 0;

const LIFTED_BY_OPERATORS: ReadonlySet<HoldReason | null> = new Set(["lapses", "contradiction", "operator"]);

const ofGeneration = (view: NoticeView): readonly Attempt[] =>
  view.attempts.filter(({ generation }) => generation === view.notice.generation);

/** The rows of one notice belong together. */
const askew = (view: NoticeView): string | null => {
  const { notice } = view;
  const live = ofGeneration(view).filter(({ state }) => isLive(state));
  if (live.length > 1) return null; // S3, told apart
  const state = live[0]?.state ?? null;
  const right: Partial<Record<Status, AttemptState>> = {
    sending: "intent",
    in_doubt: "in_doubt",
    sent: "accepted",
  };
  const expected = right[notice.status] ?? null;
  if (state !== expected) return `${notice.status} with a right to send that is ${state ?? "nobody's"}`;
  if ((notice.status === "queued") !== (notice.republishAt !== null))
    return `${notice.status}, told to the log at ${notice.republishAt}`;
  if ((notice.status === "claimed") !== (notice.leaseUntil !== null))
    return `${notice.status}, leased until ${notice.leaseUntil}`;
  const held = notice.status === "claimed" || notice.status === "sending" || notice.status === "in_doubt";
  if (held !== (notice.owner !== null)) return `${notice.status}, owned by ${notice.owner}`;
  if ((held || notice.status === "queued") && notice.channel === null)
    return `${notice.status} on no channel`;
  const open = view.deadLetters.filter((letter) => letter.state === "open");
  const owed = open.some(({ kind, attemptId }) => kind === "doubt" && attemptId === live[0]?.attemptId);
  if ((notice.status === "in_doubt") !== owed)
    return `${notice.status}, and its doubt's letter is ${owed ? "" : "not "}open`;
  if (open.filter(({ kind }) => kind === "doubt").length > 1) return "two doubts are open";
  const replaying = view.deadLetters.some((letter) => letter.state === "replaying");
  if (replaying && isFinal(notice.status)) return `${notice.status}, and a replay is under way`;
  if (!replaying && notice.generation > 1 && !isFinal(notice.status)) {
    // What was cancelled is replayed without a letter; what had failed leaves the letter of its own failure.
    const failedBefore = view.deadLetters.some(({ kind, state }) => kind === "failed" && state === "open");
    if (failedBefore) return `${notice.status} again, and the old failure's letter is open`;
  }
  return null;
};

const lettersOf = (before: NoticeView, next: NoticeView): string | null => {
  const entered = (status: Status): boolean =>
    before.notice.status !== status && next.notice.status === status;
  const names = new Set(before.deadLetters.map(({ kind, epoch }) => `${kind} ${epoch}`));
  const added = next.deadLetters
    .filter(({ kind, epoch }) => !names.has(`${kind} ${epoch}`))
    .map(({ kind }) => kind);
  const owed = [...(entered("failed") ? ["failed"] : []), ...(entered("in_doubt") ? ["doubt"] : [])];
  const reopened = next.deadLetters.some((letter) => {
    const old = before.deadLetters.find(({ kind, epoch }) => kind === letter.kind && epoch === letter.epoch);
    return old !== undefined && old.state !== "open" && letter.state === "open";
  });
  if (reopened) return "an entry that was closed is open again";
  return added.join() === owed.join()
    ? null
    : `entries added: ${added.join() || "none"}; owed: ${owed.join() || "none"}`;
};

const channelsOf = (before: NoticeView, next: NoticeView, ask: Ask, bounds: Bounds): string | null => {
  const [old, now] = [before.notice, next.notice];
  if (now.generation !== old.generation) {
    const isNew = now.channel === null && now.policyVersion === null && now.attemptNo === 0;
    return isNew ? null : `a new generation that goes on with ${now.channel} ${now.attemptNo}`;
  }
  if (now.channel === null || old.channel === null) return null;
  const step = CHANNELS.indexOf(now.channel) - CHANNELS.indexOf(old.channel);
  if (step < 0) return `back from ${old.channel} to ${now.channel}`;
  if (step === 0 && ask.command.type === "unpreparable" && now.status === "queued")
    return `${now.channel} again`;
  return now.attemptNo > bounds.attempts ? `attempt ${now.attemptNo} of ${bounds.attempts}` : null;
};

const attemptsOf = (before: NoticeView, next: NoticeView): string | null => {
  for (const old of before.attempts) {
    const now = next.attempts.find(({ attemptId }) => attemptId === old.attemptId);
    if (now === undefined) return `${old.attemptId} is gone`;
    if (now.state !== old.state && !STATES_AHEAD[old.state].includes(now.state)) {
      return `${old.attemptId} from ${old.state} to ${now.state}`;
    }
    if (now.copies < old.copies) return `${old.attemptId} from ${old.copies} copies to ${now.copies}`;
    if (now.contentDigest !== old.contentDigest || now.providerKey !== old.providerKey)
      return `${old.attemptId} changed`;
  }
  return null;
};

/** A notice that ends without a send ends for the reason that its status names. */
const unfounded = (before: NoticeView, next: NoticeView, { command, facts }: Ask): string | null => {
  const { notice } = before;
  if (notice.status === next.notice.status) return null;
  const reach = command.type === "step-back" ? command.sendWindowMs : 0;
  const founded: Partial<Record<Status, boolean>> = {
    suppressed: facts.suppressed,
    expired: notice.expiresAt <= facts.now + reach,
    cancelled: command.type === "cancel" || notice.cancelRequested,
  };
  return founded[next.notice.status] === false ? `${next.notice.status} for no reason` : null;
};

const holderEpoch = new Set(["renew", "release", "unpreparable", "begin-send", "step-back"]);

/** The first invariant that a won transition breaks, or null. */
export const brokenBy = (
  before: NoticeView,
  ask: Ask,
  outcome: Outcome,
  bounds: Bounds,
  counting: Counting,
): Broken | null => {
  if (outcome.verdict !== "won") return null;
  const { command } = ask;
  const next = after(before, outcome.change);
  const [old, now] = [before.notice, next.notice];
  const broken = (invariant: string, seen: string | null): Broken | null =>
    seen === null ? null : { invariant, seen };
  const form = (invariant: string, seen: string | null): Broken | null =>
    counting === "harm" ? null : broken(invariant, seen);
  const when = (yes: boolean, seen: string): string | null => (yes ? seen : null);
  const path = `${old.status}>${now.status}`;
  const lives = ofGeneration(next).filter(({ state }) => isLive(state)).length;
  const gated = command.type === "begin-send" || command.type === "resend";
  return (
    broken("S3", when(lives > 1, `${lives} live rights to send`)) ??
    broken("S6", when(!STATUSES.includes(now.status), `a status that is none: ${now.status}`)) ??
    broken("S10", when(gated && ask.shut !== null, `a right to send while ${ask.shut}`)) ??
    broken("S4", when(now.epoch < old.epoch, "the epoch falls")) ??
    form(
      "S4",
      when(
        now.epoch - old.epoch !== raisesBy(ask.transition, now.status),
        `${ask.transition} raises the epoch by ${now.epoch - old.epoch}`,
      ),
    ) ??
    form(
      "S4",
      when(
        holderEpoch.has(command.type) && "epoch" in command && command.epoch !== old.epoch,
        `a ${command.type} with an old epoch`,
      ),
    ) ??
    form(
      "S5",
      when(
        !standsAnywhere(outcome, before) && !(PATHS[ask.transition] ?? []).includes(path),
        `${ask.transition} from ${old.status} to ${now.status}`,
      ),
    ) ??
    form("attempts move forward", attemptsOf(before, next)) ??
    broken("S13", when(ask.bytesDiffer, "the same attempt with other bytes")) ??
    broken("S11", channelsOf(before, next, ask, bounds)) ??
    form("rows agree", askew(next)) ??
    broken("S8", lettersOf(before, next)) ??
    broken("a reason for every end", unfounded(before, next, ask)) ??
    broken(
      "due",
      when(command.type === "begin-send" && ask.facts.now < old.dueAt, "a right to send before it is due"),
    ) ??
    broken(
      "S11",
      when(
        ask.strayChannel,
        `a right to send on ${old.channel} for what was prepared for an earlier channel`,
      ),
    ) ??
    broken("held", when(gated && now.holdReason !== null, `a right to send while held: ${now.holdReason}`)) ??
    broken(
      "held",
      when(
        ask.transition === "T4" && now.status === "ready" && now.holdReason === null,
        "set aside after its last lapse, and held by nothing",
      ),
    ) ??
    broken(
      "held",
      when(
        !ask.operator &&
          LIFTED_BY_OPERATORS.has(old.holdReason) &&
          now.holdReason !== old.holdReason &&
          now.holdReason !== "contradiction" &&
          !isFinal(now.status),
        `${ask.transition} lifts the hold "${old.holdReason}", which only an operator may`,
      ),
    ) ??
    broken(
      "no contradiction",
      when(
        bounds.c2 && now.holdReason === "contradiction",
        "closed as not accepted, and accepted all the same by a provider that keeps its class",
      ),
    )
  );
};
