/**
 * node-rdkafka without brokers: what librdkafka would tell is told by the test, and what is asked of it can be looked at. It answers
 * in turns of its own, as the real one does.
 */
import type {
  Binding,
  VendorConsumer,
  VendorError,
  VendorLine,
  VendorMessage,
  VendorPartition,
  VendorProducer,
  VendorReport,
  VendorSettings,
} from "../../src/adapters/kafka/rdkafka/binding.ts";

const later = (what: () => void): void => {
  setImmediate(what);
};

type Rebalance = (error: VendorError | undefined, partitions: readonly VendorPartition[]) => void;
type Committed = (error: VendorError | undefined) => void;

const ASSIGN: VendorError = { code: -175, message: "" };
const REVOKE: VendorError = { code: -174, message: "" };

/** What a client tells, whichever it is. */
class Told {
  readonly #listeners = new Map<string, ((...args: readonly never[]) => void)[]>();
  isConnected = false;

  on(event: string, listener: (...args: readonly never[]) => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  tell(event: string, ...args: readonly unknown[]): void {
    // each event has arguments of its own, which the listener knows
    for (const listener of this.#listeners.get(event) ?? []) listener(...(args as readonly never[]));
  }
}

/** A consumer, and what the test may do to it. */
export class ScriptedConsumer {
  readonly told = new Told();
  readonly settings: VendorSettings;
  readonly calls: string[] = [];
  /** The log, by partition. */
  readonly bounds = new Map<number, { lowOffset: number; highOffset: number }>();
  readonly committedOffsets = new Map<number, number>();
  /** Answers of commits to come; none: all is well. */
  readonly refusals: (VendorError | "no answer")[] = [];
  /** Seeks are answered by the test. */
  holdsSeeks = false;
  readonly heldSeeks: ((error?: VendorError) => void)[] = [];
  readonly #ready: VendorMessage[] = [];
  #error: VendorError | null = null;
  readonly #changed: (() => void)[] = [];

  constructor(settings: VendorSettings) {
    this.settings = settings;
  }

  assign(...partitions: readonly number[]): void {
    this.#rebalance(ASSIGN, partitions);
  }

  revoke(...partitions: readonly number[]): void {
    this.#rebalance(REVOKE, partitions);
  }

  say(line: VendorLine): void {
    this.told.tell("event.log", line);
  }

  fail(error: VendorError): void {
    this.#error = error;
  }

  bring(partition: number, ...offsets: readonly number[]): void {
    for (const offset of offsets) {
      const value = Buffer.from(`${partition}@${offset}`);
      this.#ready.push({ topic: "t", partition, offset, key: null, value, timestamp: 1 });
    }
  }

  /** Resolves when a call of this beginning has been made so many times. */
  async called(beginning: string, times = 1): Promise<void> {
    while (this.calls.filter((call) => call.startsWith(beginning)).length < times) {
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  /** As the binding shows it. */
  client(): VendorConsumer {
    const listed = (partitions: readonly VendorPartition[]): string =>
      partitions
        .map(({ partition, offset }) => (offset === undefined ? partition : `${partition}@${offset}`))
        .join();
    return {
      on: (event: string, listener: (...args: readonly never[]) => void) => {
        this.told.on(event, listener);
      },
      connect: (_options, answer) => {
        later(() => {
          this.told.isConnected = true;
          answer(null, null);
        });
      },
      disconnect: (answer) => {
        this.#note("disconnect");
        this.told.isConnected = false;
        later(answer);
      },
      isConnected: () => this.told.isConnected,
      getMetadata: (_options, answer) => {
        later(() => {
          answer(null, { topics: [] });
        });
      },
      queryWatermarkOffsets: (_topic, partition, _timeout, answer) => {
        later(() => {
          answer(null, this.bounds.get(partition) ?? { lowOffset: 0, highOffset: 100 });
        });
      },
      subscribe: (topics) => {
        this.#note(`subscribe ${topics.join()}`);
      },
      setDefaultConsumeTimeout: () => undefined,
      consume: (most, answer) => {
        later(() => {
          const error = this.#error;
          this.#error = null;
          answer(error, error === null ? this.#ready.splice(0, most) : []);
        });
      },
      assign: (partitions) => {
        this.#note(`assign ${listed(partitions)}`);
      },
      unassign: () => {
        this.#note("unassign");
      },
      pause: (partitions) => {
        this.#note(`pause ${listed(partitions)}`);
      },
      resume: (partitions) => {
        this.#note(`resume ${listed(partitions)}`);
      },
      seek: (to, _timeout, answer) => {
        this.#note(`seek ${listed([to])}`);
        if (this.holdsSeeks) this.heldSeeks.push(answer);
        else later(answer);
      },
      commit: (offsets) => {
        this.#note(`commit ${listed(offsets)}`);
        const refusal = this.refusals.shift();
        if (refusal === "no answer") return;
        // given as a function, as the settings say
        const committed = this.settings["offset_commit_cb"] as unknown as Committed;
        later(() => {
          committed(refusal);
        });
      },
      committed: (partitions, _timeout, answer) => {
        later(() => {
          const known = ({ topic, partition }: VendorPartition): VendorPartition => ({
            ...{ topic, partition, offset: this.committedOffsets.get(partition) ?? -1_001 },
          });
          answer(null, partitions.map(known));
        });
      },
      getWatermarkOffsets: (_topic, partition) =>
        this.bounds.get(partition) ?? { lowOffset: -1_001, highOffset: -1_001 },
    };
  }

  #rebalance(kind: VendorError, partitions: readonly number[]): void {
    // given as a function, as the settings say
    const rebalance = this.settings["rebalance_cb"] as unknown as Rebalance;
    rebalance(
      kind,
      partitions.map((partition) => ({ topic: "t", partition })),
    );
  }

  #note(call: string): void {
    this.calls.push(call);
    for (const go of this.#changed.splice(0)) go();
  }
}

/** What became of one record that was given to a producer. */
export type Verdict = "taken" | "too large" | "timed out" | "no report" | "fatal";

const TEXTS: Readonly<Partial<Record<Verdict, string>>> = {
  "too large": "message size too large",
  "timed out": "message timed out",
  fatal: "fatal error",
};

/** Producers that follow one rule, each counted. */
export class ScriptedProducers {
  readonly batches: string[][] = [];
  made = 0;
  /** For each record, given the texts that came with it in the same turn. */
  judge: (text: string, together: readonly string[]) => Verdict = () => "taken";
  partitions = 1;

  client(): VendorProducer {
    const told = new Told();
    this.made += 1;
    let batch: { readonly text: string; readonly opaque: unknown }[] = [];
    let reports: { readonly verdict: Verdict; readonly report: VendorReport }[] = [];
    return {
      on: (event: string, listener: (...args: readonly never[]) => void) => {
        told.on(event, listener);
      },
      connect: (_options, answer) => {
        later(() => {
          told.isConnected = true;
          answer(null, null);
        });
      },
      disconnect: (answer) => {
        told.isConnected = false;
        later(answer);
      },
      isConnected: () => told.isConnected,
      getMetadata: (_options, answer) => {
        const partitions = Array.from({ length: this.partitions }, () => ({ replicas: [1], leader: 1 }));
        later(() => {
          answer(null, { topics: [{ name: "t", partitions }] });
        });
      },
      queryWatermarkOffsets: () => undefined,
      produce: (_topic, _partition, value, _key, _timestamp, opaque) => {
        batch.push({ text: value.toString("utf8"), opaque });
      },
      poll: () => {
        const texts = batch.map(({ text }) => text);
        if (texts.length > 0) this.batches.push(texts);
        reports.push(
          ...batch.map(({ text, opaque }) => ({ verdict: this.judge(text, texts), report: { opaque } })),
        );
        batch = [];
        // the last first: the order of reports is not that of the records
        for (const { verdict, report } of reports.reverse()) {
          if (verdict === "no report") continue;
          const text = TEXTS[verdict];
          told.tell("delivery-report", text === undefined ? null : { code: -1, message: text }, report);
        }
        reports = [];
      },
    };
  }
}

/** A binding whose consumers the test takes up one after the other. */
export const scriptedBinding = (producers = new ScriptedProducers()) => {
  const consumers: ScriptedConsumer[] = [];
  const waiting: (() => void)[] = [];
  // what is made by `new` may be any object: these are the scripted ones
  const binding = {
    KafkaConsumer: function (settings: VendorSettings) {
      const made = new ScriptedConsumer(settings);
      consumers.push(made);
      for (const go of waiting.splice(0)) go();
      return made.client();
    },
    Producer: function () {
      return producers.client();
    },
    AdminClient: {
      create: () => {
        throw new Error("nothing is made here");
      },
    },
  } as unknown as Binding;
  return {
    binding,
    producers,
    /** The one that was made as the so-manieth, from 0, once it has subscribed. */
    consumer: async (at: number): Promise<ScriptedConsumer> => {
      while (consumers[at] === undefined) await new Promise<void>((resolve) => waiting.push(resolve));
      const found = consumers[at];
      await found.called("subscribe");
      return found;
    },
  };
};
