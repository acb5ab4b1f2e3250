/**
 * A walk through a list of the ledger, a page a step, each page beginning behind the one before: what cannot be moved yet is passed
 * and hides nobody. At the end the walk stands at its beginning again.
 */
import { Effect } from "effect";
import type { HoldReason } from "../../domain/notice.ts";
import type { DueKind, DueNotice, HeldNotice } from "../../domain/ports/notice-ledger.ts";
import type { Failure } from "../../failure.ts";
import type { UpkeepLedger } from "./upkeep-ports.ts";

export interface WalkedPage<Row> {
  readonly rows: readonly Row[];
  readonly more: boolean;
}

const pageWalk = <Row>(
  limit: number,
  fetch: (limit: number, after: Row | undefined) => Effect.Effect<readonly Row[], Failure>,
): Effect.Effect<WalkedPage<Row>, Failure> => {
  let after: Row | undefined;
  return Effect.suspend(() =>
    Effect.map(fetch(limit, after), (rows) => {
      const more = rows.length >= limit;
      after = more ? rows.at(-1) : undefined;
      return { rows, more };
    }),
  );
};

export const dueWalk = (
  ledger: Pick<UpkeepLedger, "due">,
  kind: DueKind,
  pageCount: number,
): Effect.Effect<WalkedPage<DueNotice>, Failure> =>
  pageWalk<DueNotice>(pageCount, (limit, after) => ledger.due(kind, limit, after));

export const heldWalk = (
  ledger: Pick<UpkeepLedger, "held">,
  reason: HoldReason,
  pageCount: number,
): Effect.Effect<WalkedPage<HeldNotice>, Failure> =>
  pageWalk<HeldNotice>(pageCount, (limit, after) => ledger.held(reason, limit, after));
