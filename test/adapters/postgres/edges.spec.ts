/**
 * Every edge that the exhaustive search has found, and every guard's edge, replayed against the SQL in batches: the same
 * verdict for the same reason, and the same rows, column by column, with the same line of history.
 */
import { isDeepStrictEqual } from "node:util";
import { Effect, Result } from "effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPool, type Pool, postgresLedger } from "../../../src/adapters/postgres/index.ts";
import { noticeId } from "../../../src/domain/ids.ts";
import type { Command, CommandOf, CommandType } from "../../../src/domain/lifecycle/commands.ts";
import type { Facts, NoticeView } from "../../../src/domain/lifecycle/rule.ts";
import { after, transition } from "../../../src/domain/lifecycle/transition.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { lifecycleEdges } from "../../search/edges.ts";
import { asColumns, placeViews, rowsOfAll, type RowsOfNotice } from "../../support/place-views.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";

interface Edge {
  readonly view: NoticeView;
  readonly command: Command;
  readonly facts: Facts;
}

let database: TestDatabase;
let pool: Pool;
let ledger: NoticeLedger;

beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool({ connection: database.service, maxConnections: 2 });
  ledger = postgresLedger({ pool });
});

afterAll(async () => {
  await pool.close();
  await database.drop();
});

/**
 * The same edge, of a notice of its own. The edges have an attempt and letters of a generation before the first, so all
 * are moved up by one: the ledger counts from 1.
 */
const named = ({ view, command, facts }: Edge, name: string): Edge => {
  const id = { noticeId: noticeId(name) };
  const moved = <A extends { readonly generation: number }>(row: A): A => ({
    ...row,
    ...id,
    generation: row.generation + 1,
  });
  return {
    facts,
    view: {
      notice: moved(view.notice),
      attempts: view.attempts.map(moved),
      deadLetters: view.deadLetters.map(moved),
    },
    command: command.type === "replay" ? moved(command) : { ...command, ...id },
  };
};

/**
 * Rows that the ledger writes: what was routed has a channel, what was accepted is not being sent, and an open doubt has an
 * attempt that is in doubt.
 */
const isWritable = ({ view: { notice, attempts, deadLetters } }: Edge): boolean => {
  const isRouted = ["queued", "claimed", "sending", "in_doubt"].includes(notice.status);
  const doubts = deadLetters.filter(({ kind, state }) => kind === "doubt" && state === "open");
  const inDoubt = new Set(
    attempts.flatMap(({ attemptId, state }) => (state === "in_doubt" ? [attemptId] : [])),
  );
  const isSent = attempts.some(
    ({ generation, state }) => generation === notice.generation && state === "accepted",
  );
  return (
    (notice.channel !== null || !isRouted) &&
    (notice.status !== "sending" || !isSent) &&
    doubts.every(({ attemptId }) => attemptId !== null && inDoubt.has(attemptId))
  );
};

const surroundings = ({ facts, command }: Edge): string =>
  [command.type, facts.now, facts.activePolicyVersion, [...facts.paused].sort().join("+")].join(" ");

/** Edges of one command in the same surroundings: what one batch can ask. */
const inGroups = (edges: readonly Edge[]): readonly (readonly Edge[])[] => {
  const groups = new Map<string, Edge[]>();
  for (const edge of edges) {
    const key = surroundings(edge);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [edge]);
    else group.push(edge);
  }
  return [...groups.values()];
};

const surround = async ({ facts }: Edge): Promise<void> => {
  await database.setNow(facts.now);
  await database.query(
    "INSERT INTO millrace.policy VALUES ($1, '{}', 'test', 0) ON CONFLICT (version) DO NOTHING",
    [facts.activePolicyVersion],
  );
  await database.query("INSERT INTO millrace.active_policy VALUES (true, $1, 'test', 0)", [
    facts.activePolicyVersion,
  ]);
  await database.query(
    "INSERT INTO millrace.pause SELECT scope, 'test', 'test', 0 FROM unnest($1::text[]) scope",
    [facts.paused],
  );
  await database.query("INSERT INTO millrace.suppression VALUES ('suppressed', 'test', 'test', 0)");
};

const answersTo = async <T extends CommandType>(
  type: T,
  batch: readonly Command[],
): Promise<readonly string[]> => {
  // the group holds commands of this type only
  const answers = await Effect.runPromise(ledger.apply(type, batch as readonly CommandOf<T>[]));
  return answers.map((answer) =>
    Result.isSuccess(answer)
      ? `${answer.success.verdict}: ${answer.success.because}`
      : `failed: ${answer.failure.message}`,
  );
};

const expectedRows = ({ view, command, facts }: Edge) => {
  const outcome = transition(view, command, facts);
  const then = outcome.verdict === "won" ? after(view, outcome.change) : view;
  const byKey = (a: string, b: string): number => (a < b ? -1 : 1);
  return {
    notice: asColumns(then.notice),
    attempts: [...then.attempts].sort((a, b) => byKey(a.attemptId, b.attemptId)).map(asColumns),
    letters: [...then.deadLetters]
      .sort((a, b) => (a.kind === b.kind ? a.epoch - b.epoch : a.kind === "failed" ? -1 : 1))
      .map(asColumns),
    history: outcome.verdict === "won" && outcome.history !== null ? [historyColumns(outcome.history)] : [],
  };
};

/** The columns that the domain knows of; the rows themselves have more. */
const onlyNamed = (found: RowsOfNotice, asked: ReturnType<typeof expectedRows>) => {
  const pick = (row: object, like: object | undefined): object =>
    like === undefined ? row : Object.fromEntries(Object.entries(row).filter(([column]) => column in like));
  return {
    notice: pick(found.notice, asked.notice),
    attempts: found.attempts.map((row, n) => pick(row, asked.attempts[n])),
    letters: found.letters.map((row, n) => pick(row, asked.letters[n])),
    history: found.history.map((row, n) => pick(row, asked.history[n])),
  };
};

const historyColumns = ({ from, to, ...entry }: { from: string; to: string }): object => ({
  ...asColumns(entry),
  from_status: from,
  to_status: to,
});

describe("the SQL of every transition", () => {
  const edges = lifecycleEdges()
    .filter(isWritable)
    .map((edge, n) => named(edge, `edge-${n}`));

  it("is asked of edges of every command, each verdict among them", () => {
    expect(new Set(edges.map(({ command }) => command.type)).size).toBe(21);
    const verdicts = new Set(
      edges.map(({ view, command, facts }) => transition(view, command, facts).verdict),
    );
    expect([...verdicts].sort()).toEqual(["already-mine", "gone", "lost", "not-now", "won"]);
  });

  it("answers and writes what the table says, on every edge", { timeout: 180_000 }, async () => {
    const differences: unknown[] = [];
    for (const group of inGroups(edges)) {
      const [first] = group;
      if (first === undefined) continue;
      await database.clear();
      await surround(first);
      await placeViews(
        database,
        group.map(({ view, facts }) => ({
          view,
          userId: facts.suppressed ? "suppressed" : "anybody",
        })),
      );
      const answers = await answersTo(
        first.command.type,
        group.map(({ command }) => command),
      );
      const rows = await rowsOfAll(database);
      group.forEach((edge, n) => {
        const outcome = transition(edge.view, edge.command, edge.facts);
        const found = rows.get(edge.view.notice.noticeId) as RowsOfNotice; // it was placed
        const asked = { answer: `${outcome.verdict}: ${outcome.because}`, rows: expectedRows(edge) };
        const told = { answer: answers[n], rows: onlyNamed(found, asked.rows) };
        if (!isDeepStrictEqual(told, asked)) differences.push({ edge, asked, told });
      });
    }
    expect(differences.slice(0, 3)).toEqual([]);
  });
});
