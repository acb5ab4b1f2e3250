/**
 * T2 for a page, in one transaction: lock candidates, decide (pure), write what was decided, commit.
 */
import type pg from "pg";
import type { ChannelId, Instant, NoticeId } from "../../domain/ids.ts";
import type { CommandOf } from "../../domain/lifecycle/commands.ts";
import type {
  Answer,
  RoutedPage,
  RoutingCandidate,
  RoutingCommand,
  RoutingPage,
} from "../../domain/ports/notice-ledger.ts";
import { judge } from "./apply.ts";
import type { Pool } from "./pool.ts";
import { instantOf, noticeOf, type Bigint, type NoticeRow } from "./rows.ts";
import { routePage } from "./sql/route-page.ts";
import { inTransaction } from "./transaction.ts";

interface CandidateRow extends NoticeRow {
  readonly at: Bigint;
  readonly place: string;
  readonly contacts: Readonly<Record<string, unknown>>;
  readonly routing: Readonly<Record<string, unknown>>;
  readonly user_id: string;
  readonly suppressed: boolean;
}

/** Below every due time. */
const FROM_THE_START = { dueAt: "-9223372036854775808", noticeId: "" };

const candidateOf = (row: CandidateRow): RoutingCandidate => ({
  notice: noticeOf(row),
  userId: row.user_id,
  suppressed: row.suppressed,
  channels: Object.keys(row.contacts) as ChannelId[], // the contacts' keys are channels, as ingested
  routing: row.routing,
});

interface Decided {
  readonly at: number;
  readonly place: string;
  readonly command: RoutingCommand;
}

const TYPES = ["route", "hold", "suppress", "expire"] as const;

/** The commands of one kind among those decided, with the places of their rows. */
const writeKind = async <T extends RoutingCommand["type"]>(
  client: pg.ClientBase,
  type: T,
  decided: readonly Decided[],
  answers: (Answer | null)[],
): Promise<void> => {
  const some = decided.filter(({ command }) => command.type === type);
  if (some.length === 0) return;
  const places = `{${some.map(({ place }) => `"${place}"`).join(",")}}`;
  const judged = await judge(
    client,
    type,
    places,
    some.map(({ command }) => command as CommandOf<T>), // of this type, as filtered
  );
  some.forEach(({ at }, n) => {
    answers[at] = judged[n] ?? null;
  });
};

/** What was decided goes along: `end` gives the rest of the page back. */
export const routeWithin = async (
  client: pg.ClientBase,
  page: RoutingPage,
  decide: (candidate: RoutingCandidate, now: Instant) => RoutingCommand | null | "end",
): Promise<RoutedPage & { readonly commands: readonly (RoutingCommand | null)[] }> => {
  const cursor = page.after ?? FROM_THE_START;
  const { rows } = await client.query<CandidateRow>({
    ...routePage,
    values: [page.which === "fresh" ? "FRESH" : "ADMITTED", cursor.dueAt, cursor.noticeId, page.limit],
  });
  const candidates: RoutingCandidate[] = [];
  const commands: (RoutingCommand | null)[] = [];
  const decided: Decided[] = [];
  for (const [at, row] of rows.entries()) {
    const candidate = candidateOf(row);
    const command = decide(candidate, instantOf(row.at));
    if (command === "end") break;
    candidates.push(candidate);
    commands.push(command);
    if (command === null) continue;
    demandItsOwn(command, row.notice_id);
    decided.push({ at, place: row.place, command });
  }
  const answers = new Array<Answer | null>(candidates.length).fill(null);
  for (const type of TYPES) await writeKind(client, type, decided, answers);
  const last = candidates.at(-1)?.notice;
  const isLast = last === undefined || (rows.length < page.limit && candidates.length === rows.length);
  return {
    candidates,
    commands,
    answers,
    next: isLast ? null : { dueAt: last.dueAt, noticeId: last.noticeId },
  };
};

export const routeOnePage = async (
  pool: Pool,
  page: RoutingPage,
  decide: (candidate: RoutingCandidate, now: Instant) => RoutingCommand | null,
): Promise<RoutedPage> =>
  inTransaction(pool, "BEGIN ISOLATION LEVEL READ COMMITTED", async (client) => {
    const { candidates, answers, next } = await routeWithin(client, page, decide);
    return { candidates, answers, next };
  });

/** The row is found by its place, so a command for another notice would be written to this one. */
const demandItsOwn = (command: RoutingCommand, noticeId: NoticeId): void => {
  if (command.noticeId !== noticeId)
    throw new Error(`for candidate ${noticeId} a command for ${command.noticeId} was decided`);
};
