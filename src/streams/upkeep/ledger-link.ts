/**
 * The ledger, and since when this process has been in touch with it without a break, by the ledger's own time. A lease that could not
 * be renewed because the database was away has not lapsed through its holder's fault: T4 waits one lease from here on.
 *
 *   unknown ──an answer, then its time──▶ in touch since … ──a call that failed, or a long silence──▶ unknown
 *
 * A long silence counts like a failure: the call itself may have waited for the database, or this machine was asleep.
 */
import { Effect } from "effect";
import type { Instant } from "../../domain/ids.ts";
import type { Failure } from "../../failure.ts";
import type { Clock } from "../runtime/system-ports.ts";
import type { UpkeepLedger } from "./upkeep-ports.ts";

export interface LedgerLink {
  /** The same ledger; its answers and failures are noticed. */
  readonly ledger: UpkeepLedger;
  readonly since: Effect.Effect<Instant, Failure>;
}

export interface LedgerLinkOptions {
  readonly clock: Clock;
  /** Between two answers; longer counts as a break. */
  readonly silenceMs: number;
}

export const ledgerLink = (inner: UpkeepLedger, { clock, silenceMs }: LedgerLinkOptions): LedgerLink => {
  let since: Instant | null = null;
  let answeredMs = clock.monotonicMs();

  const watched = <A>(call: Effect.Effect<A, Failure>): Effect.Effect<A, Failure> =>
    call.pipe(
      Effect.tap(() =>
        Effect.sync(() => {
          const nowMs = clock.monotonicMs();
          if (nowMs - answeredMs > silenceMs) since = null;
          answeredMs = nowMs;
        }),
      ),
      Effect.tapError((failure) =>
        Effect.sync(() => {
          // what the database refuses for good it has answered
          if (failure._tag !== "Permanent") since = null;
        }),
      ),
    );

  const ledger: UpkeepLedger = {
    now: watched(inner.now),
    apply: (type, batch) => watched(inner.apply(type, batch)),
    routePage: (page, decide) => watched(inner.routePage(page, decide)),
    due: (kind, limit, after) => watched(inner.due(kind, limit, after)),
    held: (reason, limit, after) => watched(inner.held(reason, limit, after)),
    pauses: watched(inner.pauses),
    read: (noticeId, period) => watched(inner.read(noticeId, period)),
  };

  return {
    ledger,
    since: Effect.suspend(() =>
      since === null
        ? Effect.map(ledger.now, (at) => {
            since = at;
            return at;
          })
        : Effect.succeed(since),
    ),
  };
};
