/**
 * `millrace status`: how everything stands, once or again and again.
 */
import { Command } from "commander";
import { does, examples, withJson } from "../command-line.ts";
import { atLedger } from "../ledger-desk.ts";
import { countIn } from "../read-options.ts";
import { Refusal } from "../refusal.ts";
import { runNamed } from "../run-named.ts";
import { readStatus, statusInLines } from "../status.ts";
import { onStopSignals } from "../stop-signals.ts";

const LONGEST_S = 3_600;
const USUAL_S = 2;

export const statusCommand = (): Command => {
  const command = withJson(
    new Command("status")
      .description(
        "Show how everything stands: the balance, what waits and for what, what you owe, who is at work.",
      )
      .option("--run <id>", "only what this run admitted")
      .option("--watch [seconds]", "again every few seconds, until Ctrl-C"),
  );
  examples(command, "millrace status", "millrace status --watch 5", "millrace status --json");
  return does(command, ({ options, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "status", async (desk) => {
        const runId = await runNamed(desk.runs, options);
        const watch: unknown = options["watch"];
        if (watch === undefined) {
          const status = await readStatus(desk, runId);
          return output.result(status, statusInLines(status));
        }
        if (output.json)
          throw new Refusal("usage", "--watch is for people: with --json ask as often as you like");
        const everyMs =
          1_000 *
          (watch === true ? USUAL_S : countIn(options, "watch", { most: LONGEST_S, otherwise: USUAL_S }));
        return watchUntilStopped(everyMs, async () => {
          output.say(["", ...statusInLines(await readStatus(desk, runId))].join("\n"));
        }).then(() => 0);
      }),
    ),
  );
};

const watchUntilStopped = async (everyMs: number, look: () => Promise<void>): Promise<void> => {
  const { signal, stop } = onStopSignals(() => undefined);
  try {
    while (!signal.aborted) {
      await look();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, everyMs);
        function done(): void {
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          resolve();
        }
        signal.addEventListener("abort", done);
      });
    }
  } finally {
    stop();
  }
};
