/**
 * What both contestants of `bench/delivery.ts` deliver: notices of the ledger with real contents, a provider that takes a second,
 * real decryption and real templates.
 */
import { fileURLToPath } from "node:url";
import { Effect, Result } from "effect";
import {
  channelId,
  type ClaimAnswer,
  conceal,
  contactRule,
  type ContentCipher,
  instant,
  memoryProviderJournal,
  noticeId,
  period,
  policiesAtHand,
  policyVersion,
  reveal,
  type Sender,
  Sensitive,
  systemPorts,
  type TemplateStore,
} from "millrace";
import { contentCipher, decodeKeyRing } from "millrace/crypto";
import {
  migrateUp,
  openPool,
  openQueueHints,
  postgresLedger,
  postgresQueuedNotices,
  startEmbeddedServer,
} from "millrace/postgres";
import { simulatedSender } from "millrace/providers";
import { templateStore } from "millrace/templates";

export const EMAIL = channelId("email");
export const PERIOD = period(202611);
const POLICY = policyVersion(1);
const DAY_MS = 86_400_000;
const BATCH = 500;

/** Of a bill with ten lines, in the fields of the shipped templates. */
const billOf = (nth: number): object => {
  const items = Array.from({ length: 10 }, (_, line) => ({
    label: `항목 ${line + 1}`,
    amount: 1_000 + nth + line,
  }));
  return { name: "홍길동", items, total: items.reduce((sum, { amount }) => sum + amount, 0) };
};

const wanted = <A, E>(result: Result.Result<A, E>): A => {
  if (Result.isFailure(result))
    throw new Error("a part of the bench could not be made", { cause: result.failure });
  return result.success;
};

export const openWorld = async (latencyMs: number) => {
  const server = await startEmbeddedServer({
    settings: {
      shared_buffers: "512MB",
      max_wal_size: "8GB",
      checkpoint_timeout: "30min",
      wal_init_zero: "off",
    },
  });
  const { host, port, user, password } = server;
  const connection = { host, port, user, password, database: "postgres" };
  await migrateUp(connection);
  const pool = openPool({ connection, maxConnections: 10 });
  const hints = openQueueHints({ connection });
  const ledger = postgresLedger({ pool });
  await Effect.runPromise(
    ledger.activatePolicy(
      POLICY,
      {
        version: 1,
        zone: "Asia/Seoul",
        channels: [
          { channel: "email", maxAttempts: 2, backoff: { firstMs: 1_000, factor: 2, capMs: 60_000 } },
        ],
        expiresAfterMs: 3 * DAY_MS,
      },
      "bench",
    ),
  );
  const key = Buffer.alloc(32, 7).toString("base64");
  const ring = wanted(decodeKeyRing(JSON.stringify({ present: "bench", keys: { bench: key } }), "the bench"));
  const cipher: ContentCipher = contentCipher({ ring });
  const folder = fileURLToPath(new URL("../templates", import.meta.url));
  const templates: TemplateStore = wanted(templateStore({ folder }));
  const policies = await Effect.runPromise(policiesAtHand(ledger, systemPorts.clock));
  const sender = (): Sender =>
    simulatedSender({
      channel: EMAIL,
      journal: memoryProviderJournal(systemPorts.clock),
      latencyMs,
      faults: { rejectedShare: 0 },
      limits: { maxInFlight: 40_000 },
    });

  /** Ingested and routed, due now. */
  const queue = async (name: string, count: number): Promise<void> => {
    const now = await Effect.runPromise(ledger.now);
    for (let from = 0; from < count; from += BATCH) {
      const ids = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) =>
        noticeId(`${name}-${from + at}`),
      );
      const ingested = await Effect.runPromise(
        ledger.ingest(
          ids.map((id, at) => ({
            ...{
              noticeId: id,
              period: PERIOD,
              billId: id,
              purpose: "bill",
              userId: id,
              kind: "bill",
              priority: 0,
            },
            dueAt: instant(now - 1_000),
            expiresAt: instant(now + DAY_MS),
            contacts: { [EMAIL]: cipher.seal(conceal(`person-${from + at}@example.com`), id) },
            routing: {},
            content: { sealed: cipher.seal(conceal(JSON.stringify(billOf(from + at))), id), ref: null },
            actor: "bench",
          })),
        ),
      );
      const routed = await Effect.runPromise(
        ledger.apply(
          "route",
          ids.map((id) => ({
            ...{
              type: "route" as const,
              noticeId: id,
              period: PERIOD,
              actor: "bench",
              epoch: 0,
              runId: null,
            },
            choice: { channel: EMAIL, policyVersion: POLICY },
            republishInMs: DAY_MS,
          })),
        ),
      );
      const isWon = (each: Result.Result<{ readonly verdict: string }, unknown>): boolean =>
        Result.isSuccess(each) && each.success.verdict === "won";
      if (!ingested.every(isWon) || !routed.every(isWon)) throw new Error("the notices could not be queued");
    }
  };

  type Claim = NonNullable<ClaimAnswer["claimed"]>;

  /** What the stages of the journey do between the claim and the right to send, as plain functions. */
  const prepare = ({ notice, contents }: Claim) => {
    const about = notice.noticeId;
    const to = wanted(contactRule(EMAIL)(wanted(cipher.open(contents.contacts[EMAIL] ?? "", about))));
    const { sealed } = contents.content as { sealed: string }; // as queued above
    const fields = JSON.parse(reveal(wanted(cipher.open(sealed, about)))) as Record<string, unknown>; // as queued above
    const rendered = wanted(
      templates.render({
        channel: EMAIL,
        kind: "bill",
        bill: new Sensitive("bill", fields, to.masked),
        about: { billId: contents.billId, period: notice.period, purpose: contents.purpose },
      }),
    );
    return { notice, to, rendered };
  };

  return {
    ...{ server, ledger, cipher, templates, policies, sender, queue, prepare },
    queued: () => postgresQueuedNotices({ pool, hints }),
    close: async () => {
      policies.stop();
      await hints.close();
      await pool.close();
      await server.stop();
    },
  };
};

export type World = Awaited<ReturnType<typeof openWorld>>;
