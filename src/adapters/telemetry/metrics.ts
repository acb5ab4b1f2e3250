/**
 * What Prometheus is told, in a registry of its own: two services in one process do not mix their numbers.
 *
 * No label holds an id, an address or a sentence: names of pipelines, stages, providers and states only, so that there are few
 * series and no personal data.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { DeadLetterKind } from "../../domain/dead-letter.ts";
import type { EventListener } from "../../streams/runtime/events.ts";
import { EventCounts, type Tally } from "./event-counts.ts";
import type { Glances } from "./glances.ts";
import { ledgerMetrics } from "./ledger-metrics.ts";

export interface Metrics {
  /** For each pipeline: `running.on(metrics.listen)`. */
  readonly listen: EventListener;
  /** Of work that pipelines do not tell of, such as a provider's answer. */
  readonly observeStage: (pipeline: string, stage: string, elapsedMs: number) => void;
  readonly countLetter: (kind: DeadLetterKind) => void;
  readonly text: () => Promise<string>;
  readonly close: () => void;
}

/** Upper ends: a batch takes milliseconds, a notice that waits for its provider a second, one that is put off minutes. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000];
const NANOSECONDS = 1e9;
/** How often the delay of the event loop is sampled. */
const LOOP_SAMPLE_MS = 20;

export const openMetrics = (glances: Glances): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  const histogram = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ) => new Histogram({ name, help, labelNames, buckets, registers });

  const itemSeconds = histogram(
    "millrace_item_seconds",
    "From admission to settlement.",
    ["pipeline"],
    SECONDS,
  );
  const stageSeconds = histogram(
    "millrace_stage_seconds",
    "One call of a stage.",
    ["pipeline", "stage"],
    SECONDS,
  );
  const batchSize = histogram(
    "millrace_batch_size",
    "Items in one call of a stage.",
    ["pipeline", "stage"],
    SIZES,
  );
  const counts = new EventCounts({
    itemSeconds: (pipeline, seconds) => {
      itemSeconds.observe({ pipeline }, seconds);
    },
    stageSeconds: (pipeline, stage, seconds) => {
      stageSeconds.observe({ pipeline, stage }, seconds);
    },
    batchSize: (pipeline, stage, size) => {
      batchSize.observe({ pipeline, stage }, size);
    },
  });
  const letters = new Counter({
    ...{ name: "millrace_letters_total", help: "Dead letters and doubts that this process has told of." },
    ...{ labelNames: ["kind"], registers },
  });
  for (const kind of ["failed", "doubt"] satisfies DeadLetterKind[]) letters.inc({ kind }, 0);
  talliesIn(counts, registers);
  pipelineMetrics(glances, registers);
  ledgerMetrics(glances, registers);
  const closeProcess = processMetrics(registers);
  return {
    listen: counts.listen,
    observeStage: (pipeline, stage, elapsedMs) => {
      stageSeconds.observe({ pipeline, stage }, elapsedMs / 1_000);
    },
    countLetter: (kind) => {
      letters.inc({ kind });
    },
    text: () => registry.metrics(),
    close: () => {
      closeProcess();
      registry.clear();
    },
  };
};

const talliesIn = (counts: EventCounts, registers: Registry[]): void => {
  const counter = (name: string, help: string, tally: Tally, ...labelNames: readonly string[]): void => {
    new Counter({
      ...{ name, help, labelNames, registers },
      collect() {
        this.reset();
        for (const { labels, count } of tally.all) this.labels(...labels).inc(count);
      },
    });
  };
  counter("millrace_items_admitted_total", "Items taken from a source.", counts.admitted, "pipeline");
  counter("millrace_items_settled_total", "Items settled.", counts.settled, "pipeline", "disposition");
  counter(
    "millrace_items_diverted_total",
    "Items that left the main rail.",
    counts.diverted,
    "pipeline",
    "stage",
    "failure",
  );
  counter("millrace_item_retries_total", "Tries again within a stage.", counts.retried, "pipeline", "stage");
  counter("millrace_items_parked_total", "Items that waited without a credit.", counts.parked, "pipeline");
  counter("millrace_items_handed_back_total", "Items given back unfinished.", counts.handedBack, "pipeline");
  counter("millrace_items_stuck_total", "Items found stuck.", counts.stuck, "pipeline", "stage");
  counter(
    "millrace_records_repeated_total",
    "Records that came again while their first ticket lived, or after it was done.",
    counts.repeated,
    "pipeline",
  );
  counter("millrace_pipeline_restarts_total", "Restarts of a pipeline.", counts.restarts, "pipeline");
};

const pipelineMetrics = ({ pipelines, providers }: Glances, registers: Registry[]): void => {
  const gauge = (
    name: string,
    help: string,
    read: (set: (value: number, ...labels: string[]) => void) => void,
    ...labelNames: readonly string[]
  ): void => {
    new Gauge({
      ...{ name, help, labelNames, registers },
      collect() {
        this.reset();
        read((value, ...labels) => {
          this.labels(...labels).set(value);
        });
      },
    });
  };
  gauge(
    "millrace_pipeline_up",
    "1 while it runs.",
    (set) => {
      for (const { pipeline, state } of pipelines()) set(state === "running" ? 1 : 0, pipeline);
    },
    "pipeline",
  );
  gauge(
    "millrace_in_flight",
    "Items that hold a credit.",
    (set) => {
      for (const { pipeline, inFlight } of pipelines()) set(inFlight, pipeline);
    },
    "pipeline",
  );
  gauge(
    "millrace_window_credits",
    "Items that may be in flight.",
    (set) => {
      for (const { pipeline, window } of pipelines()) set(window.credits, pipeline);
    },
    "pipeline",
  );
  gauge(
    "millrace_parked",
    "Items that wait without a credit.",
    (set) => {
      for (const { pipeline, parked } of pipelines()) set(parked, pipeline);
    },
    "pipeline",
  );
  gauge(
    "millrace_lag",
    "Records behind the end of a partition.",
    (set) => {
      for (const { pipeline, partitions } of pipelines()) {
        for (const { partition, lag } of partitions) if (lag !== null) set(lag, pipeline, partition);
      }
    },
    "pipeline",
    "partition",
  );
  gauge(
    "millrace_provider_in_flight",
    "Requests under way.",
    (set) => {
      for (const { provider, inFlight } of providers()) set(inFlight, provider);
    },
    "provider",
  );
  gauge(
    "millrace_provider_breaker",
    "1 for the state that it is in.",
    (set) => {
      for (const { provider, state } of providers()) {
        for (const each of ["open", "paused", "probing"]) set(state === each ? 1 : 0, provider, each);
      }
    },
    "provider",
    "state",
  );
};

/** Answers the way to stop measuring. */
const processMetrics = (registers: Registry[]): (() => void) => {
  const delay = monitorEventLoopDelay({ resolution: LOOP_SAMPLE_MS });
  delay.enable();
  new Gauge({
    ...{
      name: "millrace_event_loop_delay_seconds",
      help: "Since the last look.",
      labelNames: ["quantile"],
      registers,
    },
    collect() {
      for (const quantile of [50, 99, 100]) {
        // Nothing sampled yet: no delay that anybody has seen.
        const seconds = delay.count === 0 ? 0 : delay.percentile(quantile) / NANOSECONDS;
        this.set({ quantile: String(quantile / 100) }, seconds);
      }
      delay.reset();
    },
  });
  new Gauge({
    ...{ name: "process_resident_memory_bytes", help: "Resident set.", registers },
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Counter({
    ...{ name: "process_cpu_seconds_total", help: "User and system time.", registers },
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  return () => {
    delay.disable();
  };
};
