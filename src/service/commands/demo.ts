/**
 * `millrace demo`: what `npm start` runs.
 */
import { Command } from "commander";
import { isoInstant } from "../../domain/iso-instant.ts";
import { does, examples, withJson } from "../command-line.ts";
import { demoConfig } from "../demo-config.ts";
import { type DemoEnd, runDemo } from "../demo.ts";
import type { Ending } from "../exit-codes.ts";
import { journalEvidence } from "../journal-evidence.ts";
import { onStopSignals } from "../stop-signals.ts";
import { Refusal } from "../refusal.ts";
import type { Verdict } from "../verify/verdict.ts";
import { verdictInWords } from "../verify/verdict-in-words.ts";
import { verifyLedger } from "../verify/verify-ledger.ts";

/** How this program is called here: from its sources through npm, else by its name. */
const ourName = (): string =>
  import.meta.filename.endsWith(".ts") ? "npm run -s millrace --" : "npx millrace";

const DEFAULT_COUNT = 5_000;
const MOST = 10_000_000;

export const demoCommand = (): Command => {
  const command = withJson(
    new Command("demo")
      .description(
        "Take made-up bills from candidate rows to settled notices, with simulated providers, and audit the ledger.",
      )
      .option("--count <bills>", "how many bills", String(DEFAULT_COUNT)),
  );
  examples(command, "millrace demo", "millrace demo --count 50000", "millrace demo --count 500 --json");
  return does(command, ({ options, output, configured }) =>
    configured(async (loaded) => {
      const config = demoConfig(loaded);
      const count = countOf(options["count"]);
      const { signal, stop } = onStopSignals((words) => output.say(words));
      try {
        return await runDemo(config, output, { count, signal }, async (wiring, reports, end) => {
          const verdict = await verifyLedger({
            audit: reports.audit,
            evidence: wiring.journal === null ? null : journalEvidence(wiring.journal),
          });
          return output.result({ ...verdict, run: end.run }, linesOf(end, verdict), endingOf(end, verdict));
        });
      } finally {
        stop();
      }
    }),
  );
};

const countOf = (written: unknown): number => {
  const count = Number(written);
  if (!Number.isInteger(count) || count < 1 || count > MOST)
    throw new Refusal("usage", `--count takes a whole number from 1 to ${MOST}, such as --count 5000`);
  return count;
};

const endingOf = ({ wasStopped }: DemoEnd, verdict: Verdict): Ending => {
  if (!verdict.ok) return "failed";
  return wasStopped || verdict.open > 0 ? "partial" : "ok";
};

const linesOf = ({ run, runMs, wasStopped }: DemoEnd, verdict: Verdict): readonly string[] => {
  const rate = run === null || runMs === 0 ? 0 : Math.round((run.figures.admitted / runMs) * 1_000);
  return [
    "",
    ...(run === null
      ? []
      : [
          `Run ${run.runId}: ${run.figures.admitted.toLocaleString("en")} admitted on ${run.figures.pages} pages, settled in ${(runMs / 1_000).toFixed(1)} s (${rate.toLocaleString("en")} a second).`,
        ]),
    "The whole ledger, notice by notice, against the guarantees and against the providers' own journal:",
    verdictInWords(verdict),
    ...(verdict.nextReleaseAt === null
      ? []
      : [
          `Held notices wait for their recipients' own quiet hours; the next one may leave at ${isoInstant(verdict.nextReleaseAt)}.`,
        ]),
    ...(wasStopped ? ["Stopped before the end: start it again, and it is finished first."] : []),
    "",
    "Worth trying next:",
    `  ${ourName()} dlt list                what failed on both channels, and why`,
    `  ${ourName()} notice list --limit 5   then: ${ourName()} notice why ID`,
    `  ${ourName()} run --dry-run           who would be sent what, and when`,
  ];
};
