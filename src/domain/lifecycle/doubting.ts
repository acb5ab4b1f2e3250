/**
 * T11r and T12: how a doubt is worked off. A copy more, under the provider's promise not to accept twice; or evidence
 * that nothing was accepted, and that no copy can still be. The one place where time decides safety, by Δ.
 */
import type { Attempt, DeltaMs } from "../attempt.ts";
import type { Instant } from "../ids.ts";
import type { Resend, Resolve } from "./commands.ts";
import {
  afterNoAcceptance,
  attemptOf,
  closeAttempt,
  closeDoubt,
  gateIsOpen,
  liveAttempt,
  moveLetters,
  noContradiction,
  plus,
} from "./guards.ts";
import type { Facts, Guard, NoticeView, Rule } from "./rule.ts";

/** The command speaks of the attempt that is in doubt now; the guards after it take that as said. */
const attemptInDoubt = (id: "T11r" | "T12"): Guard<Resend | Resolve> => ({
  name: `${id}.attempt`,
  otherwise: "lost",
  holds: (view, command) => {
    const attempt = liveAttempt(view);
    return attempt?.attemptId === command.attemptId && attempt.state === "in_doubt";
  },
});

/** After this no copy that left by `sendBy` can still be accepted (C3); never, where Δ is never. */
const settledBy = (attempt: Attempt, deltaMs: DeltaMs): Instant =>
  plus(attempt.sendBy, deltaMs === "never" ? Infinity : deltaMs);

const resendGuard = (
  name: string,
  otherwise: "lost" | "not-now",
  holds: (attempt: Attempt, command: Resend, facts: Facts) => boolean,
): Guard<Resend> => ({
  name: `T11r.${name}`,
  otherwise,
  holds: (view, command, facts) => {
    const attempt = liveAttempt(view);
    return attempt !== undefined && holds(attempt, command, facts);
  },
});

export const resend: Rule<"resend"> = {
  id: "T11r",
  from: ["in_doubt"],
  recorded: true,
  guards: [
    attemptInDoubt("T11r"),
    resendGuard("class", "lost", (_attempt, { terms }) => terms.class === "A"),
    resendGuard("copies", "lost", (attempt, command) => attempt.copies === command.copies),
    resendGuard("digest", "lost", (attempt, command) => attempt.contentDigest === command.contentDigest),
    resendGuard(
      "spaced",
      "not-now",
      (attempt, { terms }, { now }) => settledBy(attempt, terms.deltaMs) < now,
    ),
    resendGuard("window", "lost", (attempt, { terms, sendWindowMs }, { now }) => {
      if (terms.class !== "A" || terms.deltaMs === "never") return false;
      return plus(now, sendWindowMs + terms.deltaMs) < plus(attempt.intentAt, terms.windowMs);
    }),
    noContradiction("T11r"),
    ...gateIsOpen("T11r"),
  ],
  apply: (view, command, { now }) => {
    const attempt = liveAttempt(view);
    return {
      notice: view.notice,
      attempts:
        attempt === undefined
          ? []
          : [{ ...attempt, copies: attempt.copies + 1, sendBy: plus(now, command.sendWindowMs) }],
      attemptId: command.attemptId,
    };
  },
};

/**
 * E2, clause by clause. What it must exclude is always the same: that some copy was accepted, or still will be.
 */
const evidenceCounts = (
  name: string,
  holds: (attempt: Attempt, command: Resolve, view: NoticeView, facts: Facts) => boolean,
): Guard<Resolve> => ({
  name: `T12.${name}`,
  otherwise: "lost",
  holds: (view, command, facts) => {
    const attempt = liveAttempt(view);
    return attempt !== undefined && holds(attempt, command, view, facts);
  },
});

export const resolve: Rule<"resolve"> = {
  id: "T12",
  from: ["in_doubt"],
  recorded: true,
  alreadyMine: (view, command) => attemptOf(view, command.attemptId)?.state === command.outcome,
  guards: [
    attemptInDoubt("T12"),
    evidenceCounts("copies", (attempt, { evidence }) => attempt.copies === evidence.copies),
    evidenceCounts(
      "owner",
      (attempt, { evidence }, { notice }) =>
        evidence.by !== "owner" || (evidence.owner === notice.owner && attempt.copies === 1),
    ),
    evidenceCounts("class", (_attempt, { evidence, terms }) =>
      evidence.by === "rejection" ? terms.class === "A" : evidence.by !== "look-up" || terms.class === "B",
    ),
    evidenceCounts(
      "delta",
      (_attempt, { evidence, terms }) =>
        (evidence.by !== "rejection" && evidence.by !== "look-up") || terms.deltaMs !== "never",
    ),
    /** Asked when no copy could be accepted any more; and asked already: a time to come tells of a clock that is not ours. */
    evidenceCounts(
      "asked-late",
      (attempt, { evidence, terms }, _view, { now }) =>
        evidence.by !== "look-up" ||
        (settledBy(attempt, terms.deltaMs) < evidence.askedAt && evidence.askedAt <= now),
    ),
    /**
     * The provider still knew when it answered. When it was asked says nothing of that: an answer can be made, or a
     * copy refused, long after. So the evidence has to be here before the provider may have forgotten; only the
     * refusal of a sole copy needs no memory.
     */
    evidenceCounts("asked-early", (attempt, { evidence, terms }, _view, { now }) => {
      if (evidence.by === "look-up") {
        return terms.class === "B" && now < plus(attempt.intentAt, terms.findableMs);
      }
      if (evidence.by !== "rejection" || attempt.copies === 1) return true;
      return terms.class === "A" && now < plus(attempt.intentAt, terms.windowMs);
    }),
    {
      ...evidenceCounts(
        "operator",
        (attempt, { evidence, terms }, _view, { now }) =>
          evidence.by !== "operator" ||
          settledBy(attempt, terms.deltaMs === "never" ? 0 : terms.deltaMs) < now,
      ),
      otherwise: "not-now",
    },
  ],
  apply: (view, command, { now }) => {
    const attempt = liveAttempt(view);
    const reason = command.evidence.words;
    const moved = afterNoAcceptance(view, { ...command, reason }, command.attemptId, now);
    return {
      notice: moved.notice,
      attempts: attempt === undefined ? [] : [closeAttempt(attempt, command.outcome, reason)],
      deadLetters: [...moveLetters(view, closeDoubt(command.attemptId)), ...moved.deadLetters],
      attemptId: command.attemptId,
      because: `${command.evidence.by}: ${reason}`,
    };
  },
};
