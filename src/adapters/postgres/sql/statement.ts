/**
 * The frame that all transitions share. A statement's own file says what its command brings, how each guard of the table
 * reads in SQL, and what the rows become; statuses, the order of the guards and their verdicts are the table's own, so
 * that the two cannot drift apart.
 *
 * A transition is two statements of one transaction (READ COMMITTED):
 *
 * 1. `lock-notices.ts` locks the rows of the batch in key order and tells their places.
 * 2. The statement made here reads and writes. Its snapshot is younger than the locks, and whoever writes attempts, dead
 *    letters or history of a notice holds the lock on its row: so everything that the previous holder committed is seen,
 *    nothing can change meanwhile, and neither guard nor index is looked at in an older state than the notice.
 *
 * So two runners that race for a notice go one after the other, the second one judges what the first one left, and no
 * two batches wait for each other in a circle. A row that is locked cannot move, which is why its place (ctid) finds it.
 */
import type { CommandOf, CommandType } from "../../../domain/lifecycle/commands.ts";
import type { Verdict } from "../../../domain/lifecycle/rule.ts";
import { TABLE } from "../../../domain/lifecycle/transition.ts";
import { FINAL_STATUSES } from "../../../domain/notice.ts";
import { unnested, type Given } from "./given.ts";
import { hintQueued } from "./hint-queued.ts";
import { mayEnd, oweResults } from "./owe-result.ts";
import { NOW } from "./phrases.ts";

export type NoticeColumn =
  | "status"
  | "epoch"
  | "generation"
  | "attempt_no"
  | "channel"
  | "policy_version"
  | "owner"
  | "lease_until"
  | "lapses"
  | "due_at"
  | "hold_reason"
  | "republish_at"
  | "publishes"
  | "expires_at"
  | "run_id"
  | "cancel_requested";

export interface TransitionSource<T extends CommandType> {
  readonly type: T;
  /** Takes the gate's shared lock before anything else: see `gate-lock.ts`. */
  readonly gated?: boolean;
  readonly given: readonly Given<CommandOf<T>>[];
  /** Joins that bring more of the notice to look at, such as its attempt. */
  readonly reads?: string;
  readonly alreadyMine?: string;
  /** By the guard's name without its transition's: `T6.epoch` is `epoch`. */
  readonly guards: Readonly<Record<string, string>>;
  /** The columns of the notice that change. In what follows they are called `to_…`. */
  readonly becomes: Readonly<Partial<Record<NoticeColumn, string>>>;
  /** More values for what is written below, by name. */
  readonly computes?: Readonly<Record<string, string>>;
  /**
   * `exact` sets the alarm to the new time. `early` leaves one that rings before it where it is: the row then changes
   * no column that an index is on (HOT), and the sweeper pays once where the notice is still about when it rings.
   * `kept` leaves it in any case: a right to send is looked at when the lease before it would have ended.
   */
  readonly alarm: "exact" | "early" | "kept";
  /** Why, for the history and the answer: words of the command, or some of the statement's own (without commas). */
  readonly because?: { readonly of: (command: CommandOf<T>) => string | null } | { readonly words: string };
  /** Which attempt the history names. */
  readonly attempt?: string;
  /** Further writes, as named sub-statements over the rows that are `won`. */
  readonly writes?: Readonly<Record<string, string>>;
  /** What is answered for each item beside its verdict: columns over the judged rows `j`, and joins that they need. */
  readonly returns?: { readonly columns: readonly string[]; readonly joins: string };
}

export interface TransitionStatement<T extends CommandType> {
  readonly type: T;
  readonly name: string;
  readonly text: string;
  readonly gated: boolean;
  /** In the order of the parameters; `$1` are the places. */
  readonly given: readonly Given<CommandOf<T>>[];
  readonly because: (command: CommandOf<T>) => string | null;
  readonly returnsRows: boolean;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const list = (texts: readonly string[]): string => texts.map(quoted).join(", ");

const guardsInOrder = <T extends CommandType>(
  source: TransitionSource<T>,
): readonly { readonly no: `${Verdict} ${string}`; readonly holds: string }[] => {
  const { id, guards } = TABLE[source.type];
  const written = { ...source.guards };
  const inOrder = guards.map(({ name, otherwise }) => {
    const short = name.slice(id.length + 1);
    const holds = written[short];
    if (holds === undefined) throw new Error(`the statement of ${source.type} lacks the guard ${name}`);
    delete written[short];
    return { no: `${otherwise} ${name}` as const, holds };
  });
  const superfluous = Object.keys(written);
  if (superfluous.length > 0)
    throw new Error(`the table of ${source.type} knows no guard ${superfluous.join(", ")}`);
  return inOrder;
};

/** Empty where the command wins; otherwise the verdict and the name of the guard that said no. */
const verdict = <T extends CommandType>(source: TransitionSource<T>): string => {
  const { id, from } = TABLE[source.type];
  const lines = [
    ...(source.alreadyMine === undefined
      ? []
      : [`WHEN ${source.alreadyMine} THEN 'already-mine ${id}.already-mine'`]),
    `WHEN status NOT IN (${list(from)})`,
    `  THEN CASE WHEN status IN (${list(FINAL_STATUSES)}) THEN 'gone ${id}.status' ELSE 'lost ${id}.status' END`,
    ...guardsInOrder(source).map(({ no, holds }) => `WHEN (${holds}) IS NOT TRUE THEN '${no}'`),
  ];
  return `CASE\n      ${lines.join("\n      ")}\n    END`;
};

/** When somebody should look at the notice if nothing happens. */
const exactAlarm = (column: (name: NoticeColumn) => string): string => `CASE ${column("status")}
      WHEN 'ready' THEN ${column("expires_at")}
      WHEN 'queued' THEN LEAST(${column("republish_at")}, ${column("expires_at")})
      WHEN 'claimed' THEN LEAST(${column("lease_until")}, ${column("expires_at")})
      WHEN 'sending' THEN w.wake_at
    END`;

const CASTS: Readonly<Partial<Record<NoticeColumn, string>>> = { status: "::millrace.status" };

/** The columns of the notice, and why, as they are after the change. */
const afterwards = <T extends CommandType>(source: TransitionSource<T>) => ({
  column: (name: NoticeColumn): string => (name in source.becomes ? `w.to_${name}` : `w.${name}`),
  because: source.because === undefined ? "NULL" : "w.because",
});

const updated = <T extends CommandType>(source: TransitionSource<T>): string => {
  const columns = Object.keys(source.becomes);
  const { column } = afterwards(source);
  const exact = exactAlarm(column);
  const alarm = {
    exact: [`wake_at = ${exact}`],
    early: [
      `wake_at = CASE WHEN w.wake_at > ${NOW} AND w.wake_at <= ${exact} THEN w.wake_at ELSE ${exact} END`,
    ],
    kept: [],
  };
  return [...columns.map((name) => `${name} = w.to_${name}`), ...alarm[source.alarm]].join(",\n      ");
};

const history = <T extends CommandType>(source: TransitionSource<T>): string => {
  const { column, because } = afterwards(source);
  return `INSERT INTO millrace.history (period, notice_id, at, epoch, generation, attempt_no, from_status, to_status,
      transition, channel, attempt_id, actor, because)
    SELECT w.period, w.notice_id, ${NOW}, ${column("epoch")}, ${column("generation")}, ${column("attempt_no")}, w.status,
      ${column("status")}, '${TABLE[source.type].id}', ${column("channel")}, ${source.attempt ?? "NULL"}, w.c_actor, ${because}
    FROM won w`;
};

const results = <T extends CommandType>(source: TransitionSource<T>): string => {
  const { column, because } = afterwards(source);
  return oweResults(column, because);
};

const NOTICE_ROW = [
  ...[
    "period",
    "notice_id",
    "user_id",
    "status",
    "epoch",
    "generation",
    "attempt_no",
    "channel",
    "policy_version",
  ],
  ...[
    "owner",
    "lease_until",
    "lapses",
    "due_at",
    "hold_reason",
    "republish_at",
    "publishes",
    "expires_at",
    "run_id",
  ],
  ...["cancel_requested", "wake_at"],
];

/** The columns of the notice that a text names: the others need not be copied from one sub-statement to the next. */
const named = (text: string): readonly string[] => {
  const words = new Set(text.match(/\w+/g));
  return NOTICE_ROW.filter((name) => words.has(name));
};

/** What the writes name, and nothing more: the rows that are won are copied once for each of them. */
const wonColumns = (writes: readonly string[], computed: ReadonlyMap<string, string>): readonly string[] => {
  const named = writes.flatMap((text) => [...text.matchAll(/\bw\.(\w+)/g)].map(([, name]) => name ?? ""));
  return [...new Set(named)].map((name) => {
    const value = computed.get(name);
    return value === undefined ? `j.${name}` : `${value} AS ${name}`;
  });
};

/** Told for each item: empty if it won (with the statement's own words, if it has some), else why not. */
const told = <T extends CommandType>({ because }: TransitionSource<T>): string =>
  because !== undefined && "words" in because
    ? `coalesce(j.no, 'won ' || (${because.words}), '')`
    : "coalesce(j.no, '')";

export const transitionStatement = <T extends CommandType>(
  source: TransitionSource<T>,
): TransitionStatement<T> => {
  const { type, because, returns } = source;
  const { recorded } = TABLE[type];
  const words = because !== undefined && "of" in because ? because.of : () => null;
  const given: readonly Given<CommandOf<T>>[] = [
    ...source.given,
    ...(recorded ? [{ name: "c_actor", type: "text", of: ({ actor }) => actor } as Given<CommandOf<T>>] : []), // every command has an actor
    ...(because !== undefined && "of" in because
      ? [{ name: "c_because", type: "text", of: words } as Given<CommandOf<T>>] // as it comes from the source
      : []),
  ];
  const place = "$1::tid[]";
  const computed = new Map([
    ...Object.entries(source.becomes).map(
      // Its keys are the columns, which Object.entries forgets.
      ([name, value]) => [`to_${name}`, `(${value})${CASTS[name as NoticeColumn] ?? ""}`] as const,
    ),
    ...Object.entries(source.computes ?? {}),
    ...(because === undefined
      ? []
      : [["because", "words" in because ? `(${because.words})` : "c_because"] as const]),
  ]);
  const writes = [
    `moved AS (
    UPDATE millrace.notice n SET
      ${updated(source)}
    FROM won w WHERE n.ctid = w.place
    RETURNING 1
  )`,
    ...(recorded ? [`noted AS (\n    ${history(source)}\n  )`] : []),
    ...(mayEnd(source.becomes.status) ? [`owed AS (\n    ${results(source)}\n  )`] : []),
    ...Object.entries(source.writes ?? {}).map(([name, text]) => `${name} AS (\n    ${text}\n  )`),
  ];
  const hint = source.becomes.status?.includes("'queued'") === true ? `,\n  ${hintQueued("won")}` : "";
  const asked = [verdict(source), told(source), ...computed.values(), ...writes, ...(returns?.columns ?? [])];
  const noticeColumns = named([...asked, returns?.joins ?? ""].join(" "));
  const parts = [
    "clock AS MATERIALIZED (SELECT millrace.now() AS now)",
    `given AS (\n    SELECT * FROM ${unnested(given, 2).replace("unnest(", `unnest(${place}, `).replace("g(", "g(place, ")}\n  )`,
    `seen AS (
    SELECT ${noticeColumns.map((name) => `i.${name}`).join(", ")}, g.*${source.reads === undefined ? "" : ", a.*"}
    FROM given g JOIN millrace.notice i ON i.ctid = g.place${source.reads ?? ""}
  )`,
    `judged AS MATERIALIZED (\n    SELECT j.*, ${verdict(source)} AS no\n    FROM seen j\n  )`,
    `won AS MATERIALIZED (\n    SELECT ${wonColumns([...writes, hint], computed).join(", ")}\n    FROM judged j WHERE j.no IS NULL\n  )`,
    ...writes,
  ];
  const answer =
    returns === undefined
      ? `SELECT ${NOW} AS at, (SELECT count(*) FROM moved)::integer AS moved,
  string_agg(${told(source)}, ',' ORDER BY j.n) AS told${hint}
FROM judged j`
      : `SELECT CASE WHEN j.n = 1 THEN ${NOW} END AS at, CASE WHEN j.n = 1 THEN (SELECT count(*) FROM moved)::integer END AS moved,
  ${told(source)} AS told, ${returns.columns.join(", ")}
FROM judged j ${returns.joins}
ORDER BY j.n`;
  return {
    type,
    name: `millrace ${type}`,
    text: `WITH ${parts.join(",\n  ")}\n${answer}`,
    gated: source.gated === true,
    given,
    because: words,
    returnsRows: returns !== undefined,
  };
};
