/**
 * Brings bills into the ledger: reads lines from wherever they come, checks and seals them, and hands them over in batches.
 *
 * Whatever stops it, it may simply be started again: a notice's id follows from the bill, so the ledger recognises what it has, and a
 * second pass over the same lines changes nothing and says so. In memory are the lines of a few batches and nothing else, however many
 * there are: the source is read only as fast as the ledger takes. A line that cannot be taken goes to `reject`, with its
 * number and without anybody's address, and never holds up the others.
 */
import { Effect, Result } from "effect";
import { type BillRow, readBillLine, type SourceLine } from "../domain/bill-line.ts";
import type { NoticeLedger } from "../domain/ports/notice-ledger.ts";
import { SEOUL, type ZoneId } from "../domain/zone-time.ts";
import { isFailure, type Failure } from "../failure.ts";
import { ingestBatch, type BatchPorts, type ReadLine, type RejectedLine } from "./ingest-batch.ts";
import type { Stamp } from "./new-notice.ts";
import { contactsOpened, type OpenContact } from "./old-contacts.ts";

export interface IngestPorts extends BatchPorts {
  readonly ledger: Pick<NoticeLedger, "now" | "ingest">;
}

export interface IngestOptions {
  /** Who brings them, for the ledger's books. */
  readonly actor: string;
  /** The policy's: how long a notice lives whose line does not say. */
  readonly expiresAfterMs: number;
  /** In which dates are read where a line names no zone. Default Asia/Seoul. */
  readonly zone?: ZoneId;
  /** As the templates name the message. Default `bill`. */
  readonly kind?: string;
  /** Default 0. */
  readonly priority?: number;
  /** Lines a batch. Default 500. */
  readonly batchCount?: number;
  /** Batches on their way at once. Default 3. */
  readonly batchesAtOnce?: number;
  /** For how long a batch waits for a database, or a store of bills, that is away. Default 10 minutes. */
  readonly patienceMs?: number;
  /** Stops the reading; what is on its way is finished, and what was taken until then stays taken. */
  readonly stop?: AbortSignal;
  /** Opens contacts that an earlier system has encrypted. Default: they are taken as they are written. */
  readonly openContact?: OpenContact;
  /** After every batch, and at the end. */
  readonly onProgress?: (progress: IngestProgress) => void;
  /** Waited for: a slow writer of rejects slows the reading down, and nothing piles up. */
  readonly reject?: (rejected: RejectedLine) => void | Promise<void>;
}

export interface IngestProgress {
  /** Lines that are done: taken, known already, or rejected. */
  readonly lines: number;
  readonly taken: number;
  /** Lines whose bill, month and purpose the ledger had already, from before or from an earlier line. */
  readonly duplicates: number;
  readonly rejected: number;
  readonly elapsedMs: number;
  readonly linesPerSecond: number;
}

export const DEFAULT_KIND = "bill";
const DEFAULT_BATCH_COUNT = 500;
const DEFAULT_BATCHES_AT_ONCE = 3;
const DEFAULT_PATIENCE_MS = 600_000;

/** Fails as a whole where the source cannot be read on, or patience is over: what was taken until then stays taken. */
export const ingestBills = (
  ports: IngestPorts,
  source: AsyncIterable<SourceLine> | Iterable<SourceLine>,
  options: IngestOptions,
): Effect.Effect<IngestProgress, Failure> =>
  Effect.flatMap(ports.ledger.now, (now) => {
    const { actor, expiresAfterMs, kind = DEFAULT_KIND, priority = 0 } = options;
    const intake = new Intake(ports, options, { now, expiresAfterMs, kind, priority, actor });
    return Effect.flatMap(
      Effect.promise((signal) => intake.run(source, signal)),
      (ended) => (ended instanceof Error ? Effect.fail(ended) : Effect.succeed(ended)),
    );
  });

/** `5,000 lines: 5,000 new` or `5,000 lines: nothing new, all were there already`. */
export const ingestInWords = ({ lines, taken, duplicates, rejected }: IngestProgress): string => {
  const count = (value: number): string => value.toLocaleString("en-US");
  if (lines === 0) return "0 lines: there is nothing to take";
  if (duplicates === lines) return `${count(lines)} lines: nothing new, all were there already`;
  const parts = [
    taken === 0 ? "nothing new" : `${count(taken)} new`,
    ...(duplicates > 0 ? [`${count(duplicates)} there already`] : []),
    ...(rejected > 0 ? [`${count(rejected)} rejected`] : []),
  ];
  return `${count(lines)} lines: ${parts.join(", ")}`;
};

class Intake {
  readonly #ports: IngestPorts;
  readonly #options: IngestOptions;
  readonly #stamp: Stamp;
  readonly #zone: ZoneId;
  readonly #beganMs: number;
  readonly #onTheWay = new Set<Promise<void>>();
  #failure: Failure | undefined;
  /** Somebody's bug, thrown again at the end. */
  #thrown: { readonly error: unknown } | undefined;
  #taken = 0;
  #duplicates = 0;
  #rejected = 0;

  constructor(ports: IngestPorts, options: IngestOptions, stamp: Stamp) {
    this.#ports = ports;
    this.#options = options;
    this.#stamp = stamp;
    this.#zone = options.zone ?? SEOUL;
    this.#beganMs = ports.clock.monotonicMs();
  }

  async run(
    source: AsyncIterable<SourceLine> | Iterable<SourceLine>,
    interrupted: AbortSignal,
  ): Promise<IngestProgress | Failure> {
    const { batchCount = DEFAULT_BATCH_COUNT, stop } = this.#options;
    const isStopped = (): boolean => interrupted.aborted || stop?.aborted === true;
    try {
      let batch: ReadLine[] = [];
      for await (const line of source) {
        if (isStopped() || this.#isOver) break;
        const read = await this.#read(line);
        if (read !== undefined) batch.push(read);
        if (batch.length < batchCount) continue;
        await this.#send(batch);
        batch = [];
      }
      if (batch.length > 0 && !interrupted.aborted && !this.#isOver) await this.#send(batch);
    } catch (error) {
      if (isFailure(error)) this.#failure ??= error;
      else this.#thrown ??= { error };
    }
    // What is on its way is finished also after a failure, so that the counts are true.
    await Promise.all(this.#onTheWay);
    if (this.#thrown !== undefined) throw this.#thrown.error;
    const progress = this.#progress();
    this.#options.onProgress?.(progress);
    return this.#failure ?? progress;
  }

  get #isOver(): boolean {
    return this.#failure !== undefined || this.#thrown !== undefined;
  }

  async #read(source: SourceLine): Promise<ReadLine | undefined> {
    const { line } = source;
    const bill = "row" in source ? this.#billIn(source.row) : Result.fail(source.problems);
    if (Result.isSuccess(bill)) return { line, bill: bill.success };
    await this.#reject({ line, problems: bill.failure });
    return undefined;
  }

  #billIn(row: BillRow): ReturnType<typeof readBillLine> {
    const { openContact } = this.#options;
    const read = openContact === undefined ? row : contactsOpened(row, openContact);
    return readBillLine(read, { zone: this.#zone });
  }

  async #reject(rejected: RejectedLine): Promise<void> {
    this.#rejected += 1;
    await this.#options.reject?.(rejected);
  }

  /** Returns once the batch has set out; waits before that for as long as enough others are under way. */
  async #send(batch: readonly ReadLine[]): Promise<void> {
    const { batchesAtOnce = DEFAULT_BATCHES_AT_ONCE } = this.#options;
    while (this.#onTheWay.size >= batchesAtOnce) await Promise.race(this.#onTheWay);
    const way = this.#bring(batch)
      .catch((error: unknown) => {
        this.#thrown ??= { error };
      })
      .finally(() => this.#onTheWay.delete(way));
    this.#onTheWay.add(way);
  }

  async #bring(batch: readonly ReadLine[]): Promise<void> {
    const { patienceMs = DEFAULT_PATIENCE_MS } = this.#options;
    const brought = await ingestBatch(this.#ports, batch, this.#stamp, patienceMs);
    if (Result.isFailure(brought)) {
      this.#failure ??= brought.failure;
      return;
    }
    const { taken, duplicates, rejected } = brought.success;
    this.#taken += taken;
    this.#duplicates += duplicates;
    for (const each of rejected) await this.#reject(each);
    this.#options.onProgress?.(this.#progress());
  }

  #progress(): IngestProgress {
    const elapsedMs = this.#ports.clock.monotonicMs() - this.#beganMs;
    const lines = this.#taken + this.#duplicates + this.#rejected;
    return {
      lines,
      taken: this.#taken,
      duplicates: this.#duplicates,
      rejected: this.#rejected,
      elapsedMs,
      linesPerSecond: elapsedMs > 0 ? (lines * 1_000) / elapsedMs : 0,
    };
  }
}
