/**
 * Edges on both sides of every guard's bound. Each winning ask is varied in one thing at a time (rows, command, facts),
 * each number and time to the values next to those it is compared with; then in two things at once, so that a guard
 * that is asked too late or too early gives itself away. And every status is asked every command.
 */
import { ATTEMPT_STATES, isLive, type Attempt, type NonAcceptance } from "../../src/domain/attempt.ts";
import { DEAD_LETTER_STATES } from "../../src/domain/dead-letter.ts";
import { attemptId, channelId, policyVersion, runId, type Instant } from "../../src/domain/ids.ts";
import type { Command, CommandType } from "../../src/domain/lifecycle/commands.ts";
import type { Facts, NoticeView } from "../../src/domain/lifecycle/rule.ts";
import { TABLE, transition } from "../../src/domain/lifecycle/transition.ts";
import { HOLD_REASONS, STATUSES, type Notice } from "../../src/domain/notice.ts";
import * as samples from "../domain/lifecycle/samples.ts";

export interface Asked {
  readonly view: NoticeView;
  readonly command: Command;
  readonly facts: Facts;
}

/** One thing changed, or null where it makes no sense. */
type Variation = (asked: Asked) => Asked | null;

const { ANSWER_WINDOW_MS, DELTA_MS, EMAIL, EPOCH, MEMORY_MS, OTHER, SECOND, SEND_WINDOW_MS, SMS, at } =
  samples;

/** The bound itself and its neighbours. */
const around = (...bounds: readonly number[]): Instant[] =>
  bounds.flatMap((ms) => [at(ms - 1), at(ms), at(ms + 1)]);

const notice =
  (different: Partial<Notice>): Variation =>
  ({ view, ...rest }) => ({ ...rest, view: { ...view, notice: { ...view.notice, ...different } } });

const attempt =
  (different: Partial<Attempt>): Variation =>
  ({ view, ...rest }) => {
    const [first, ...others] = view.attempts;
    if (first === undefined) return null;
    return { ...rest, view: { ...view, attempts: [{ ...first, ...different }, ...others] } };
  };

const facts =
  (different: Partial<Facts>): Variation =>
  (asked) => ({ ...asked, facts: { ...asked.facts, ...different } });

/** Changes fields that the command has; a command without them is left alone. */
const command =
  (different: Readonly<Record<string, unknown>>): Variation =>
  (asked) =>
    Object.keys(different).every((name) => name in asked.command)
      ? { ...asked, command: { ...asked.command, ...different } } // values of the fields' own types, below
      : null;

const gate =
  (different: Readonly<Record<string, unknown>>): Variation =>
  (asked) =>
    "gate" in asked.command ? command({ gate: { ...asked.command.gate, ...different } })(asked) : null;

const OLD_ATTEMPT = attemptId("attempt-0");

const ofNotice: readonly Variation[] = [
  ...[EPOCH - 1, EPOCH + 1, EPOCH + 2].map((epoch) => notice({ epoch })),
  ...[2, 3].map((generation) => notice({ generation })),
  ...[null, OTHER].map((owner) => notice({ owner })),
  ...[null, ...HOLD_REASONS].map((holdReason) => notice({ holdReason })),
  notice({ cancelRequested: true }),
  ...around(0).map((dueAt) => notice({ dueAt })),
  ...around(0, SEND_WINDOW_MS).map((expiresAt) => notice({ expiresAt })),
  ...around(0).map((leaseUntil) => notice({ leaseUntil })),
  ...[3, 4, 9].map((lapses) => notice({ lapses })),
  notice({ channel: null, policyVersion: null, attemptNo: 0 }),
  notice({ channel: SMS, attemptNo: 2 }),
  notice({ channel: EMAIL, policyVersion: policyVersion(1), attemptNo: 1 }),
  notice({ runId: runId("run-9") }),
  notice({ runId: null }),
  notice({ publishes: 3 }),
];

const ofAttempts: readonly Variation[] = [
  (asked) => ({ ...asked, view: { ...asked.view, attempts: [] } }),
  ...ATTEMPT_STATES.map((state) => attempt(samples.attemptIn(state, { copies: 1 }))),
  attempt(samples.settledDoubt()),
  ...ATTEMPT_STATES.map((state) => attempt({ state, evidence: isLive(state) ? null : "as reported" })),
  ...[1, 2, 3].map((copies) => attempt({ copies })),
  ...around(0, -DELTA_MS, -ANSWER_WINDOW_MS).map((sendBy) => attempt({ sendBy })),
  ...around(-MEMORY_MS, SEND_WINDOW_MS + DELTA_MS - MEMORY_MS).map((intentAt) => attempt({ intentAt })),
  ...around(-MEMORY_MS).map((intentAt) => attempt({ intentAt, copies: 2 })),
  attempt({ attemptId: OLD_ATTEMPT }),
  attempt({ generation: 0 }),
  attempt({ epoch: EPOCH - 1 }),
  attempt({ contradiction: "an acceptance after all" }),
  attempt({ contentDigest: "digest-9" }),
  ...ATTEMPT_STATES.map((state): Variation => ({ view, ...rest }) => {
    const before = samples.attemptIn(state, { attemptId: OLD_ATTEMPT, epoch: EPOCH - 1 });
    return { ...rest, view: { ...view, attempts: [before, ...view.attempts] } };
  }),
  // The attempt that the command would begin, or speak of, is there already, in each state.
  ...ATTEMPT_STATES.map((state): Variation => ({ view, ...rest }) => {
    const asked = rest.command;
    if (!("attemptId" in asked) || view.attempts.some((other) => other.attemptId === asked.attemptId))
      return null;
    return {
      ...rest,
      view: {
        ...view,
        attempts: [...view.attempts, samples.attemptIn(state, { attemptId: asked.attemptId })],
      },
    };
  }),
];

const ofLetters: readonly Variation[] = [
  (asked) => ({ ...asked, view: { ...asked.view, deadLetters: [] } }),
  ...DEAD_LETTER_STATES.map(
    (state): Variation =>
      (asked) =>
        asked.view.deadLetters.length === 0
          ? null
          : {
              ...asked,
              view: {
                ...asked.view,
                deadLetters: asked.view.deadLetters.map((letter) => ({ ...letter, state })),
              },
            },
  ),
  // A replay is under way whose letter its outcome must close; an old doubt that it must leave alone.
  ({ view, ...rest }) => ({
    ...rest,
    view: {
      ...view,
      deadLetters: [
        ...view.deadLetters,
        samples.letterOf("failed", { epoch: EPOCH - 3, generation: 0, state: "replaying" }),
        samples.letterOf("doubt", { epoch: EPOCH - 4, generation: 0, attemptId: OLD_ATTEMPT }),
      ],
    },
  }),
];

const ofFacts: readonly Variation[] = [
  facts({ suppressed: true }),
  facts({ suppressed: false }),
  facts({ paused: ["*"] }),
  facts({ paused: [EMAIL] }),
  facts({ paused: [SMS, channelId("letter")] }),
  facts({ activePolicyVersion: policyVersion(3) }),
];

const evidences: readonly NonAcceptance[] = [1, 2].flatMap((copies) => [
  { by: "owner", owner: samples.HOLDER, copies, words: "refused" } as const,
  { by: "owner", owner: OTHER, copies, words: "refused" } as const,
  { by: "rejection", copies, words: "refused" } as const,
  { by: "operator", copies, words: "nothing there" } as const,
  ...around(-SECOND, 0).map((askedAt) => ({ by: "look-up", askedAt, copies, words: "not found" }) as const),
]);

const { A, B, C } = samples.TERMS;

const ofCommand: readonly Variation[] = [
  ...[EPOCH - 1, EPOCH - 2, EPOCH + 1].map((epoch) => command({ epoch })),
  command({ owner: OTHER }),
  command({ choice: null }),
  command({ choice: { channel: SMS, policyVersion: policyVersion(2) }, runId: null }),
  ...[...HOLD_REASONS, null].map((reason) => command({ reason, dueAt: at(SECOND) })),
  ...[...HOLD_REASONS].map(
    (reason): Variation =>
      (asked) =>
        asked.command.type === "unhold" ? command({ reason })(asked) : null,
  ),
  ...around(-samples.LEASE_MS).map((connectedAt) => command({ connectedAt })),
  ...[1, 4].map((maxLapses) => command({ maxLapses })),
  command({ dueInMs: 0 }),
  ...[samples.NO_MORE, samples.AGAIN, samples.TO_SMS, { ...samples.AGAIN, dueInMs: 0 }].map((next) =>
    command({ next }),
  ),
  ...[0, SECOND].map((republishInMs) => command({ republishInMs })),
  ...[OLD_ATTEMPT, samples.ATTEMPT, attemptId("attempt-9")].map((id) => command({ attemptId: id })),
  ...(["rejected", "not_handed_over"] as const).map((outcome) => command({ outcome })),
  ...[null, at(-SECOND), at(SECOND)].map((reopensAt) => command({ reopensAt })),
  ...around(0).map((expiresAt) => command({ expiresAt })),
  ...[0, 2].map((generation) => command({ generation })),
  ...[0, 2, 3].map((copies) => command({ copies })),
  command({ contentDigest: "digest-2" }),
  command({ providerMessageId: "message-2" }),
  ...[A, B, C, ...[A, B, C].map((terms) => ({ ...terms, deltaMs: "never" }))].map((terms) =>
    command({ terms }),
  ),
  ...evidences.flatMap((evidence) => [A, B, C].map((terms) => command({ evidence, terms }))),
  ...[A, B, C].map((terms) =>
    command({
      evidence: { by: "operator", copies: 1, words: "nothing there" },
      terms: { ...terms, deltaMs: "never" },
    }),
  ),
  command({ evidence: { by: "rejection", copies: 1, words: "refused" }, terms: { ...A, deltaMs: "never" } }),
  gate({ policyVersion: policyVersion(1) }),
  ...around(0).map((openFrom) => gate({ openFrom })),
  ...around(SEND_WINDOW_MS).map((openUntil) => gate({ openUntil })),
];

const VARIATIONS: readonly Variation[] = [...ofNotice, ...ofAttempts, ...ofLetters, ...ofFacts, ...ofCommand];

/** What the ledger's rows can be: the index, and keys that are unique. */
const isStorable = ({ notice: { generation }, attempts, deadLetters }: NoticeView): boolean => {
  const lives = new Set<number>();
  for (const one of attempts) {
    if (!isLive(one.state)) continue;
    if (lives.has(one.generation)) return false;
    lives.add(one.generation);
  }
  const ids = new Set(attempts.map((one) => one.attemptId));
  const letters = new Set(deadLetters.map(({ kind, epoch }) => `${kind} ${epoch}`));
  return generation >= 1 && ids.size === attempts.length && letters.size === deadLetters.length;
};

/** Which checks of its rule say no to this ask, each asked by itself. */
export const refusalsOf = ({ view, command: asked, facts: around }: Asked): string[] => {
  const rule = TABLE[asked.type];
  const names = rule.from.includes(view.notice.status) ? [] : [`${rule.id}.status`];
  for (const guard of rule.guards) {
    // The rule at a command's own type is the rule for it.
    const { holds } = guard as { holds: (view: NoticeView, command: Command, facts: Facts) => boolean };
    if (!holds(view, asked, around)) names.push(guard.name);
  }
  return names;
};

const TYPES = Object.keys(TABLE) as CommandType[]; // the table's keys

const varied = (asked: Asked): Asked[] =>
  VARIATIONS.flatMap((vary) => {
    const result = vary(asked);
    return result !== null && isStorable(result.view) ? [result] : [];
  });

/** Two things wrong at once: one ask for each pair of checks, and each pair the other way round. */
const doublyRefused = (type: CommandType, singles: readonly Asked[]): Asked[] => {
  const pairs = new Map<string, Asked>();
  for (const single of singles) {
    if (
      refusalsOf(single).length === 0 &&
      transition(single.view, single.command, single.facts).verdict === "won"
    )
      continue;
    for (const double of varied(single)) {
      const refusals = refusalsOf(double);
      const { verdict } = transition(double.view, double.command, double.facts);
      if (refusals.length < 2 && verdict !== "already-mine") continue;
      const key = `${type} ${verdict} ${refusals.join()} ${double.view.notice.status}`;
      if (!pairs.has(key)) pairs.set(key, double);
    }
  }
  return [...pairs.values()];
};

/** Every edge around a bound; deterministic. */
export const boundaryEdges = (): Asked[] =>
  TYPES.flatMap((type) => {
    const asked = samples.WINNING[type];
    const around = samples.factsFor(asked);
    const winning = samples
      .winningViews(type)
      .map((view): Asked => ({ view, command: asked, facts: around }));
    const singles = winning.flatMap((one) => [one, ...varied(one)]);
    const statuses = STATUSES.map((status): Asked => ({
      view: samples.viewIn(status),
      command: asked,
      facts: around,
    }));
    return [...singles, ...statuses, ...statuses.flatMap(varied), ...doublyRefused(type, singles)];
  });
