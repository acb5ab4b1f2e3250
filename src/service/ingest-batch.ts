/**
 * One batch of lines on its way into the ledger, asked again for as long as the database may come back: bringing a notice
 * twice changes nothing, so also an answer that was lost is simply asked for again.
 *
 * Every line ends as new, as a duplicate, or as rejected with its reason; or the batch fails as a whole, when patience is
 * over, and starting again is all that there is to do.
 */
import { Effect, Result } from "effect";
import type { BillRef } from "../domain/bill.ts";
import type { BillLine, LineProblem } from "../domain/bill-line.ts";
import type { Ingested, ItemAnswer, NewNotice, NoticeLedger } from "../domain/ports/notice-ledger.ts";
import { Permanent, type Failure } from "../failure.ts";
import type { Clock } from "../streams/runtime/system-ports.ts";
import { newNotice, type Sealing, type Stamp } from "./new-notice.ts";

/** A line that was read and may be taken. */
export interface ReadLine {
  readonly line: number;
  readonly bill: BillLine;
}

export interface RejectedLine {
  readonly line: number;
  readonly problems: readonly LineProblem[];
}

export interface BatchPorts extends Sealing {
  readonly ledger: Pick<NoticeLedger, "ingest">;
  /** The place of a bill that lies elsewhere, with its digest. Empty: lines that name one are rejected. */
  readonly refOf: ((place: string) => Effect.Effect<BillRef, Failure>) | null;
  readonly clock: Pick<Clock, "monotonicMs" | "after">;
}

export interface BatchOutcome {
  readonly taken: number;
  readonly duplicates: number;
  readonly rejected: readonly RejectedLine[];
}

/** Files opened at once for their digests. */
const DIGESTS_AT_ONCE = 8;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** @param patienceMs for how long trouble of the database's, or of a bill's store, is waited out */
export const ingestBatch = async (
  ports: BatchPorts,
  batch: readonly ReadLine[],
  stamp: Stamp,
  patienceMs: number,
): Promise<Result.Result<BatchOutcome, Failure>> => {
  const outcome = { taken: 0, duplicates: 0, rejected: new Array<RejectedLine>() };
  const beganMs = ports.clock.monotonicMs();
  let open = batch;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
    const round = await tryOnce(ports, open, stamp, outcome);
    if (Result.isSuccess(round)) return Result.succeed(outcome);
    const { failure, left } = round.failure;
    if (!mayPass(failure) || ports.clock.monotonicMs() - beganMs + waitMs > patienceMs)
      return Result.fail(failure);
    open = left;
    await new Promise<void>((resolve) => void ports.clock.after(waitMs, resolve));
  }
};

const mayPass = ({ _tag }: Failure): boolean =>
  _tag === "Transient" || _tag === "Unconfirmed" || _tag === "Postponed";

interface Unfinished {
  readonly failure: Failure;
  readonly left: readonly ReadLine[];
}

interface Outcome {
  taken: number;
  duplicates: number;
  readonly rejected: RejectedLine[];
}

const tryOnce = async (
  ports: BatchPorts,
  batch: readonly ReadLine[],
  stamp: Stamp,
  outcome: Outcome,
): Promise<Result.Result<void, Unfinished>> => {
  const left: ReadLine[] = [];
  let trouble: Failure | undefined;
  const unfinished = (line: ReadLine, failure: Failure): void => {
    if (mayPass(failure)) {
      left.push(line);
      trouble = failure;
    } else {
      outcome.rejected.push(rejected(line, failure.message));
    }
  };

  const ready = new Map<string, { readonly line: ReadLine; readonly notice: NewNotice }>();
  const refs = await Effect.runPromise(
    Effect.forEach(batch, ({ bill }) => Effect.result(refFor(ports, bill)), { concurrency: DIGESTS_AT_ONCE }),
  );
  for (const [at, line] of batch.entries()) {
    const ref = refs[at];
    if (ref === undefined) throw new Error("a line was left without its reference");
    if (Result.isFailure(ref)) {
      unfinished(line, ref.failure);
      continue;
    }
    const notice = newNotice(line.bill, ref.success, ports, stamp);
    // The ledger cannot say which of two in one batch came first; the file can.
    if (ready.has(notice.noticeId)) outcome.duplicates += 1;
    else ready.set(notice.noticeId, { line, notice });
  }
  if (ready.size > 0) {
    const items = [...ready.values()];
    const answers = await Effect.runPromise(
      Effect.result(ports.ledger.ingest(items.map(({ notice }) => notice))),
    );
    for (const [at, { line }] of items.entries()) {
      const answer = Result.isFailure(answers) ? Result.fail(answers.failure) : answers.success[at];
      if (answer === undefined) throw new Error(`the ledger answered fewer than ${items.length} items`);
      if (Result.isFailure(answers) && !mayPass(answers.failure)) {
        return Result.fail({ failure: answers.failure, left: [] });
      }
      count(answer, line, outcome, unfinished);
    }
  }
  return trouble === undefined ? Result.succeed(undefined) : Result.fail({ failure: trouble, left });
};

const refFor = ({ refOf }: BatchPorts, { contentRef }: BillLine): Effect.Effect<BillRef | null, Failure> => {
  if (contentRef === null) return Effect.succeed(null);
  return refOf === null ? Effect.fail(NO_STORE) : refOf(contentRef);
};

const NO_STORE = new Permanent({
  message: "its bill lies elsewhere, and no store of bills is configured",
  code: "no-bill-store",
});

const count = (
  answer: ItemAnswer<Ingested>,
  line: ReadLine,
  outcome: Outcome,
  unfinished: (line: ReadLine, failure: Failure) => void,
): void => {
  if (Result.isFailure(answer)) unfinished(line, answer.failure);
  else if (answer.success.verdict === "won") outcome.taken += 1;
  else if (answer.success.because === "T1.notice-id")
    outcome.rejected.push(
      rejected(line, `its notice id ${answer.success.noticeId} belongs to another bill already`),
    );
  else outcome.duplicates += 1;
};

const rejected = ({ line }: ReadLine, problem: string): RejectedLine => ({
  line,
  problems: [{ field: "line", problem, shown: "" }],
});
