/**
 * `millrace verify`: holds every notice of the ledger against the guarantees. It changes nothing and may run beside the service.
 */
import { resolve } from "node:path";
import { Command } from "commander";
import { does, examples, withJson } from "../command-line.ts";
import { atLedger } from "../ledger-desk.ts";
import { periodIn, textIn } from "../read-options.ts";
import { runNamed } from "../run-named.ts";
import { journalFile } from "../verify/journal-file.ts";
import { verdictInWords } from "../verify/verdict-in-words.ts";
import { verifyLedger } from "../verify/verify-ledger.ts";

export const verifyCommand = (): Command => {
  const command = withJson(
    new Command("verify")
      .description(
        "Hold every notice against the guarantees: the balance, what is lost, what was sent twice. Exit code 1 if anything is wrong.",
      )
      .option("--run <id>", "only what this run admitted")
      .option("--ingested-by <actor>", "only what this actor ingested")
      .option("--from-period <YYYYMM>", "no earlier month")
      .option(
        "--provider-journal <file>",
        "a provider's own record of what it accepted, as JSON lines; without it the simulated providers' own",
      ),
  );
  examples(
    command,
    "millrace verify",
    "millrace verify --provider-journal accepted.jsonl --json",
    "millrace verify --run RUN",
  );
  return does(command, ({ options, output, configured, surroundings }) =>
    configured(({ config }) =>
      atLedger(config, "verify", async ({ audit, evidence, runs }) => {
        const file = textIn(options, "providerJournal");
        const runId = await runNamed(runs, options);
        const ingestedBy = textIn(options, "ingestedBy");
        const fromPeriod = periodIn(options, "fromPeriod");
        const verdict = await verifyLedger({
          audit,
          evidence: file === undefined ? evidence : journalFile(resolve(surroundings.folder, file)),
          scope: {
            ...(runId === undefined ? {} : { runId }),
            ...(ingestedBy === undefined ? {} : { ingestedBy }),
            ...(fromPeriod === undefined ? {} : { fromPeriod }),
          },
        });
        return output.result(verdict, verdictInWords(verdict).split("\n"), verdict.ok ? "ok" : "failed");
      }),
    ),
  );
};
