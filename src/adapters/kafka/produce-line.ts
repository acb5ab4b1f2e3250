/**
 * The records of one partition on their way to it, one batch under way at a time. A broker takes or refuses a batch as a whole;
 * where it was refused for what may be one record's fault, it is halved until that one is found, and the others go on.
 */
import { Result } from "effect";
import type { Failure } from "../../failure.ts";
import { failureOf, knownError, type KnownError } from "./error-table.ts";
import type { WireRecord } from "./log-message.ts";

export type Outcome = Result.Result<void, Failure>;

/** For each record in order `null` when the broker has it, else what went wrong with it. Never rejects. */
export type Sending = (
  topic: string,
  partition: number,
  records: readonly WireRecord[],
) => Promise<readonly (KnownError | null)[]>;

export interface BatchLimits {
  readonly batchRecords: number;
  readonly batchBytes: number;
}

interface Waiting {
  readonly record: WireRecord;
  readonly bytes: number;
  readonly answer: (outcome: Outcome) => void;
}

export class ProduceLine {
  readonly #topic: string;
  readonly #partition: number;
  readonly #limits: BatchLimits;
  readonly #send: Sending;
  #waiting: Waiting[] = [];
  #work: Promise<void> | null = null;

  constructor(topic: string, partition: number, limits: BatchLimits, send: Sending) {
    this.#topic = topic;
    this.#partition = partition;
    this.#limits = limits;
    this.#send = send;
  }

  publish(record: WireRecord, bytes: number): Promise<Outcome> {
    return new Promise((answer) => {
      this.#waiting.push({ record, bytes, answer });
      this.#work ??= this.#run();
    });
  }

  /** Resolves when everything that waits has its answer. */
  async idle(): Promise<void> {
    await this.#work;
  }

  async #run(): Promise<void> {
    // whatever is published in the same breath goes along
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#deliver(this.#nextBatch());
    this.#work = null;
  }

  #nextBatch(): readonly Waiting[] {
    const { batchRecords, batchBytes } = this.#limits;
    let count = 0;
    let bytes = 0;
    for (const one of this.#waiting) {
      if (count > 0 && (count === batchRecords || bytes + one.bytes > batchBytes)) break;
      count += 1;
      bytes += one.bytes;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return batch;
  }

  async #deliver(batch: readonly Waiting[]): Promise<void> {
    const answers = await this.#send(
      this.#topic,
      this.#partition,
      batch.map(({ record }) => record),
    );
    const again: Waiting[] = [];
    for (const [at, one] of batch.entries()) {
      // what is not answered is not known
      const refused = at in answers ? (answers[at] ?? null) : UNANSWERED;
      if (refused?.concerns === "record" && batch.length > 1) again.push(one);
      else one.answer(this.#outcomeOf(refused));
    }
    if (again.length < batch.length) {
      if (again.length > 0) await this.#deliver(again);
      return;
    }
    const half = Math.ceil(again.length / 2);
    await this.#deliver(again.slice(0, half));
    await this.#deliver(again.slice(half));
  }

  #outcomeOf(refused: KnownError | null): Outcome {
    return refused === null
      ? Result.succeed(undefined)
      : Result.fail(failureOf(refused, `publishing to ${this.#topic}`));
  }
}

const UNANSWERED = knownError(null);
