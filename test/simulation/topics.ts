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
  /** Told of every offset that a group commits. */
  readonly committed: (topic: string, partition: number, next: number) => void;
}

/** A record that the broker has answered for. */
export interface Taken {
  readonly topic: string;
  readonly text: string;
}

const LATEST_MS = 8_000;

export class Topics {
  /** All that was ever taken, also what is gone by now. */
  readonly taken: Taken[] = [];
  /** Where there lies what nobody can read, as `topic/partition/offset`. */
  poison: readonly string[] = [];
  readonly #parts: LogParts;
  readonly #appended: (topic: string) => void;
  readonly #topics = new Map<string, LogMessage[][]>();
  readonly #wiped = new Set<string>();

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

  wipe(topic: string): void {
    this.#topics.delete(topic);
    // what is written there anew may lie in places that are known already
    this.#wiped.add(topic);
    this.poison = this.poison.filter((place) => !place.startsWith(`${topic}/`));
  }

  /** Records that nobody can read, past every adapter: one in each partition. */
  poisoned(topic: string): void {
    for (let partition = 0; partition < this.#parts.partitions; partition += 1) {
      const place = `${topic}/${partition}/${this.messages(topic, partition).length}`;
      if (!this.#wiped.has(topic)) this.poison = [...this.poison, place];
      this.#put(partition, { topic, key: "?", value: Buffer.from("{ nobody can read this"), headers: {} });
    }
  }

  store(record: WireRecord): void {
    const { clock, draw, trace, chances } = this.#parts;
    const { recordLost, recordRepeated, recordLate } = chances();
    this.taken.push({ topic: record.topic, text: Buffer.from(record.value).toString("utf8") });
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

  #append(record: WireRecord): void {
    const { draw, partitions } = this.#parts;
    this.#put(draw.within(0, partitions - 1), record);
  }

  #put(partition: number, { topic, key, value, headers }: WireRecord): void {
    const { clock } = this.#parts;
    const messages = this.messages(topic, partition);
    messages.push({
      ...{ topic, partition, offset: messages.length, value, headers, timestampMs: clock.wallMs() },
      key: Buffer.from(key),
    });
    this.#appended(topic);
  }
}
