/**
 * `millrace dlt`: what failed, and what to do about it. A replay is a new generation of the notice: from the first channel on. What is
 * discarded is given up: its notice stays as failed as it is, and no replay takes it. A record of a topic that could not be read is of
 * no notice, and is only listed.
 */
import { Command, type OptionValues } from "commander";
import { Effect } from "effect";
import { DEAD_LETTER_KINDS, DEAD_LETTER_STATES } from "../../domain/dead-letter.ts";
import { isoInstant } from "../../domain/iso-instant.ts";
import type { LetterFilter, LetterKey, ListedLetter } from "../../domain/ports/ledger-reports.ts";
import { systemPorts } from "../../streams/runtime/system-ports.ts";
import { does, examples, withJson } from "../command-line.ts";
import { discardable, discardLetters } from "../discard-letters.ts";
import { atLedger, operator } from "../ledger-desk.ts";
import { lettersSoFar } from "../letters-so-far.ts";
import { limitIn, nextAfter, USUALLY_LISTED } from "../listing.ts";
import {
  channelIn,
  countIn,
  demanded,
  instantIn,
  noticeNamed,
  periodIn,
  runIn,
  textIn,
  wordIn,
} from "../read-options.ts";
import { poisonCommand } from "./dlt-poison.ts";
import { Refusal } from "../refusal.ts";
import { replayable, replayLetters } from "../replay-letters.ts";
import { onStopSignals } from "../stop-signals.ts";

const MOST = 100_000_000;
const USUAL_RATE = 200;

export const dltCommand = (): Command => {
  const group = new Command("dlt").description(
    "Dead letters: what failed and why, and how it is sent again, or given up.",
  );
  group.addCommand(listCommand());
  group.addCommand(poisonCommand());
  group.addCommand(replayCommand());
  group.addCommand(discardCommand());
  return examples(group, "millrace dlt list", 'millrace dlt replay --reason "mailbox full" --dry-run');
};

const filtered = (command: Command): Command =>
  command
    .option("--channel <name>", "whose notice is on this channel")
    .option("--period <YYYYMM>", "of this month")
    .option("--run <id>", "of notices that this run admitted")
    .option("--reason <words>", "whose reason has these words in it")
    .option("--opened-from <instant>", "not older, such as 2026-11-21T00:00:00Z")
    .option("--opened-until <instant>", "older than that");

const filterOf = (options: OptionValues): LetterFilter => {
  const asked = {
    kind: wordIn(options, "kind", DEAD_LETTER_KINDS),
    state: wordIn(options, "state", DEAD_LETTER_STATES),
    channel: channelIn(options, "channel"),
    period: periodIn(options, "period"),
    runId: runIn(options, "run"),
    reason: textIn(options, "reason"),
    openedFrom: instantIn(options, "openedFrom"),
    openedUntil: instantIn(options, "openedUntil"),
  };
  // Without those that were not asked for, which are not the same as undefined here.
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
};

const listCommand = (): Command => {
  const command = withJson(
    filtered(
      new Command("list")
        .description("List dead letters, oldest first: by default those that nobody has decided.")
        .option("--kind <name>", DEAD_LETTER_KINDS.join(" or "))
        .option("--state <name>", `one of ${DEAD_LETTER_STATES.join(", ")}`, "open"),
    )
      .option("--limit <count>", "at most so many", String(USUALLY_LISTED))
      .option("--after <key>", "go on behind this entry, as the list before says"),
  );
  examples(
    command,
    "millrace dlt list",
    "millrace dlt list --channel sms --json",
    "millrace dlt list --state replaying",
  );
  return does(command, ({ options, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "dlt", async ({ reports }) => {
        const filter = filterOf(options);
        const limit = limitIn(options);
        const listed = await Effect.runPromise(reports.letters(filter, limit, keyIn(options)));
        const total = await Effect.runPromise(reports.countLetters(filter));
        const next = nextAfter(listed, limit, keyOf);
        return output.result({ letters: listed.map(letterAsObject), total, next_after: next }, [
          ...listed.map(letterInWords),
          ...(listed.length === 0
            ? ["No dead letter is like that."]
            : [`${listed.length} of ${total.toLocaleString("en")}`]),
          ...(next === null ? [] : [`Go on with --after ${next}`]),
        ]);
      }),
    ),
  );
};

const letterAsObject = ({ letter, status, channel }: ListedLetter): object => ({
  notice_id: letter.noticeId,
  period: letter.period,
  kind: letter.kind,
  state: letter.state,
  reason: letter.reason,
  stage: letter.stage,
  epoch: letter.epoch,
  generation: letter.generation,
  attempt_id: letter.attemptId,
  attempts: letter.attempts,
  failed_on: letter.channel,
  first_tried_at: letter.firstTriedAt === null ? null : isoInstant(letter.firstTriedAt),
  last_tried_at: letter.lastTriedAt === null ? null : isoInstant(letter.lastTriedAt),
  opened_at: isoInstant(letter.openedAt),
  status,
  channel,
});

const letterInWords = ({ letter, status, channel }: ListedLetter): string =>
  `${isoInstant(letter.openedAt)}  ${letter.noticeId}  ${letter.kind}, ${letter.state}  tried ${letter.attempts}×, now ${status} on ${channel ?? "no channel"}: ${letter.reason}`;

const keyOf = ({ letter }: ListedLetter): string => `${letter.openedAt}/${letter.epoch}/${letter.noticeId}`;

const keyIn = (options: OptionValues): LetterKey | undefined => {
  const text = textIn(options, "after");
  if (text === undefined) return undefined;
  const [, ms, epoch, id] = /^(\d{1,15})\/(\d{1,9})\/(.+)$/.exec(text) ?? [];
  const openedAt = ms === undefined ? undefined : instantIn({ after: isoOf(Number(ms)) }, "after");
  if (openedAt === undefined || id === undefined)
    throw new Refusal("usage", "--after takes an entry's key, as the list before says");
  return { openedAt, epoch: Number(epoch), noticeId: noticeNamed([id]) };
};

const isoOf = (ms: number): string => new Date(ms).toISOString();

const fitting = (count: number): string =>
  `${count.toLocaleString("en")} open dead ${count === 1 ? "letter fits" : "letters fit"}`;

/** Whoever expects another number has another filter in mind. */
const demandConfirmed = (options: OptionValues, count: number, words: string): void => {
  const confirmed = countIn(options, "confirm", { least: 0, most: MOST, otherwise: -1 });
  if (confirmed !== count) throw new Refusal("refused", words);
};

const refusals = (refused: Readonly<Record<string, number>>): readonly string[] =>
  Object.entries(refused).map(([because, times]) => `  ${times} not: ${because}`);

const replayCommand = (): Command => {
  const command = withJson(
    filtered(new Command("replay").description("Send again what failed and fits, as a new generation each."))
      .option("--dry-run", "only say how many they are")
      .option("--confirm <count>", "as many as you expect: another number is refused")
      .option("--rate <per-second>", "replays a second at most", String(USUAL_RATE))
      .option("--expires-at <instant>", "a new end of their time, such as 2026-12-01T00:00:00Z"),
  );
  examples(
    command,
    'millrace dlt replay --reason "mailbox full" --dry-run',
    'millrace dlt replay --reason "mailbox full" --confirm 120 --rate 50',
  );
  return does(command, ({ options, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "dlt", async ({ reports, ledger }) => {
        const filter = replayable(await lettersSoFar(ledger, filterOf(options)));
        const count = await Effect.runPromise(reports.countLetters(filter));
        const fits = fitting(count);
        if (options["dryRun"] === true)
          return output.result({ dry_run: true, count }, [
            `${fits}. Send them again with --confirm ${count}.`,
          ]);
        demandConfirmed(options, count, `${fits}: to send them again, say so with --confirm ${count}`);
        const { signal, stop } = onStopSignals((words) => output.say(words));
        const progress = output.progress();
        try {
          const { replayed, refused } = await replayLetters(
            { reports, ledger, clock: systemPorts.clock },
            {
              filter,
              count,
              perSecond: countIn(options, "rate", { most: 100_000, otherwise: USUAL_RATE }),
              expiresAt: instantIn(options, "expiresAt") ?? null,
              actor: operator(),
              signal,
            },
            (done) => progress.show({ total: count, outcomes: { replayed: done } }),
          );
          progress.end();
          return output.result(
            { dry_run: false, count, replayed, refused },
            [
              `${replayed.toLocaleString("en")} of ${count.toLocaleString("en")} are sent again.`,
              ...refusals(refused),
            ],
            replayed === count ? "ok" : "partial",
          );
        } finally {
          progress.end();
          stop();
        }
      }),
    ),
  );
};

const discardCommand = (): Command => {
  const command = withJson(
    filtered(
      new Command("discard").description(
        "Give up for good what failed and fits: no replay takes it any more, and who and why is kept.",
      ),
    )
      .option("--dry-run", "only say how many they are")
      .option("--confirm <count>", "as many as you expect: another number is refused")
      .option("--because <words>", "why they are given up; no personal data"),
  );
  examples(
    command,
    'millrace dlt discard --reason "mailbox unknown" --dry-run',
    'millrace dlt discard --reason "mailbox unknown" --confirm 12 --because "told by letter"',
  );
  return does(command, ({ options, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "dlt", async ({ reports, letters, ledger }) => {
        const filter = discardable(await lettersSoFar(ledger, filterOf(options)));
        const count = await Effect.runPromise(reports.countLetters(filter));
        const fits = fitting(count);
        if (options["dryRun"] === true)
          return output.result({ dry_run: true, count }, [
            `${fits}. Give them up with --confirm ${count} --because "…".`,
          ]);
        const because = demanded(options, "because", "told by letter");
        demandConfirmed(options, count, `${fits}: to give them up, say so with --confirm ${count}`);
        const { signal, stop } = onStopSignals((words) => output.say(words));
        const progress = output.progress();
        try {
          const { discarded, refused } = await discardLetters(
            { reports, letters },
            { ...{ filter, count, because, signal }, actor: operator() },
            (done) => progress.show({ total: count, outcomes: { discarded: done } }),
          );
          progress.end();
          return output.result(
            { dry_run: false, count, discarded, refused },
            [
              `${discarded.toLocaleString("en")} of ${count.toLocaleString("en")} are given up.`,
              ...refusals(refused),
            ],
            discarded === count ? "ok" : "partial",
          );
        } finally {
          progress.end();
          stop();
        }
      }),
    ),
  );
};
