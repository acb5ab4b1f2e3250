/**
 * How everything stands: the balance, what waits and for what, what an operator owes, who is at work. One question to the ledger
 * each, so it is cheap enough to be asked every few seconds.
 */
import { Effect } from "effect";
import type { Instant, RunId } from "../domain/ids.ts";
import { isoInstant } from "../domain/iso-instant.ts";
import type { Gates, LedgerReports, NoticeCount, NoticeCounts } from "../domain/ports/ledger-reports.ts";
import { rolesMissing, type Member, type Members } from "../domain/ports/members.ts";
import type { Run, Runs } from "../domain/ports/runs.ts";
import { STANDINGS, standingOf } from "../domain/standing.ts";
import { type Balance, balanceOf } from "./balance.ts";
import { WARNINGS } from "./readiness.ts";

export interface Held {
  /** A hold's reason, `put-off` (not to be routed before a time) or `next-attempt`. */
  readonly why: string;
  readonly count: number;
  readonly next_release_at: string | null;
}

export interface StatusReport {
  readonly at: string;
  readonly balance: Balance;
  readonly held: readonly Held[];
  readonly open_dead_letters: number;
  readonly doubts: number;
  readonly oldest_doubt_at: string | null;
  /** Since when the oldest notice is due that nobody has taken. */
  readonly oldest_due_at: string | null;
  readonly policy: number | null;
  readonly pauses: readonly { readonly scope: string; readonly reason: string; readonly since: string }[];
  readonly run: Run | null;
  readonly members: readonly Member[];
  readonly warnings: readonly string[];
}

interface Sources {
  readonly reports: Pick<LedgerReports, "counts" | "gates">;
  readonly members: Pick<Members, "alive">;
  readonly runs: Pick<Runs, "current" | "read">;
}

export const readStatus = async (
  { reports, members, runs }: Sources,
  runId?: RunId,
): Promise<StatusReport> => {
  const counts = await Effect.runPromise(reports.counts(runId));
  const gates = await Effect.runPromise(reports.gates);
  const alive = await Effect.runPromise(members.alive());
  const run = await Effect.runPromise(runId === undefined ? runs.current : runs.read(runId));
  return statusOf(counts, gates, alive, run);
};

const statusOf = (
  counts: NoticeCounts,
  gates: Gates,
  members: readonly Member[],
  run: Run | null,
): StatusReport => {
  const balance = balanceOf(counts);
  return {
    at: isoInstant(counts.at),
    balance,
    held: heldIn(counts),
    open_dead_letters: counts.openLetters.failed,
    doubts: counts.openLetters.doubt,
    oldest_doubt_at: shown(counts.oldestDoubtAt),
    oldest_due_at: shown(oldestDue(counts)),
    policy: gates.activePolicy?.version ?? null,
    pauses: gates.pauses.map(({ scope, reason, since }) => ({ scope, reason, since: isoInstant(since) })),
    ...{ run, members },
    warnings: warningsOf(members, balance, gates),
  };
};

const shown = (at: Instant | null): string | null => (at === null ? null : isoInstant(at));

const isHeld = ({ status, holdReason, earliestDueAt }: NoticeCount, at: Instant): boolean =>
  standingOf({ status, holdReason, dueAt: earliestDueAt }, at) === "held";

const heldIn = ({ groups, at }: NoticeCounts): readonly Held[] => {
  const held = new Map<string, { count: number; next: Instant | null }>();
  for (const group of groups) {
    if (!isHeld(group, at)) continue;
    const { holdReason, status, count, earliestDueAt } = group;
    const why = holdReason ?? (status === "queued" ? "next-attempt" : "put-off");
    const before = held.get(why);
    const next = holdReason === null ? earliestDueAt : null;
    held.set(why, {
      count: (before?.count ?? 0) + count,
      next: before?.next != null && (next === null || before.next < next) ? before.next : next,
    });
  }
  return [...held].map(([why, { count, next }]) => ({ why, count, next_release_at: shown(next) }));
};

const oldestDue = ({ groups, at }: NoticeCounts): Instant | null => {
  const due = groups.filter(
    (group) => (group.status === "ready" || group.status === "queued") && !isHeld(group, at),
  );
  return due.reduce<Instant | null>(
    (oldest, { earliestDueAt }) => (oldest === null || earliestDueAt < oldest ? earliestDueAt : oldest),
    null,
  );
};

/** That nobody is at work matters where there is work, or might be: a ledger that is empty needs nobody. */
export const warningsOf = (
  members: readonly Pick<Member, "role">[],
  { open, held, in_doubt }: Balance,
  { activePolicy }: Pick<Gates, "activePolicy">,
): readonly string[] => [
  ...(activePolicy === null ? ["no policy is active: nothing is routed"] : []),
  ...(open + held + in_doubt === 0 ? [] : rolesMissing(members).map((role) => WARNINGS[role])),
];

const SHOWN_MEMBERS = 10;

export const statusInLines = (status: StatusReport): readonly string[] => {
  const { balance, held, pauses, members, run, warnings } = status;
  const number = (count: number): string => count.toLocaleString("en");
  const width = number(balance.ingested).length;
  const row = (name: string, count: number, more = ""): string =>
    `  ${name.padEnd(12)} ${number(count).padStart(width)}${more}`;
  return [
    `At ${status.at}, by policy ${status.policy ?? "none"}`,
    row("ingested", balance.ingested),
    ...STANDINGS.map((name) => row(name, balance[name])),
    ...held.map(
      ({ why, count, next_release_at: next }) =>
        `    held: ${number(count)} ${why}${next === null ? "" : `, the next until ${next}`}`,
    ),
    ...(status.oldest_due_at === null
      ? []
      : [`  the oldest that is due has been since ${status.oldest_due_at}`]),
    ...(status.open_dead_letters === 0
      ? []
      : [`  dead letters that nobody has decided: ${number(status.open_dead_letters)} (millrace dlt list)`]),
    ...(status.doubts === 0
      ? []
      : [
          `  doubts: ${number(status.doubts)}, the oldest since ${status.oldest_doubt_at ?? "?"} (millrace doubt list)`,
        ]),
    ...pauses.map(
      ({ scope, reason, since }) =>
        `  paused: ${scope === "*" ? "everything" : scope}, since ${since}: ${reason}`,
    ),
    ...(run === null
      ? []
      : [
          `  run ${run.runId} is ${run.state}: ${number(run.figures.admitted)} of at most ${number(run.cap)} admitted`,
        ]),
    ...(members.length === 0 ? ["  nobody is at work"] : members.slice(0, SHOWN_MEMBERS).map(memberInWords)),
    ...(members.length > SHOWN_MEMBERS ? [`  … and ${members.length - SHOWN_MEMBERS} more at work`] : []),
    ...warnings.map((words) => `  WARNING: ${words}`),
  ];
};

const memberInWords = ({ role, host, pid, startedAt, trouble }: Member): string =>
  `  at work: ${role} on ${host}, process ${pid}, since ${isoInstant(startedAt)}${trouble === null ? "" : `\n    held up: ${trouble}`}`;
