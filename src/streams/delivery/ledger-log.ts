/**
 * The log without a broker: the ledger's queued rows, taken by claiming them (T3, locked rows passed over). It walks from the
 * oldest to the end, then waits until something is queued or the next one is due, and begins anew.
 *
 * What was claimed and not yet handed over waits here, and is given back with every other lease when the pipeline closes, also
 * where the page comes after that; so an interrupted pull has handed over nothing and lost nothing. A page whose answer was lost
 * is nobody's, and lapses. Settling tells it nothing: the ledger was told already.
 */
import { Effect } from "effect";
import type { ChannelId, WorkerId } from "../../domain/ids.ts";
import type { DueCursor } from "../../domain/ports/notice-ledger.ts";
import type { QueuedNotices } from "../../domain/ports/queued-notices.ts";
import type { Failure } from "../../failure.ts";
import { Fifo } from "../runtime/fifo.ts";
import type { Pulled, PullLimit, QueueRecord, QueueSource } from "../runtime/source.ts";
import type { Request } from "./bodies.ts";
import type { Leases } from "./leases.ts";

/** How the queued rows of one channel are taken. */
export interface LedgerLogOptions {
  readonly queued: QueuedNotices;
  readonly channel: ChannelId;
  readonly worker: WorkerId;
  readonly leases: Leases;
  readonly leaseMs: number;
  /** Rows in one claim. */
  readonly pageCount: number;
  /** How long a missed hint may go unnoticed. Default 1,000 ms. */
  readonly idleMs?: number;
}

/** What a claimed notice weighs in the window: its row, its contents, and what becomes of them. */
const BYTES_A_NOTICE = 4_096;

/** A ledger that is away is waited for: starting the pipeline anew each time would end it within seconds. */
const AWAY_MS = 1_000;

/** The ledger's queued rows as a source, taken by claiming them. */
export const ledgerLog = (options: LedgerLogOptions): QueueSource<Request> => {
  const { queued, channel, worker, leases, leaseMs, pageCount, idleMs = 1_000 } = options;
  const ready = new Fifo<QueueRecord<Request>>();
  let after: DueCursor | null = null;
  let waitMs = 0;
  let isClosed = false;

  const take = (count: number): Effect.Effect<void, Failure> =>
    Effect.uninterruptible(
      Effect.flatMap(
        queued.claimPage({
          channels: [channel],
          limit: Math.min(count, pageCount),
          after,
          owner: worker,
          leaseMs,
        }),
        ({ claimed, next, nextDueInMs }) => {
          after = next;
          waitMs = next === null && claimed.length === 0 ? Math.min(idleMs, nextDueInMs ?? idleMs) : 0;
          for (const claim of claimed) {
            const { noticeId, period, epoch } = claim.notice;
            leases.take(claim.notice);
            ready.push({
              token: `${noticeId}#${epoch}`,
              key: noticeId,
              bytes: BYTES_A_NOTICE,
              body: { noticeId, period, epoch, claim },
            });
          }
          return isClosed ? giveBack : Effect.void;
        },
      ),
    );

  const giveBack = Effect.suspend(() => {
    ready.takeAll();
    return leases.giveBack;
  });

  /** What was not handed over is taken by the next pull. */
  const patient = (count: number): Effect.Effect<void, Failure> =>
    Effect.catch(take(count), (failure) => {
      if (failure._tag !== "Transient" && failure._tag !== "Unconfirmed") return Effect.fail(failure);
      after = null;
      waitMs = 0;
      return Effect.sleep(AWAY_MS);
    });

  const handOver = ({ records }: PullLimit): Pulled<QueueRecord<Request>> => {
    const some: QueueRecord<Request>[] = [];
    for (let next = ready.first; next !== undefined && some.length < records; next = ready.first) {
      some.push(next);
      ready.shift();
    }
    return { records: some, ended: false };
  };

  const pull = (limit: PullLimit): Effect.Effect<Pulled<QueueRecord<Request>>, Failure> =>
    Effect.gen(function* () {
      while (ready.size === 0) {
        if (waitMs > 0) yield* queued.changed(waitMs);
        yield* patient(limit.records);
      }
      return handOver(limit);
    });

  return {
    kind: "queue",
    name: `queued ${channel} notices`,
    can: {
      individualAck: true,
      partitions: false,
      delayedRetry: false,
      priority: false,
      awaitedRevocation: false,
    },
    open: () =>
      Effect.sync(() => {
        after = null;
        waitMs = 0;
        isClosed = false;
      }),
    pull,
    settle: () => Effect.void,
    close: Effect.suspend(() => {
      isClosed = true;
      return giveBack;
    }),
  };
};
