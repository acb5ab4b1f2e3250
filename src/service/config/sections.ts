/**
 * Every setting that there is, but for the providers' (`providers.ts`): by section, with limits, default and words.
 *
 * Limits are wide: they refuse a slip of the keyboard, not an unusual wish. Defaults fit a first try on two cores and a
 * service of one machine alike.
 */
import { DAY_MS } from "../../domain/zone-time.ts";
import { KAFKA_SETTINGS } from "./kafka-settings.ts";
import { choice, choices, channelsOrNull, hidden, line, lineOrNull, whole } from "./setting-kinds.ts";
import type { Setting } from "./setting.ts";
import { bearerToken, cronExpression, hostName, postgresUrl, zoneName } from "./spellings.ts";

export const ROLES = ["dispatch", "deliver", "upkeep"] as const;
export type Role = (typeof ROLES)[number];

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const HOUR_MS = 3_600_000;
const A_PATH = "write a path; it is read from the working directory";

export const SECTIONS = {
  database: {
    url: hidden(
      {
        says: "The Postgres to use. Left out, an embedded server runs in `database.folder`, which is for a first try: production refuses it.",
        fix: 'write an address such as "postgres://user:password@host:5432/name" (characters such as @ and / in a password as %40 and %2F)',
        defaultInWords: "an embedded server",
      },
      postgresUrl,
    ),
    folder: line(".millrace", {
      says: "Where the embedded server and what belongs to a first try are kept.",
      fix: A_PATH,
    }),
    maxConnections: whole(10, 1, 1_000, { says: "Connections of one process at once." }),
    maxWaiting: whole(10_000, 1, 1_000_000, { says: "Callers in line for a connection." }),
    connectTimeoutMs: whole(5_000, 1, HOUR_MS, { says: "Until a new connection is there." }),
    statementTimeoutMs: whole(30_000, 1, HOUR_MS, { says: "For one statement, waiting for locks included." }),
    idleInTransactionMs: whole(10_000, 1, HOUR_MS, {
      says: "After this the server ends a transaction whose program says nothing; shorter than the statement's time.",
    }),
    unsafeCommits: choice(["refused", "allowed"], "refused", {
      says: "What a database is that may forget what it has acknowledged (`synchronous_commit` off; in production `fsync` off, too): after a crash a notice could be sent twice.",
    }),
  },
  keys: {
    file: lineOrNull({
      says: 'The file with the keys of the encrypted columns, readable by its owner only: `{"present": "<id>", "keys": {"<id>": "<32 bytes in Base64>"}}`, with `old` for formats of an earlier system.',
      fix: A_PATH,
      defaultInWords: "a development key in `database.folder`, refused in production",
    }),
    inline: hidden({
      says: "The same JSON itself, for an environment without files.",
      fix: "write the JSON of a key file; in the environment and not in a file",
    }),
    boundTo: choice(["notice", "member"], "notice", {
      says: "What a sealed text is bound to: opened as another notice's (or member's) it is refused.",
    }),
  },
  kafka: KAFKA_SETTINGS,
  policy: {
    file: lineOrNull({
      says: "A policy in JSON or YAML, for a ledger that has none yet.",
      fix: A_PATH,
      defaultInWords: "the demo policy: e-mail, then SMS, no quiet hours",
    }),
  },
  serve: {
    roles: choices(ROLES, ROLES, {
      says: "What this process does; several processes may share the work.",
    }),
    drainDeadlineMs: whole(60_000, 1, HOUR_MS, {
      says: "From the signal to end until what is in flight is given up; at least as long as one send can take.",
    }),
  },
  dispatch: {
    cron: line(
      "0 */2 * * *",
      {
        says: "When a run is opened.",
        fix: 'write a cron expression such as "0 */2 * * *": minute, hour, day, month, weekday',
      },
      cronExpression,
    ),
    zone: line(
      "Asia/Seoul",
      {
        says: "The zone of the cron expression.",
        fix: 'write a name of the IANA database, such as "Asia/Seoul"',
      },
      zoneName,
    ),
    pageSize: whole(1_000, 1, 10_000, { says: "Candidates that are locked and decided in one transaction." }),
    capPerRun: whole(1_000_000, 1, 1_000_000_000, {
      says: "First admissions of one run, over all dispatchers.",
    }),
  },
  delivery: {
    channels: channelsOrNull({
      says: "Which channels this process delivers.",
      defaultInWords: "all that have a provider",
    }),
    windowCredits: whole(10_000, 1, 1_000_000, {
      says: "Notices of one channel in flight in one process at most; memory follows from it.",
    }),
    leaseMs: whole(30_000, 1_000, HOUR_MS, {
      says: "For how long a claim is respected; it is renewed every third of it. A process that dies is replaced after it.",
    }),
    sendWindowMs: whole(10_000, 100, HOUR_MS, {
      says: "From the right to send to the first byte; later nothing leaves.",
    }),
    answerWindowMs: whole(30_000, 100, HOUR_MS, {
      says: "From the first byte to the end of waiting for an answer.",
    }),
    claimBatchSize: whole(500, 1, 10_000, { says: "Notices claimed in one statement." }),
    batchSize: whole(500, 1, 10_000, {
      says: "Rights to send, and likewise notices settled, in one transaction.",
    }),
    maxWaitMs: whole(1_000, 10, 60_000, {
      says: "How long an idle worker waits before it looks for work without being woken.",
    }),
  },
  upkeep: {
    sweepEveryMs: whole(1_000, 100, HOUR_MS, {
      says: "The sleep between two looks for rows whose time has come, give or take a fifth; after a full page there is none.",
    }),
    lapseCap: whole(5, 1, 100, {
      says: "How often a notice may lose its worker before it is held for an operator.",
    }),
    answerWindowMs: whole(60_000, 100, DAY_MS, {
      says: "How long after its send window a send without an outcome becomes a doubt; not shorter than `delivery.answerWindowMs`.",
    }),
    batchSize: whole(500, 1, 10_000, { says: "Rows taken up in one statement." }),
  },
  templates: {
    folder: lineOrNull({
      says: "The folder with the versions of the templates.",
      fix: A_PATH,
      defaultInWords: "the templates of the demo",
    }),
  },
  content: {
    root: lineOrNull({
      says: "The folder under which bills lie that are not in their rows (`content_ref`). Nothing outside it is read.",
      fix: A_PATH,
      defaultInWords: "none: bills are in their rows",
    }),
    maxBytes: whole(1_048_576, 1, 104_857_600, { says: "The largest bill that is read." }),
  },
  http: {
    host: line(
      "127.0.0.1",
      {
        says: "The address that health, metrics and the trigger listen on. Off loopback they need `http.token`.",
        fix: 'write an address such as "127.0.0.1" or "0.0.0.0"',
      },
      hostName,
    ),
    port: whole(7330, 0, 65_535, { says: "Their port; 0 takes a free one, and says which." }),
    token: hidden(
      {
        says: "What callers have to show, as `Authorization: Bearer …`; needed off loopback. Without it they learn from `/healthz` and `/readyz` yes or no, and nothing else.",
        fix: "write at least 16 random characters without spaces; better in the environment than in a file",
      },
      bearerToken,
    ),
    requestTimeoutMs: whole(10_000, 100, 600_000, {
      says: "For one request to arrive whole.",
    }),
  },
  log: {
    level: choice(LOG_LEVELS, "info", { says: "The least that is written." }),
  },
} as const satisfies Record<string, Record<string, Setting<unknown>>>;

export type SectionName = keyof typeof SECTIONS;

/** Each section as it is after decoding. */
export type Sections = {
  readonly [Section in SectionName]: {
    readonly [Name in keyof (typeof SECTIONS)[Section]]: (typeof SECTIONS)[Section][Name] extends Setting<
      infer Value
    >
      ? Value
      : never;
  };
};
