/**
 * A batch of one command in one transaction: lock the rows in key order, judge and write, commit.
 */
import type pg from "pg";
import type { Instant } from "../../domain/ids.ts";
import type { Command, CommandOf, CommandType } from "../../domain/lifecycle/commands.ts";
import type { Verdict } from "../../domain/lifecycle/rule.ts";
import type { Notice } from "../../domain/notice.ts";
import type { Answer, AnswerTo, ClaimAnswer, Contents } from "../../domain/ports/notice-ledger.ts";
import type { Pool } from "./pool.ts";
import { instantOf, maybeInstant, maybeVersion, type Bigint } from "./rows.ts";
import { GATE_SHARED } from "./sql/gate-lock.ts";
import { arrayLiteral } from "./sql/given.ts";
import { lockNotices } from "./sql/lock-notices.ts";
import type { TransitionStatement } from "./sql/statement.ts";
import { TRANSITIONS } from "./sql/transitions.ts";
import { inTransaction } from "./transaction.ts";

const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED";

interface Locked {
  readonly found: number;
  readonly places: string;
  /** Which items they are of, counted from 1; empty where every item was found. */
  readonly known: readonly number[] | null;
}

interface Told {
  readonly at: Bigint;
  readonly moved: number;
  readonly told: string;
}

/** The columns of `claim`, in its order. */
type ClaimRow = readonly [
  ...[at: Bigint | null, moved: number | null, told: string, leaseUntil: Bigint | null],
  ...[generation: number, attemptNo: number, channel: Notice["channel"], policyVersion: Bigint | null],
  ...[
    lapses: number,
    dueAt: Bigint,
    holdReason: Notice["holdReason"],
    expiresAt: Bigint,
    runId: Notice["runId"],
  ],
  ...[cancelRequested: boolean, userId: string, billId: string, purpose: string],
  ...[contacts: Contents["contacts"], routing: Contents["routing"], content: Contents["content"]],
];

const VERDICT = /^(won|already-mine|not-now|lost|gone) (.*)$/s;

const answerOf = <T extends CommandType>(
  statement: TransitionStatement<T>,
  command: CommandOf<T>,
  told: string,
  at: Instant,
): Answer => {
  if (told === "") return { verdict: "won", because: statement.because(command), at };
  const [, verdict, because] = VERDICT.exec(told) ?? [];
  if (verdict === undefined || because === undefined)
    throw new Error(`${statement.name} answered ${JSON.stringify(told)}`);
  return { verdict: verdict as Verdict, because, at }; // one of those in the pattern
};

/** What is told as won was written: a place that was locked cannot have lost its row. */
const demandAllMoved = (name: string, told: readonly string[], moved: number): void => {
  const won = told.filter((each) => each === "" || each.startsWith("won ")).length;
  if (won !== moved) throw new Error(`${name} told of ${won} changes and wrote ${moved}`);
};

const values = <T extends CommandType>(
  statement: TransitionStatement<T>,
  places: string,
  commands: readonly CommandOf<T>[],
): string[] => [places, ...statement.given.map(({ of }) => arrayLiteral(commands, of))];

const plainAnswers = async <T extends CommandType>(
  client: pg.ClientBase,
  statement: TransitionStatement<T>,
  places: string,
  commands: readonly CommandOf<T>[],
): Promise<readonly Answer[]> => {
  const { name, text } = statement;
  const { rows } = await client.query<Told>({ name, text, values: values(statement, places, commands) });
  const [row] = rows;
  if (row === undefined) throw new Error(`${name} answered nothing`);
  const told = row.told.split(",");
  demandAllMoved(name, told, row.moved);
  const at = instantOf(row.at);
  return commands.map((command, n) => answerOf(statement, command, told[n] ?? "?", at));
};

const claimAnswers = async (
  client: pg.ClientBase,
  statement: TransitionStatement<"claim">,
  places: string,
  commands: readonly CommandOf<"claim">[],
): Promise<readonly ClaimAnswer[]> => {
  const { name, text } = statement;
  const { rows } = await client.query<ClaimRow>({
    name,
    text,
    values: values(statement, places, commands),
    rowMode: "array",
    // The driver's types know a row as an object or as a list of anything.
  } as unknown as pg.QueryConfig);
  const [first] = rows;
  if (first === undefined || first[0] === null || first[1] === null)
    throw new Error(`${name} answered nothing`);
  const at = instantOf(first[0]);
  demandAllMoved(
    name,
    rows.map((row) => row[2]),
    first[1],
  );
  return rows.map((row, n): ClaimAnswer => {
    const command = commands[n];
    if (command === undefined) throw new Error(`${name} answered for more than it was asked`);
    const answer = answerOf(statement, command, row[2], at);
    const held = answer.verdict === "won" || answer.verdict === "already-mine";
    return { ...answer, claimed: held ? claimedOf(command, row) : null };
  });
};

const claimedOf = (command: CommandOf<"claim">, row: ClaimRow): ClaimAnswer["claimed"] => {
  const [, , , leaseUntil, generation, attemptNo, channel, policyVersion, lapses, dueAt] = row;
  const [holdReason, expiresAt, runId, cancelRequested, userId, billId, purpose, contacts, routing, content] =
    row.slice(10) as unknown as TailOf<ClaimRow>; // a tuple's slice forgets that it is one
  return {
    notice: {
      noticeId: command.noticeId,
      period: command.period,
      status: "claimed",
      epoch: command.epoch + 1,
      generation,
      attemptNo,
      channel,
      policyVersion: maybeVersion(policyVersion),
      owner: command.owner,
      leaseUntil: maybeInstant(leaseUntil),
      lapses,
      dueAt: instantOf(dueAt),
      holdReason,
      republishAt: null,
      publishes: 0,
      expiresAt: instantOf(expiresAt),
      runId,
      cancelRequested,
    },
    contents: { userId, billId, purpose, contacts, routing, content },
  };
};

type TailOf<T extends readonly unknown[]> = T extends readonly [
  ...[unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown],
  ...infer Tail,
]
  ? Tail
  : never;

/** Judges and writes rows that this transaction has locked already. */
export const judge = async <T extends CommandType>(
  client: pg.ClientBase,
  type: T,
  places: string,
  commands: readonly CommandOf<T>[],
): Promise<readonly AnswerTo<T>[]> => {
  const statement = TRANSITIONS[type];
  // TypeScript does not see that `T` is "claim" where the rows come back, nor that its answer is then a claim's.
  const claims = statement as unknown as TransitionStatement<"claim">;
  const answers = statement.returnsRows
    ? await claimAnswers(client, claims, places, commands as unknown as readonly CommandOf<"claim">[]) // as above
    : await plainAnswers(client, statement as unknown as TransitionStatement<T>, places, commands); // the statement of T
  return answers as readonly AnswerTo<T>[]; // as above
};

const noSuchNotice = (type: CommandType, at: Instant): Answer | ClaimAnswer => {
  const answer = { verdict: "gone", because: "unknown notice", at } as const;
  return type === "claim" ? { ...answer, claimed: null } : answer;
};

export const applyBatch = async <T extends CommandType>(
  pool: Pool,
  type: T,
  commands: readonly CommandOf<T>[],
): Promise<readonly AnswerTo<T>[]> =>
  inTransaction(pool, TRANSITIONS[type].gated ? `${BEGIN}; ${GATE_SHARED}` : BEGIN, async (client) => {
    const plain = commands as readonly Command[]; // every command names its notice
    const locking = await client.query<Locked>({
      ...lockNotices,
      values: [arrayLiteral(plain, ({ period }) => period), arrayLiteral(plain, ({ noticeId }) => noticeId)],
    });
    const locked = locking.rows[0];
    if (locked === undefined) throw new Error("locking answered nothing");
    if (locked.known === null) return judge(client, type, locked.places, commands);
    return judgeSome(client, type, locked, locked.known, commands);
  });

/** Some notices are unknown: the others are judged, and each answer goes to its place. */
const judgeSome = async <T extends CommandType>(
  client: pg.ClientBase,
  type: T,
  { places }: Locked,
  known: readonly number[],
  commands: readonly CommandOf<T>[],
): Promise<readonly AnswerTo<T>[]> => {
  const { rows } = await client.query<{ at: Bigint }>("SELECT millrace.now() AS at");
  const gone = noSuchNotice(type, instantOf(rows[0]?.at ?? Number.NaN)) as AnswerTo<T>; // made for this type
  const answers = new Array<AnswerTo<T>>(commands.length).fill(gone);
  const there = known.flatMap((n) => commands[n - 1] ?? []);
  if (there.length > 0) {
    const judged = await judge(client, type, places, there);
    known.forEach((n, at) => {
      const answer = judged[at];
      if (answer !== undefined) answers[n - 1] = answer;
    });
  }
  return answers;
};
