/**
 * What the metrics look at when somebody asks for them. Each look is at numbers that are kept anyway, so asking costs no
 * query: the counts of the ledger are those of the last look that the service took at its own pace.
 */
import type { NoticeCounts } from "../../domain/ports/ledger-reports.ts";
import type { Run } from "../../domain/ports/runs.ts";

/** A running pipeline's health fits. */
export interface PipelineGlance {
  readonly pipeline: string;
  readonly state: "running" | "stopping" | "restarting" | "ended";
  readonly inFlight: number;
  readonly parked: number;
  readonly window: { readonly credits: number };
  readonly partitions: readonly { readonly partition: string; readonly lag: number | null }[];
}

/** A provider's gate fits. */
export interface ProviderGlance {
  readonly provider: string;
  readonly state: "open" | "paused" | "probing";
  readonly inFlight: number;
}

export interface Glances {
  readonly pipelines: () => readonly PipelineGlance[];
  readonly providers: () => readonly ProviderGlance[];
  /** Empty until the first look. */
  readonly counts: () => NoticeCounts | null;
  /** The open run, or the last one. */
  readonly run: () => Run | null;
}

/** Of a process that has nothing to look at yet. */
export const NOTHING_TO_SEE: Glances = {
  pipelines: () => [],
  providers: () => [],
  counts: () => null,
  run: () => null,
};
