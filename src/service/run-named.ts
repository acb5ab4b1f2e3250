/**
 * The run that a command is about, where one was named. A name that no run has would make every answer look fine: nothing is lost among
 * no notices.
 */
import type { OptionValues } from "commander";
import { Effect } from "effect";
import type { RunId } from "../domain/ids.ts";
import type { Runs } from "../domain/ports/runs.ts";
import { runIn } from "./read-options.ts";
import { Refusal } from "./refusal.ts";

export const runNamed = async (
  runs: Pick<Runs, "read">,
  options: OptionValues,
): Promise<RunId | undefined> => {
  const named = runIn(options, "run");
  if (named !== undefined && (await Effect.runPromise(runs.read(named))) === null)
    throw new Refusal("failed", `there is no run ${named}: "millrace status" shows the one that is open`);
  return named;
};
