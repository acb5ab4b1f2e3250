/**
 * What lies in a simulated broker. It has acknowledged every record, and may lose it all the same, keep it twice, or let others
 * overtake it.
 */
import type { LogMessage, WireRecord } from "../../src/adapters/kafka/log-message.ts";
import type { Clock } from "../../src/streams/runtime/system-ports.ts";
import type { Draw } from "../support/draw.ts";
import type { Chances } from "./plan.ts";
import type { Trace } from "./trace.ts";

/** What every part of the simulated log goes by. */
export interface LogParts {
  readonly clock: Clock;
  readonly draw: Draw;
  readonly trace: Trace;
  readonly chances: () => Chances;
  readonly partitions: number;
  readonly awaitedRevocation: boolean;
}

const LATEST_MS = 8_000;

export class Topics {
  readonly #parts: LogParts;
  readonly #appended: (topic: string) => void;
  readonly #topics = new Map<string, LogMessage[][]>();

  /** @param appended told each time there is something new to read */
  constructor(parts: LogParts, appended: (topic: string) => void) {
    this.#parts = parts;
    this.#appended = appended;
  }

  /** Of one partition, from its beginning on. */
  messages(topic: string, partition: number): LogMessage[] {
    let partitions = this.#topics.get(topic);
    if (partitions === undefined) {
      partitions = Array.from({ length: this.#parts.partitions }, () => []);
      this.#topics.set(topic, partitions);
    }
    return partitions[partition] ?? [];
  }

  /** All bytes that lie here. */
  *values(): Iterable<Uint8Array> {
    for (const partitions of this.#topics.values())
      for (const messages of partitions) for (const { value } of messages) if (value !== null) yield value;
  }

  wipe(topic: string): void {
    this.#topics.delete(topic);
  }

  store(record: WireRecord): void {
    const { clock, draw, trace, chances } = this.#parts;
    const { recordLost, recordRepeated, recordLate } = chances();
    if (draw.chance(recordLost)) {
      trace.inject("recordLost", record.key);
      return;
    }
    const times = draw.chance(recordRepeated) ? 2 : 1;
    if (times > 1) trace.inject("recordRepeated", record.key);
    for (let nth = 0; nth < times; nth += 1) {
      const isLate = draw.chance(recordLate);
      if (isLate) trace.inject("recordLate", record.key);
      if (isLate) clock.after(draw.within(10, LATEST_MS), () => this.#append(record));
      else this.#append(record);
    }
  }

  #append({ topic, key, value, headers }: WireRecord): void {
    const { draw, clock, partitions } = this.#parts;
    const partition = draw.within(0, partitions - 1);
    const messages = this.messages(topic, partition);
    messages.push({
      ...{ topic, partition, offset: messages.length, value, headers, timestampMs: clock.wallMs() },
      key: Buffer.from(key),
    });
    this.#appended(topic);
  }
}
