/**
 * `millrace ingest`: bills from a file or a table into the ledger.
 */
import { resolve } from "node:path";
import { Command } from "commander";
import { Effect } from "effect";
import { fileBillStore } from "../../adapters/files/bill-store.ts";
import { openRejectFile } from "../../adapters/files/reject-file.ts";
import { does, examples, withJson } from "../command-line.ts";
import type { Ending } from "../exit-codes.ts";
import { demandPolicy } from "../first-policy.ts";
import { DEFAULT_KIND, ingestBills, ingestInWords, type IngestProgress } from "../ingest.ts";
import { findSource, ingestFrom, type IngestFrom, type IngestSource } from "../ingest-source.ts";
import { operator } from "../ledger-desk.ts";
import type { Output } from "../output.ts";
import { countIn, textIn } from "../read-options.ts";
import { Refusal } from "../refusal.ts";
import { oldContacts } from "../old-contacts.ts";
import { onStopSignals } from "../stop-signals.ts";
import { openWiring, type Wiring } from "../wiring.ts";

const HIGHEST_PRIORITY = 1_000;

export const ingestCommand = (): Command => {
  const command = withJson(
    new Command("ingest")
      .description(
        "Take bills into the ledger from a file (CSV or JSONL) or a table. Started again it takes what is new, and nothing twice.",
      )
      .argument("[file]", "ends with .csv, .jsonl or .ndjson")
      .option("--format <format>", "csv or jsonl, where the file's name does not tell")
      .option("--from-table <table>", "read a table of the same database, such as billing_targets")
      .option(
        "--column <ours=theirs>",
        "a column that has another name in the table; as often as needed",
        collect,
      )
      .option("--rejects <file>", "where rejected lines go (default: beside the file, or in this folder)")
      .option("--kind <kind>", "which kind of message, as the templates name it", DEFAULT_KIND)
      .option("--priority <number>", `0 to ${HIGHEST_PRIORITY}`, "0"),
  );
  examples(
    command,
    "millrace ingest november.csv",
    "millrace ingest november.jsonl --rejects mend-these.jsonl --json",
    "millrace ingest --from-table billing_targets --column user_id=member_no",
  );
  return does(command, ({ options, operands, output, surroundings: { folder }, configured }) => {
    const from = ingestFrom(options, operands, folder);
    const rejectsPath = resolve(folder, textIn(options, "rejects") ?? usualRejects(from));
    const kind = textIn(options, "kind") ?? DEFAULT_KIND;
    const priority = countIn(options, "priority", { least: 0, most: HIGHEST_PRIORITY, otherwise: 0 });
    return configured(async ({ config }) => {
      const sourceAt = await findSource(from);
      const wiring = await openWiring(config, { name: "ingest", migrates: true });
      const { signal, stop } = onStopSignals((words) => output.say(words));
      try {
        const source = sourceAt(wiring.database.connection);
        const done = await ingestAll(wiring, output, { source, rejectsPath, kind, priority, stop: signal });
        return output.result(
          asJson(done, rejectsPath),
          inLines(done, rejectsPath, signal.aborted),
          endingOf(done, signal.aborted),
        );
      } finally {
        stop();
        await wiring.close();
      }
    });
  });
};

const collect = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  text,
];

const usualRejects = (from: IngestFrom): string =>
  "file" in from
    ? `${from.file}.rejects.jsonl`
    : `${from.table.replace(/[^A-Za-z0-9_.-]/g, "_")}.rejects.jsonl`;

interface Work {
  readonly source: IngestSource;
  readonly rejectsPath: string;
  readonly kind: string;
  readonly priority: number;
  readonly stop: AbortSignal;
}

const ingestAll = async (
  wiring: Wiring,
  output: Output,
  { source, rejectsPath, kind, priority, stop }: Work,
): Promise<IngestProgress> => {
  await demandPolicy(wiring, operator());
  const policy = wiring.policies.active();
  if (policy === null)
    throw new Refusal(
      "refused",
      "no policy is active, so nobody knows how long a notice lives: millrace policy activate FILE",
    );
  const rejects = await openRejectFile(rejectsPath);
  const progress = output.progress();
  const { root, maxBytes } = wiring.config.content;
  try {
    return await Effect.runPromise(
      ingestBills(
        {
          ledger: wiring.ledger,
          cipher: wiring.cipher,
          sealedAbout: wiring.sealedAbout,
          refOf: root === null ? null : fileBillStore({ root, maxBytes }).refOf,
          clock: wiring.system.clock,
        },
        source.lines,
        {
          actor: `${operator()} from ${source.name}`.slice(0, 200),
          expiresAfterMs: policy.expiresAfterMs,
          zone: policy.zone,
          ...{ kind, priority, stop },
          openContact: oldContacts(wiring.cipher),
          reject: rejects.write,
          onProgress: ({ taken, duplicates, rejected }) => {
            progress.show({ total: null, outcomes: { new: taken, "there already": duplicates, rejected } });
          },
        },
      ),
    );
  } finally {
    progress.end();
    await rejects.close();
  }
};

const asJson = (done: IngestProgress, rejectsPath: string): object => ({
  lines: done.lines,
  new: done.taken,
  duplicates: done.duplicates,
  rejected: done.rejected,
  rejects: done.rejected > 0 ? rejectsPath : null,
  elapsed_ms: Math.round(done.elapsedMs),
  lines_per_second: Math.round(done.linesPerSecond),
});

const inLines = (done: IngestProgress, rejectsPath: string, wasStopped: boolean): readonly string[] => [
  `${ingestInWords(done)} (${Math.round(done.linesPerSecond).toLocaleString("en")} a second)`,
  ...(done.rejected > 0
    ? [`What was rejected, and why: ${rejectsPath}. Mend those lines and ingest the file again.`]
    : []),
  ...(wasStopped ? ["Stopped before the end: start it again, and it goes on from there."] : []),
];

const endingOf = (done: IngestProgress, wasStopped: boolean): Ending => {
  if (wasStopped) return "partial";
  if (done.rejected === 0) return "ok";
  return done.rejected === done.lines ? "failed" : "partial";
};
