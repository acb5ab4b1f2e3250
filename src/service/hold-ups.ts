/**
 * What holds the work of a process up, in a line for `millrace status`: the log that is away, or of which nothing comes, duties of upkeep
 * that fail and go on failing, and records that have been in a stage for longer than it should take with nothing known that they wait
 * for. Where records lie is said, and nothing of what is in them; why a duty fails is in the log.
 */
import { logRecord } from "../adapters/telemetry/log.ts";
import type { ItemHealth } from "../streams/runtime/health.ts";
import type { PipelineHealth } from "../streams/runtime/pipeline.ts";
import type { DutyHealth } from "../streams/upkeep/duty-loop.ts";

const MOST_NAMED = 3;
/** Several tries of a duty lie in it. */
const FAILS_LONG_MS = 30_000;

const inWords = (pipeline: string, { record, stage, ageMs }: ItemHealth): string =>
  `${pipeline}: record ${logRecord(record)} has been in ${stage} for ${Math.round(ageMs / 1_000)} s`;

/** Those that have failed for so long that it is no hiccup. */
export const failingDuties = (duties: readonly DutyHealth[]): readonly string[] =>
  duties.flatMap(({ name, failing, failingForMs }) => {
    if (failing === null || failingForMs === null || failingForMs < FAILS_LONG_MS) return [];
    return [`${name} fails for ${Math.round(failingForMs / 1_000)} s (${failing.split(":", 1)[0] ?? ""})`];
  });

export const holdUps = (
  pipelines: readonly Pick<PipelineHealth, "pipeline" | "overBudget">[],
  log: readonly string[],
  duties: readonly DutyHealth[] = [],
): string | null => {
  const stuck = pipelines.flatMap(({ pipeline, overBudget }) =>
    overBudget.filter(({ state }) => state === "stuck").map((item) => inWords(pipeline, item)),
  );
  const more = stuck.length - MOST_NAMED;
  const said = [
    ...log,
    ...failingDuties(duties).map((duty) => `upkeep: ${duty}`),
    ...stuck.slice(0, MOST_NAMED),
    ...(more > 0 ? [`and ${more} records more`] : []),
  ];
  return said.length === 0 ? null : said.join("; ");
};
