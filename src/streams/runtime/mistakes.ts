/**
 * Mistakes in a pipeline's own composition, named so that its author finds them. They end the pipeline at once: starting
 * it again would only repeat them.
 */
import { OwnWords } from "./own-words.ts";
import type { Ticket, Tickets } from "./ticket.ts";

/** A pipeline dropped a record, settled one twice, or has no answer for a way out: its author's to mend. */
export class PipelineMistake extends Error {
  override readonly name = "PipelineMistake";
}

export const settledTwice = (ticket: Ticket, stage: string): PipelineMistake =>
  new PipelineMistake(
    `record ${ticket.record} was settled twice: the second time after stage "${stage}"; each item may reach the end of the flow once`,
  );

export const dropped = ({ record, stage }: Ticket, others: number): PipelineMistake =>
  new PipelineMistake(
    `record ${record} was dropped after stage "${stage}": it was never settled` +
      (others > 0 ? ` (and ${others} more)` : "") +
      "; let diversions and every item through to the end of the flow",
  );

export const completedEarly = (tickets: Tickets): PipelineMistake =>
  new PipelineMistake(
    "the flow completed before its source did" +
      (tickets.oldest === null
        ? ""
        : `: ${tickets.count} records are unsettled, the oldest ${tickets.oldest.record}, last in stage "${tickets.oldest.stage}"`),
  );

export const intakeStopped = (reason: string): OwnWords => new OwnWords(`intake stopped: ${reason}`);

export const unhandledDiversion = (stage: string): PipelineMistake =>
  new PipelineMistake(
    `stage "${stage}" diverts items, and the pipeline's settlement has no answer for it: add diversions.${stage}`,
  );
