/**
 * `millrace run`: one run by hand, or what one would do.
 */
import { Command } from "commander";
import { Effect } from "effect";
import { isoInstant } from "../../domain/iso-instant.ts";
import type { RoutingDecision } from "../../domain/route.ts";
import { openReports } from "../../adapters/postgres/reports/open-reports.ts";
import { type Call, does, examples, withJson } from "../command-line.ts";
import type { Config } from "../config/config.ts";
import { carryOut, openRun } from "../dispatch.ts";
import { dryRun } from "../dry-run.ts";
import type { ExitCode } from "../exit-codes.ts";
import { demandPolicy } from "../first-policy.ts";
import { operator } from "../ledger-desk.ts";
import type { Output } from "../output.ts";
import { countIn, instantIn, textIn } from "../read-options.ts";
import { Refusal } from "../refusal.ts";
import { onStopSignals } from "../stop-signals.ts";
import { outcomesOf, watchRun } from "../watch-run.ts";
import { openWiring, type Wiring } from "../wiring.ts";

const DRAIN_MS = 15_000;
const MOST_SHOWN = 100_000;

export const runCommand = (): Command => {
  const command = withJson(
    new Command("run")
      .description("Route what is due to its channels, once. Whoever runs the role deliver then sends it.")
      .option("--once", "open a run now and carry it out")
      .option("--key <text>", "with --once: the same key opens the same run, however often it is asked for")
      .option("--dry-run", "say who would be sent what and when, and change nothing")
      .option("--now <instant>", "with --dry-run: as of this instant, such as 2026-12-01T09:00:00+09:00")
      .option("--limit <notices>", "with --dry-run: how many are listed; all are counted", "20"),
  );
  examples(command, "millrace run --once", "millrace run --dry-run --now 2026-12-01T09:00:00+09:00");
  return does(command, (call) =>
    call.configured(({ config }) => {
      const { options } = call;
      if (options["dryRun"] === true) return dry(config, call);
      if (options["once"] === true) return once(config, call);
      throw new Refusal("usage", "say --once to open a run, or --dry-run to see what it would do");
    }),
  );
};

const withWiring = async <A>(
  config: Config,
  output: Output,
  work: (wiring: Wiring) => Promise<A>,
): Promise<A> => {
  const waiting = (words: string): void => output.say(words);
  const wiring = await openWiring(config, { name: "run", migrates: config.database.url === null, waiting });
  try {
    return await work(wiring);
  } finally {
    await wiring.close();
  }
};

const once = (config: Config, { options, output }: Call): Promise<ExitCode> =>
  withWiring(config, output, async (wiring) => {
    const { signal, stop } = onStopSignals((words) => output.say(words));
    try {
      if (wiring.kafka !== null && !(await wiring.kafka.ready(signal)))
        throw new Refusal("failed", "stopped before the brokers were there: nothing was begun");
      return await oneRun(wiring, { options, output }, signal);
    } finally {
      stop();
    }
  });

const oneRun = async (
  wiring: Wiring,
  { options, output }: Pick<Call, "options" | "output">,
  signal: AbortSignal,
): Promise<ExitCode> => {
  await demandPolicy(wiring, operator());
  const key = textIn(options, "key") ?? `by hand ${wiring.system.newId()}`;
  const { answer, run } = await openRun(wiring, key, operator());
  if (answer === "overlapping") {
    return output.problem("conflict", {
      message: `run ${run.runId} of ${run.openedBy} is open since ${isoInstant(run.openedAt)}`,
      fix: "wait for its end: millrace status",
    });
  }
  if (run.state === "open") {
    const inHand = carryOut(wiring, run);
    // what goes wrong with it, `done` says
    const drain = (): void => {
      inHand.drain(DRAIN_MS).catch(() => undefined);
    };
    signal.addEventListener("abort", drain, { once: true });
    if (signal.aborted) drain();
    const watch = watchRun(wiring, run.runId, output);
    try {
      await inHand.done;
    } finally {
      watch.end();
    }
  }
  const ended = (await Effect.runPromise(wiring.runs.read(run.runId))) ?? run;
  const { candidates, pages } = ended.figures;
  const { admitted, "put off": putOff, held, suppressed, expired } = outcomesOf(ended.figures);
  return output.result(
    { ...ended, answer },
    [
      `Run ${ended.runId}: ${candidates.toLocaleString("en")} candidates on ${pages} pages; ` +
        `${admitted.toLocaleString("en")} admitted, ${putOff} put off, ${held} held, ${suppressed} suppressed, ${expired} expired.`,
      ...(answer === "repeated" ? [`It was opened before by the same key.`] : []),
    ],
    ended.state === "open" ? "partial" : "ok",
  );
};

const dry = (config: Config, { options, output }: Call): Promise<ExitCode> =>
  withWiring(config, output, async (wiring) => {
    const active = wiring.policies.active();
    if (active === null)
      throw new Refusal("refused", 'no policy is active: run "millrace policy activate FILE" first');
    const limit = countIn(options, "limit", { least: 0, most: MOST_SHOWN, otherwise: 20 });
    const now = instantIn(options, "now") ?? wiring.policies.now();
    const reading = openReports(wiring.database.connection, { maxConnections: 8 });
    const counts: Record<string, number> = {};
    const shown: object[] = [];
    const lines: string[] = [];
    let total = 0;
    try {
      for await (const { noticeId, billId, decision } of dryRun(
        reading.reports,
        wiring.policies,
        active,
        now,
      )) {
        total += 1;
        const what = inWords(decision);
        counts[what] = (counts[what] ?? 0) + 1;
        if (shown.length >= limit) continue;
        shown.push({ notice_id: noticeId, bill_id: billId, ...decision });
        lines.push(`  ${noticeId}  ${what}: ${decision.because.clause}`);
      }
    } finally {
      await reading.close();
    }
    return output.result(
      { at: isoInstant(now), policyVersion: active.version, total, counts, notices: shown },
      [
        `As of ${isoInstant(now)}, policy ${active.version}: ${total.toLocaleString("en")} candidates. Nothing was changed.`,
        ...Object.entries(counts).map(
          ([what, count]) => `  ${what.padEnd(28)} ${count.toLocaleString("en")}`,
        ),
        ...lines,
        ...(total > shown.length
          ? [`  … and ${(total - shown.length).toLocaleString("en")} more (--limit)`]
          : []),
      ],
    );
  });

const inWords = (decision: RoutingDecision): string => {
  switch (decision.kind) {
    case "route":
      return `send by ${decision.channel}`;
    case "hold":
      return `hold (${decision.reason})`;
    case "later":
      return `put off to ${isoInstant(decision.until)}`;
    case "suppress":
      return "suppress";
    case "expire":
      return "expire";
  }
};
