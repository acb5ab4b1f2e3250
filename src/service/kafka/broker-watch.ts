/**
 * How the log does, as far as this process sees it: each topic that it reads, and what it publishes. Said when it changes, and for
 * `/readyz` at any time.
 *
 *   a topic:    joining ──joined──▶ joined ⇄ rebalancing;  from any of them ──away──▶ away ──joined──▶ joined
 *   publishing: well ──refused──▶ refused ──taken, or nothing tried for a minute──▶ well
 *
 * Nobody is stopped by it: the adapters try again by themselves, and what was not published stays queued in the ledger.
 */
import type { LogEvent as KafkaEvent } from "../../adapters/kafka/log-events.ts";
import { type Log, logWord } from "../../adapters/telemetry/log.ts";
import type { Failure } from "../../failure.ts";
import type { Cancel, Clock } from "../../streams/runtime/system-ports.ts";

type Topic =
  | { readonly state: "joining" | "joined" | "rebalancing" }
  | { readonly state: "away"; readonly sinceMs: number; readonly code: string };

interface Refusing {
  readonly sinceMs: number;
  readonly lastMs: number;
  readonly code: string;
}

export interface BrokerWatchOptions {
  readonly log: Log;
  readonly say: (words: string) => void;
  readonly clock: Pick<Clock, "after" | "monotonicMs">;
}

/** While it lasts, a trouble is said again after this. */
const SAY_EVERY_MS = 30_000;

/** What was refused longer ago says nothing of now: a dispatcher may have nothing to publish before its next run, in hours. */
const REFUSAL_COUNTS_MS = 60_000;

const inSeconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;

export class BrokerWatch {
  readonly #options: BrokerWatchOptions;
  readonly #topics = new Map<string, Topic>();
  #refusing: Refusing | null = null;
  /** While there is trouble. */
  #reminder: Cancel | null = null;

  constructor(options: BrokerWatchOptions) {
    this.#options = options;
  }

  /** A topic that is about to be read: until it was joined it is not ready. */
  expect(topic: string): void {
    this.#topics.set(topic, { state: "joining" });
  }

  /** What a source tells of itself. */
  readonly told = (event: KafkaEvent): void => {
    const { log } = this.#options;
    switch (event.type) {
      case "broker:away:seen":
        this.#away(event);
        break;
      case "group:join:done": {
        const before = this.#topics.get(event.topic);
        this.#topics.set(event.topic, { state: "joined" });
        log.write("info", event.type, { topic: logWord(event.topic), partitions: event.partitions.length });
        if (before?.state === "away") this.#again(`Topic ${event.topic} is read again`, before.sinceMs);
        break;
      }
      case "group:rebalance:begin":
        // one that is away is there again when it was joined, and not before
        if (this.#topics.get(event.topic)?.state !== "away")
          this.#topics.set(event.topic, { state: "rebalancing" });
        log.write("info", event.type, { topic: logWord(event.topic) });
        break;
      case "log:gap:seen":
      case "log:begin-anew:seen": {
        const { type, topic, partition, from, to } = event;
        log.write("warn", type, { topic: logWord(topic), partition, from, to });
        break;
      }
    }
  };

  /** What a call of a publisher says of the log: what is wrong with it, or nothing. */
  readonly published = (failure: Failure | null): void => {
    const { log } = this.#options;
    if (failure === null) {
      if (this.#refusing === null) return;
      const { sinceMs } = this.#refusing;
      this.#refusing = null;
      log.write("info", "log:publish:done", { afterMs: Math.round(this.#nowMs - sinceMs) });
      this.#again("The log takes records again", sinceMs);
      return;
    }
    const code = failure.code ?? failure._tag;
    if (this.#refusing?.code !== code) log.write("warn", "log:publish:failed", { code: logWord(code) });
    const lastMs = this.#nowMs;
    this.#refusing = { sinceMs: this.#refusing?.sinceMs ?? lastMs, lastMs, code };
    this.#say(`The log takes no records (${failure.message}): they stay queued, and are published later.`);
  };

  /** Why this process cannot do its part, or nothing. */
  get trouble(): string | null {
    const nowMs = this.#nowMs;
    const said: string[] = [];
    for (const [name, topic] of this.#topics) {
      if (topic.state === "away")
        said.push(`${name} cannot be read for ${inSeconds(nowMs - topic.sinceMs)} now (${topic.code})`);
      if (topic.state === "joining") said.push(`the group of ${name} was not joined yet`);
    }
    if (this.#refusing !== null && nowMs - this.#refusing.lastMs < REFUSAL_COUNTS_MS) {
      const { sinceMs, code } = this.#refusing;
      said.push(`nothing can be published for ${inSeconds(nowMs - sinceMs)} now (${code})`);
    }
    return said.length === 0 ? null : said.join("; ");
  }

  #away({ topic, code, inMs }: Extract<KafkaEvent, { readonly type: "broker:away:seen" }>): void {
    const { log } = this.#options;
    const before = this.#topics.get(topic);
    const sinceMs = before?.state === "away" ? before.sinceMs : this.#nowMs;
    this.#topics.set(topic, { state: "away", sinceMs, code });
    log.write("warn", "broker:away:seen", { topic: logWord(topic), code: logWord(code), inMs });
    this.#say(`Topic ${topic} cannot be read (${code}): it is tried again and again, and nothing is lost.`);
  }

  /** Says nothing more. */
  close(): void {
    this.#reminder?.();
    this.#reminder = null;
  }

  #again(what: string, sinceMs: number): void {
    this.#options.say(`${what}, after ${inSeconds(this.#nowMs - sinceMs)}.`);
    if (this.trouble === null) this.close();
  }

  /** At once, and what is wrong then every half minute: an adapter that waits need not tell that it still does. */
  #say(words: string): void {
    if (this.#reminder !== null) return;
    this.#options.say(words);
    this.#remind();
  }

  #remind(): void {
    this.#reminder = this.#options.clock.after(SAY_EVERY_MS, () => {
      this.#reminder = null;
      const trouble = this.trouble;
      if (trouble === null) return;
      this.#options.say(`Still waiting for the brokers: ${trouble}.`);
      this.#remind();
    });
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}
