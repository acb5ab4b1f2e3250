/**
 * The contestants: how the ledger finds by time what nobody has touched, and what that costs the rows that are touched
 * all the time. Tables and statements are as near to the real ones as the question needs: no guards but the epoch's.
 */

export interface Design {
  readonly name: string;
  /** How time finds a notice: an index on the exact times, a side table, or an alarm that may ring early. */
  readonly time: "exact-index" | "side-table" | "early-alarm" | "none";
  /** Declared partitions by period, this many. */
  readonly partitions: number;
  /**
   * Rows locked by a statement of their own, inside the statement that changes them, or by one that hands their places
   * (ctid) on to it.
   */
  readonly lock: "before" | "inside" | "handed";
  /**
   * The attempts' indexes: the live one on the state itself, or on a column that only a "no" changes, beside a primary
   * key; or two that divide the attempts between them (live, closed).
   */
  readonly attempts: "key, live by state" | "key, live by column" | "live and closed";
  readonly history: "btree" | "hash";
}

const base: Design = {
  name: "",
  time: "early-alarm",
  partitions: 0,
  lock: "handed",
  attempts: "live and closed",
  history: "hash",
};

export const DESIGNS: readonly Design[] = [
  { ...base, name: "no index by time (floor)", time: "none" },
  { ...base, name: "(a) partial indexes on exact times", time: "exact-index" },
  { ...base, name: "(b) side table by time", time: "side-table" },
  { ...base, name: "(c) one early alarm on the row" },
  { ...base, name: "(c) locked by a statement before", lock: "before" },
  { ...base, name: "(c) locked inside the statement", lock: "inside" },
  { ...base, name: "(c) attempts: key, live by state", attempts: "key, live by state" },
  { ...base, name: "(c) attempts: key, live by column", attempts: "key, live by column" },
  { ...base, name: "(c) history by btree", history: "btree" },
  { ...base, name: "(c) in 13 partitions", partitions: 13, lock: "before" },
];

const TABLES: Readonly<Record<string, string>> = {
  notice: `period integer NOT NULL, notice_id text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL,
    status text NOT NULL, epoch integer NOT NULL, generation integer NOT NULL, attempt_no integer NOT NULL, channel text,
    policy_version integer, owner text, lease_until bigint, lapses integer NOT NULL, due_at bigint NOT NULL,
    hold_reason text, republish_at bigint, publishes integer NOT NULL, expires_at bigint NOT NULL, run_id text,
    cancel_requested boolean NOT NULL, routable smallint, wake_at bigint`,
  contents: `period integer NOT NULL, notice_id text COLLATE "C" NOT NULL, bill_id text NOT NULL, contacts json NOT NULL,
    routing json NOT NULL, content json NOT NULL`,
  attempt: `period integer NOT NULL, notice_id text COLLATE "C" NOT NULL, attempt_id text COLLATE "C" NOT NULL, generation integer NOT NULL,
    attempt_no integer NOT NULL, epoch integer NOT NULL, channel text NOT NULL, provider text NOT NULL,
    provider_key text NOT NULL, content_digest text NOT NULL, intent_at bigint NOT NULL, send_by bigint NOT NULL,
    copies integer NOT NULL, state text NOT NULL, provider_message_id text, evidence text,
    live boolean GENERATED ALWAYS AS (state IN ('intent', 'in_doubt', 'accepted')) STORED`,
  history: `period integer NOT NULL, notice_id text COLLATE "C" NOT NULL, at bigint NOT NULL, transition text NOT NULL,
    from_status text NOT NULL, to_status text NOT NULL, epoch integer NOT NULL, generation integer NOT NULL,
    attempt_no integer NOT NULL, channel text, attempt_id text, actor text NOT NULL, because text,
    seq bigint GENERATED ALWAYS AS IDENTITY`,
};

const FILL: Readonly<Record<string, number>> = { notice: 50, contents: 100, attempt: 45, history: 100 };

export const schemaOf = (design: Design): string => {
  const statements = ["DROP SCHEMA IF EXISTS d CASCADE", "CREATE SCHEMA d"];
  for (const [name, columns] of Object.entries(TABLES)) {
    if (design.partitions === 0) {
      statements.push(`CREATE TABLE d.${name} (${columns}) WITH (fillfactor = ${FILL[name]})`);
      continue;
    }
    const plain =
      name === "history"
        ? columns.replace("GENERATED ALWAYS AS IDENTITY", "DEFAULT nextval('d.seq')")
        : columns;
    if (name === "notice") statements.push("CREATE SEQUENCE d.seq");
    statements.push(`CREATE TABLE d.${name} (${plain}) PARTITION BY LIST (period)`);
    for (let part = 0; part < design.partitions; part++) {
      const period = PERIOD - part;
      statements.push(
        `CREATE TABLE d.${name}_${part} PARTITION OF d.${name} FOR VALUES IN (${period}) WITH (fillfactor = ${FILL[name]})`,
      );
    }
  }
  statements.push(
    "ALTER TABLE d.notice ADD PRIMARY KEY (period, notice_id)",
    "ALTER TABLE d.contents ADD PRIMARY KEY (period, notice_id)",
    design.attempts === "live and closed"
      ? "CREATE INDEX ON d.attempt (period, notice_id) WHERE NOT live"
      : "ALTER TABLE d.attempt ADD PRIMARY KEY (period, notice_id, attempt_id)",
    design.history === "btree"
      ? "CREATE INDEX ON d.history (period, notice_id)"
      : "CREATE INDEX ON d.history USING hash (notice_id)",
    design.attempts === "key, live by state"
      ? "CREATE UNIQUE INDEX ON d.attempt (period, notice_id, generation) WHERE state IN ('intent', 'in_doubt', 'accepted')"
      : "CREATE UNIQUE INDEX ON d.attempt (period, notice_id, generation) WHERE live",
  );
  if (design.time === "exact-index") {
    statements.push(
      "CREATE INDEX ON d.notice (due_at, notice_id) WHERE status = 'ready'",
      "CREATE INDEX ON d.notice (expires_at) WHERE status IN ('ready', 'queued', 'claimed')",
      "CREATE INDEX ON d.notice (republish_at) WHERE status = 'queued'",
      "CREATE INDEX ON d.notice (lease_until) WHERE status = 'claimed'",
      "CREATE INDEX ON d.notice (wake_at) WHERE status = 'sending'",
    );
  }
  if (design.time === "early-alarm") {
    statements.push(
      "CREATE INDEX ON d.notice (routable, due_at, notice_id) WHERE routable > 0",
      "CREATE INDEX ON d.notice (wake_at) WHERE wake_at IS NOT NULL",
    );
  }
  if (design.time === "side-table") {
    statements.push(
      `CREATE TABLE d.agenda (period integer NOT NULL, notice_id text COLLATE "C" NOT NULL, what smallint NOT NULL,
         at bigint NOT NULL, expires_at bigint NOT NULL, PRIMARY KEY (period, notice_id)) WITH (fillfactor = 50)`,
      "CREATE INDEX ON d.agenda (what, at)",
      "CREATE INDEX ON d.agenda (expires_at)",
    );
  }
  return statements.join(";\n");
};

export const PERIOD = 202411;

const NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/** What a step sets, which agenda line it leaves, and what else it writes from the rows that it changed. */
interface Step {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly set: string;
  readonly agenda: string;
  readonly reads?: string;
  readonly also: readonly string[];
}

const told = (name: string, from: string, to: string): string =>
  `told AS (INSERT INTO d.history (period, notice_id, at, transition, from_status, to_status, epoch, generation,
     attempt_no, channel, attempt_id, actor, because)
   SELECT period, notice_id, (SELECT now FROM clock), '${name}', '${from}', '${to}', epoch + 1, generation, attempt_no,
     channel, NULL, 'worker-1', NULL FROM judged WHERE won)`;

const STEPS: readonly Step[] = [
  {
    name: "T2",
    from: "ready",
    to: "queued",
    set: `status = 'queued', epoch = judged.epoch + 1, channel = 'email', policy_version = 1, attempt_no = 1, run_id = 'run-1',
      republish_at = (SELECT now FROM clock) + 60000, routable = 0, wake_at = (SELECT now FROM clock) + 60000`,
    agenda: "what = 1, at = (SELECT now FROM clock) + 60000",
    also: [],
  },
  {
    name: "T3",
    from: "queued",
    to: "claimed",
    set: `status = 'claimed', epoch = judged.epoch + 1, owner = 'worker-1', lease_until = (SELECT now FROM clock) + 60000,
      republish_at = NULL, publishes = 0, wake_at = LEAST(judged.wake_at, (SELECT now FROM clock) + 60000)`,
    agenda: "what = 2, at = (SELECT now FROM clock) + 60000",
    also: [],
  },
  {
    name: "T6",
    from: "claimed",
    to: "sending",
    set: `status = 'sending', lease_until = NULL, lapses = 0, wake_at = (SELECT now FROM clock) + 15000`,
    agenda: "what = 3, at = (SELECT now FROM clock) + 15000",
    also: [
      `intent AS (INSERT INTO d.attempt (period, notice_id, attempt_id, generation, attempt_no, epoch, channel, provider,
         provider_key, content_digest, intent_at, send_by, copies, state)
       SELECT period, notice_id, notice_id || '-1', generation, attempt_no, epoch, channel, 'simulated',
         notice_id || '-1', 'digest-of-the-content-32-bytes--', (SELECT now FROM clock), (SELECT now FROM clock) + 15000, 1,
         'intent' FROM judged WHERE won)`,
    ],
  },
  {
    name: "T8",
    from: "sending",
    to: "sent",
    set: "status = 'sent', owner = NULL, wake_at = NULL",
    agenda: "",
    also: [
      `closed AS (UPDATE d.attempt a SET state = 'accepted', provider_message_id = 'message-' || judged.n, evidence = 'answer'
       FROM judged WHERE won AND a.ctid = judged.attempt_place)`,
    ],
  },
];

const ATTEMPT_OF = `LEFT JOIN LATERAL (SELECT ctid FROM d.attempt
  WHERE period = n.period AND notice_id = n.notice_id AND live AND generation = n.generation
    AND attempt_id = n.notice_id || '-1') a ON true`;

export interface Statements {
  readonly ingest: string;
  readonly lock: string | null;
  /** T2, T3, T6, T8, in this order: each takes period, notice ids, epochs. */
  readonly steps: readonly { readonly name: string; readonly text: string }[];
}

/** An early alarm stays where it is when the right to send is given out; the other designs know no alarm, or an exact one. */
const changed = ({ time }: Design, name: string, set: string): string =>
  time === "exact-index" || (time === "early-alarm" && name !== "T6")
    ? set
    : set.replace(/,\s*(routable|wake_at) = .*$/s, "");

const LOCK = `SELECT array_agg(place ORDER BY n)::text AS places FROM (SELECT n.ctid AS place, g.n FROM unnest($1::integer[], $2::text[]) WITH ORDINALITY AS g(period, notice_id, n)
  JOIN d.notice n USING (period, notice_id) ORDER BY n.period, n.notice_id FOR UPDATE OF n) AS locked`;

export const statementsOf = (design: Design): Statements => {
  const agendaIngest =
    design.time === "side-table"
      ? `, agenda AS (INSERT INTO d.agenda SELECT period, notice_id, 0, 0, 9e12 FROM given)`
      : "";
  const alarms = design.time === "early-alarm" || design.time === "exact-index";
  const step = ({ name, from, to, set, agenda, also }: Step): string => {
    const inside = design.lock === "inside";
    const handed = design.lock === "handed";
    const byKey = "n.period = judged.period AND n.notice_id = judged.notice_id";
    const lines = [
      `clock AS MATERIALIZED (SELECT ${NOW} AS now)`,
      handed
        ? `given AS (SELECT * FROM unnest($1::tid[], $2::integer[]) WITH ORDINALITY AS g(place, seen, n))`
        : `given AS (SELECT * FROM unnest($1::integer[], $2::text[], $3::integer[]) WITH ORDINALITY AS g(period, notice_id, seen, n))`,
      `judged AS MATERIALIZED (SELECT n.*, given.n, n.ctid AS place, n.status = '${from}' AND n.epoch = given.seen AS won
         ${name === "T8" ? ", a.ctid AS attempt_place" : ""}
       FROM given JOIN d.notice n ${handed ? "ON n.ctid = given.place" : "USING (period, notice_id)"}
       ${name === "T8" ? ATTEMPT_OF : ""}
       ${inside ? "ORDER BY n.period, n.notice_id FOR UPDATE OF n" : ""})`,
      `moved AS (UPDATE d.notice n SET ${changed(design, name, set)} FROM judged
       WHERE won AND ${inside || design.partitions > 0 ? byKey : "n.ctid = judged.place"})`,
      told(name, from, to),
      ...also,
    ];
    if (design.time === "side-table") {
      lines.push(
        agenda === ""
          ? `forgotten AS (DELETE FROM d.agenda a USING judged WHERE won AND a.period = judged.period AND a.notice_id = judged.notice_id)`
          : `noted AS (UPDATE d.agenda a SET ${agenda} FROM judged WHERE won AND a.period = judged.period AND a.notice_id = judged.notice_id)`,
      );
    }
    const claim = name === "T3";
    const answer = claim
      ? `SELECT judged.n, judged.epoch, judged.attempt_no, judged.channel, judged.due_at, judged.expires_at, judged.user_id,
           c.bill_id, c.contacts, c.routing, c.content
         FROM judged JOIN d.contents c USING (period, notice_id) WHERE won`
      : `SELECT string_agg(CASE WHEN won THEN '' ELSE 'lost' END, ',' ORDER BY n) AS verdicts FROM judged`;
    return `WITH ${lines.join(",\n")} ${answer}`;
  };
  return {
    lock: design.lock === "inside" ? null : LOCK,
    ingest: `WITH given AS MATERIALIZED (SELECT * FROM unnest($1::integer[], $2::text[], $3::text[], $4::json[], $5::json[], $6::json[])
        AS g(period, notice_id, user_id, contacts, routing, content)),
      rest AS (INSERT INTO d.contents SELECT period, notice_id, 'bill-' || notice_id, contacts, routing, content FROM given)
      ${agendaIngest}
      INSERT INTO d.notice (period, notice_id, user_id, status, epoch, generation, attempt_no, lapses, due_at, publishes,
        expires_at, cancel_requested, routable, wake_at)
      SELECT period, notice_id, user_id, 'ready', 0, 1, 0, 0, 0, 0, 9000000000000, false, 1, ${alarms ? "9000000000000" : "NULL"}
      FROM given`,
    steps: STEPS.map((each) => ({ name: each.name, text: step(each) })),
  };
};
