/**
 * After the claim: the bill's contents. Most lie in the row and came with the claim; for the others the store is asked, many at a
 * time. What will never be there ends this channel (T5f); trouble on the way gives the notice back (T5).
 */
import { Effect, Result } from "effect";
import { type BillRef, storedBill } from "../../domain/bill.ts";
import type { Failure } from "../../failure.ts";
import { batchStage, type ItemOutcome } from "../runtime/batch-stage.ts";
import type { Stage } from "../runtime/stage.ts";
import type { Claimed, Loaded } from "./bodies.ts";
import { type DeliveryPorts, STATEMENT_TIMEOUT_MS } from "./delivery-ports.ts";

/** Fetches the bills that lie elsewhere; the others came with the claim. */
export const loadBill = (ports: DeliveryPorts): Stage<"load-bill", Claimed, Loaded> =>
  batchStage({
    name: "load-bill",
    maxCount: ports.limits.batchCount,
    timeoutMs: STATEMENT_TIMEOUT_MS,
    work: (claimed) => billsOf(ports, claimed),
  });

/** One outcome for each, in order; a copy of an attempt is loaded by this, too. */
export const billsOf = (
  ports: Pick<DeliveryPorts, "bills">,
  claimed: readonly Claimed[],
): Effect.Effect<readonly ItemOutcome<Loaded>[], Failure> => {
  const read = claimed.map(inRow);
  const refs = read.flatMap((each) =>
    Result.isSuccess(each) && each.success.stored.ref !== null ? [each.success.stored.ref] : [],
  );
  return refs.length === 0 ? Effect.succeed(read) : fetched(ports, read, refs);
};

const inRow = (claimed: Claimed): ItemOutcome<Loaded> =>
  Result.map(storedBill(claimed.contents.content), (stored) => ({ ...claimed, stored, fetched: null }));

const fetched = (
  ports: Pick<DeliveryPorts, "bills">,
  read: readonly ItemOutcome<Loaded>[],
  refs: readonly BillRef[],
) =>
  Effect.map(ports.bills.load(refs), (answers) => {
    let at = 0;
    return read.map((each): ItemOutcome<Loaded> => {
      if (Result.isFailure(each) || each.success.stored.ref === null) return each;
      const answer = answers[at++];
      if (answer === undefined)
        throw new Error(`the bill store answered ${answers.length} of ${refs.length}`);
      return Result.map(answer, (text) => ({ ...each.success, fetched: text }));
    });
  });
