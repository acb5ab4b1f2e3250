/**
 * Every edge that the exhaustive search has found, and every guard's edge, replayed against the SQL in batches: the same
 * verdict for the same reason, and the same rows, column by column, with the same line of history.
 */
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

/** The same edge, of a notice of its own. */
const named = ({ view, command, facts }: Edge, name: string): Edge => {
  const id = { noticeId: noticeId(name) };
  return {
    facts,
    view: {
      notice: { ...view.notice, ...id },
      attempts: view.attempts.map((attempt) => ({ ...attempt, ...id })),
      deadLetters: view.deadLetters.map((letter) => ({ ...letter, ...id })),
    },
    command: { ...command, ...id },
  };
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
  await database.query("INSERT INTO millrace.pause SELECT scope, 'test', 'test', 0 FROM unnest($1::text[]) scope", [
    facts.paused,
  ]);
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

const historyColumns = ({ from, to, ...entry }: { from: string; to: string }): object => ({
  ...asColumns(entry),
  from_status: from,
  to_status: to,
});

describe("the SQL of every transition", () => {
  const edges = lifecycleEdges().map((edge, n) => named(edge, `edge-${n}`));

  it("is asked of edges of every command, each verdict among them", () => {
    expect(new Set(edges.map(({ command }) => command.type)).size).toBe(21);
    const verdicts = new Set(edges.map(({ view, command, facts }) => transition(view, command, facts).verdict));
    expect([...verdicts].sort()).toEqual(["already-mine", "gone", "lost", "not-now", "won"]);
  });

  it("answers and writes what the table says, on every edge", { timeout: 180_000 }, async () => {
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
        const asked = { ...edge, answer: `${outcome.verdict}: ${outcome.because}`, rows: expectedRows(edge) };
        const found = rows.get(edge.view.notice.noticeId) as RowsOfNotice; // it was placed
        expect({ ...edge, answer: answers[n], rows: found }).toMatchObject(asked);
        expect(found.attempts).toHaveLength(asked.rows.attempts.length);
        expect(found.letters).toHaveLength(asked.rows.letters.length);
        expect(found.history).toHaveLength(asked.rows.history.length);
      });
    }
  });
});
