/**
 * What has to be true at the end of a simulated world, by the provider's own journal, the rows and the history. It shares no code with
 * the service: the paths of the table are written down here once more, by hand, from the text of the guarantees.
 */
import type { HistoryEntry, NoticeView } from "../../src/domain/lifecycle/rule.ts";
import { type Arrival, FOR_GOOD } from "./provider.ts";

export interface Told {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Evidence {
  /** Whoever has learned something could live on and tell it. */
  readonly letsLive: boolean;
  readonly ingested: number;
  readonly views: readonly NoticeView[];
  readonly historyOf: (view: NoticeView) => readonly HistoryEntry[];
  readonly journal: readonly Arrival[];
  readonly lines: readonly Told[];
  /** When all was told; what has come about since, while everybody ended, may still be owed. */
  readonly restedAt: number;
  /** Whatever a broker has ever taken; `null` where there is none. */
  readonly taken: readonly { readonly topic: string; readonly text: string }[] | null;
  /** What must not be read anywhere: addresses and names. */
  readonly secrets: readonly string[];
}

/** `transition from>to` */
const PATHS = new Set([
  ...[
    "T2 ready>queued",
    "T2h ready>ready",
    "T2x ready>suppressed",
    "T3 queued>claimed",
    "T3r claimed>claimed",
  ],
  ...[
    "T4 claimed>queued",
    "T4 claimed>ready",
    "T5 claimed>queued",
    "T5f claimed>queued",
    "T5f claimed>failed",
  ],
  ...["T6 claimed>sending", "T6n claimed>ready", "T6n claimed>suppressed", "T6n claimed>expired"],
  ...["T6n claimed>cancelled", "T8 sending>sent", "T8 in_doubt>sent"],
  ...["T9 sending>queued", "T9 sending>failed", "T9 sending>cancelled", "T10 sending>in_doubt"],
  ...["T11 sending>in_doubt", "T11r in_doubt>in_doubt", "T12 in_doubt>queued", "T12 in_doubt>failed"],
  ...["T12 in_doubt>cancelled", "T13 failed>ready", "T13 cancelled>ready", "T14 ready>cancelled"],
  ...["T14 queued>cancelled", "T14 claimed>cancelled", "T14 sending>sending", "T14 in_doubt>in_doubt"],
  ...["T16 ready>expired", "T16 queued>expired", "T16 claimed>expired"],
]);

const NEVER_ACCEPTED = new Set(["failed", "cancelled", "suppressed", "expired"]);
const FINAL = new Set([...NEVER_ACCEPTED, "sent"]);
/** On each channel, by the policy of every world. */
const MOST_TRIES = 2;
const LIVE = new Set(["intent", "in_doubt", "accepted"]);
const CLOSED = new Set(["rejected", "not_handed_over"]);

/** In words; empty where everything holds. */
export const violationsIn = (evidence: Evidence): readonly string[] => [
  ...conservation(evidence),
  ...evidence.views.flatMap((view) => ofNotice(evidence, view)),
  ...ofCopies(evidence),
  ...untold(evidence),
  ...leaks(evidence),
];

const conservation = ({ ingested, views }: Evidence): readonly string[] =>
  views.length === ingested ? [] : [`S6: ${views.length} notices, of ${ingested} that were taken in`];

const ofNotice = (evidence: Evidence, view: NoticeView): readonly string[] => {
  const { noticeId } = view.notice;
  const history = evidence.historyOf(view);
  return [
    ...path(view, history),
    ...acceptances(evidence, view),
    ...rights(view),
    ...forgotten(evidence, view),
    ...letters(evidence, view, history),
  ].map((words) => `${words} (${noticeId})`);
};

/** S4, S5. */
const path = ({ notice }: NoticeView, history: readonly HistoryEntry[]): readonly string[] => {
  const wrong: string[] = [];
  let status = "ready";
  let epoch = 0;
  for (const entry of history) {
    const step = `${entry.transition} ${entry.from}>${entry.to}`;
    if (!PATHS.has(step)) wrong.push(`S5: ${step} is no step of the table`);
    if (entry.from !== status)
      wrong.push(`S5: ${step} begins where the one before has not ended, at ${status}`);
    if (entry.epoch < epoch) wrong.push(`S4: the epoch fell from ${epoch} to ${entry.epoch} at ${step}`);
    ({ to: status, epoch } = entry);
  }
  if (status !== notice.status)
    wrong.push(`S5: the history ends at ${status}, the notice at ${notice.status}`);
  return wrong;
};

/** S1, S7. */
const acceptances = ({ journal }: Evidence, { notice, attempts }: NoticeView): readonly string[] => {
  const wrong: string[] = [];
  for (let generation = 1; generation <= notice.generation; generation += 1) {
    const reference = `${notice.noticeId}/${generation}`;
    const accepted = journal.filter((one) => one.reference === reference && one.isAccepted).length;
    if (accepted > 1) wrong.push(`S1: ${reference} was accepted ${accepted} times`);
    const its = attempts.filter((one) => one.generation === generation);
    if (generation < notice.generation || NEVER_ACCEPTED.has(notice.status)) {
      if (accepted > 0) wrong.push(`S7: ${reference} is ${notice.status} and was accepted`);
    } else if (notice.status === "sent" && accepted !== 1)
      wrong.push(`S7: ${reference} is sent and was accepted ${accepted} times`);
    if (its.filter(({ state }) => LIVE.has(state)).length > 1)
      wrong.push(`S3: ${reference} has two live rights`);
  }
  return wrong;
};

/**
 * S12, and of S11 that a channel that was left is not taken up again, that nothing follows there after a "no" for good, and that none is
 * tried again that has refused as often as the policy allows.
 */
const rights = ({ attempts }: NoticeView): readonly string[] => {
  const wrong: string[] = [];
  attempts.forEach((attempt, at) => {
    const before = attempts.slice(0, at).filter(({ generation }) => generation === attempt.generation);
    for (const earlier of before)
      if (!CLOSED.has(earlier.state))
        wrong.push(
          `S12: a right on ${attempt.channel} beside one on ${earlier.channel} that is ${earlier.state}`,
        );
    const left = before.findLast(({ channel }) => channel !== attempt.channel);
    if (
      left !== undefined &&
      before.some(({ channel }) => channel === attempt.channel) &&
      before.at(-1) === left
    )
      wrong.push(`S11: back to ${attempt.channel} after ${left.channel}`);
    const refused = before.filter(
      ({ channel, state }) => channel === attempt.channel && state === "rejected",
    );
    if (refused.some(({ evidence }) => evidence === FOR_GOOD))
      wrong.push(`S11: a right on ${attempt.channel}, which has refused for good`);
    if (refused.length >= MOST_TRIES) wrong.push(`S11: ${attempt.channel} was tried too often`);
  });
  return wrong;
};

/** T10: what somebody was told by the provider, and lived to tell the ledger, is no doubt in the end. */
const forgotten = ({ letsLive, journal }: Evidence, { notice, attempts }: NoticeView): readonly string[] => {
  const doubted = attempts.findLast(({ state }) => state === "in_doubt");
  if (!letsLive || notice.status !== "in_doubt" || doubted === undefined) return [];
  const its = journal.filter(({ attemptId }) => attemptId === doubted.attemptId);
  // a "no" of one of several copies says nothing of the others
  const isKnown = its.some(({ isAnswered, isAccepted }) => isAnswered && (isAccepted || its.length === 1));
  return isKnown ? [`L5: ${doubted.attemptId} is in doubt, and its answer was heard`] : [];
};

/** S8. */
const letters = (
  { lines }: Evidence,
  { notice, deadLetters }: NoticeView,
  history: readonly HistoryEntry[],
): readonly string[] => {
  const entries = history.filter(({ from, to }) => from !== to && (to === "failed" || to === "in_doubt"));
  const told = new Set(
    lines
      .filter(({ event, fields }) => event.endsWith(":open:done") && fields["noticeId"] === notice.noticeId)
      .map(({ event, fields }) => `${event} ${String(fields["epoch"])}`),
  );
  const wrong: string[] = [];
  if (deadLetters.length !== entries.length)
    wrong.push(`S8: ${entries.length} entries into failed or in doubt, ${deadLetters.length} letters`);
  if (told.size !== entries.length) wrong.push(`S8: ${entries.length} entries, ${told.size} lines`);
  return wrong;
};

/** S8, as far as topics are concerned: a broker has taken a record of each letter, and of how each generation has ended. */
const untold = ({ views, taken, historyOf, restedAt }: Evidence): readonly string[] => {
  if (taken === null) return [];
  const there = new Set(
    taken.map(({ topic, text }) => {
      const { noticeId, epoch, kind, generation, status } = JSON.parse(text) as Readonly<
        Record<string, unknown>
      >; // what the service writes there are objects
      return topic.includes("result")
        ? `result ${String(noticeId)} ${String(generation)} ${String(status)}`
        : `letter ${String(noticeId)} ${String(epoch)} ${String(kind)}`;
    }),
  );
  const owed = views.flatMap((view) => {
    let generation = 1;
    const results: string[] = [];
    for (const { transition, from, to, at } of historyOf(view)) {
      if (at > restedAt) break;
      if (transition === "T13") generation += 1;
      if (FINAL.has(to) && from !== to) results.push(`result ${view.notice.noticeId} ${generation} ${to}`);
    }
    const opened = view.deadLetters.filter(({ openedAt }) => openedAt <= restedAt);
    const letters = opened.map(({ noticeId, epoch, kind }) => `letter ${noticeId} ${epoch} ${kind}`);
    return [...results, ...letters];
  });
  return owed.filter((one) => !there.has(one)).map((one) => `S8: no topic has taken the ${one}`);
};

/** S2, T7, S13, L7. */
const ofCopies = ({ journal }: Evidence): readonly string[] => {
  const wrong: string[] = [];
  const seen = new Map<string, Arrival[]>();
  for (const arrival of journal) {
    const { attemptId, right, leftLate } = arrival;
    const before = seen.get(attemptId) ?? [];
    if (leftLate) wrong.push(`T7: a copy of ${attemptId} left when its time to leave was over`);
    if (right === null) wrong.push(`S2: a copy of ${attemptId} left, of which the ledger knows nothing`);
    else if (before.length + 1 > right.copies)
      wrong.push(`S2: copy ${before.length + 1} of ${attemptId} left, and ${right.copies} were permitted`);
    const [first] = before;
    if (first !== undefined && (first.digest !== arrival.digest || first.providerKey !== arrival.providerKey))
      wrong.push(`S13: two copies of ${attemptId} differ`);
    seen.set(attemptId, [...before, arrival]);
  }
  return wrong;
};

/** S14. */
const leaks = ({ lines, taken, views, historyOf, secrets }: Evidence): readonly string[] => {
  const texts = [
    JSON.stringify(lines),
    ...(taken ?? []).map(({ text }) => text),
    JSON.stringify(views.map(({ deadLetters }) => deadLetters)),
    JSON.stringify(views.map(historyOf)),
  ];
  return secrets
    .filter((secret) => texts.some((text) => text.includes(secret)))
    .map((secret) => `S14: ${secret} can be read`);
};
