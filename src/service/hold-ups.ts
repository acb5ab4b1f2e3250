/**
 * What holds the work of a process up, in a line for `millrace status`: the log that is away, or of which nothing comes, and records
 * that have been in a stage for longer than it should take with nothing known that they wait for. Where records lie is said, and
 * nothing of what is in them.
 */
import { logRecord } from "../adapters/telemetry/log.ts";
import type { ItemHealth } from "../streams/runtime/health.ts";
import type { PipelineHealth } from "../streams/runtime/pipeline.ts";

const MOST_NAMED = 3;

const inWords = (pipeline: string, { record, stage, ageMs }: ItemHealth): string =>
  `${pipeline}: record ${logRecord(record)} has been in ${stage} for ${Math.round(ageMs / 1_000)} s`;

export const holdUps = (
  pipelines: readonly Pick<PipelineHealth, "pipeline" | "overBudget">[],
  log: readonly string[],
): string | null => {
  const stuck = pipelines.flatMap(({ pipeline, overBudget }) =>
    overBudget.filter(({ state }) => state === "stuck").map((item) => inWords(pipeline, item)),
  );
  const more = stuck.length - MOST_NAMED;
  const said = [...log, ...stuck.slice(0, MOST_NAMED), ...(more > 0 ? [`and ${more} records more`] : [])];
  return said.length === 0 ? null : said.join("; ");
};
