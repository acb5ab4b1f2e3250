/**
 * `millrace doubt`: notices of which nobody knows whether the provider accepted them. Most end by themselves; of the others an
 * operator has to find out, and says here what was found.
 */
import { Command } from "commander";
import { Effect } from "effect";
import type { ProviderTerms } from "../../domain/attempt.ts";
import { isoInstant } from "../../domain/iso-instant.ts";
import { does, examples, withJson } from "../command-line.ts";
import type { Config } from "../config/config.ts";
import { doubtDuty } from "../doubt-duty.ts";
import { toldByUpkeepMs } from "../republish-times.ts";
import { atLedger, operator } from "../ledger-desk.ts";
import { limitIn, USUALLY_LISTED } from "../listing.ts";
import { answerInWords, endingOf } from "../order.ts";
import { demanded, noticeNamed, textIn } from "../read-options.ts";
import { Refusal } from "../refusal.ts";
import { resolveDoubt } from "../resolve-doubt.ts";

export const doubtCommand = (): Command => {
  const group = new Command("doubt").description(
    "Notices of which nobody knows whether the provider accepted them.",
  );
  group.addCommand(listCommand());
  group.addCommand(resolveCommand());
  return examples(
    group,
    "millrace doubt list",
    'millrace doubt resolve ID --not-accepted --evidence "not in the gateway\'s log"',
  );
};

const termsIn =
  ({ providers }: Config) =>
  (provider: string): ProviderTerms | null =>
    [...providers.values()].find(({ name }) => name === provider)?.terms ?? null;

const listCommand = (): Command => {
  const command = withJson(
    new Command("list")
      .description("List open doubts, oldest first: who ends each of them, and why.")
      .option("--owed", "only those that wait for you")
      .option("--limit <count>", "at most so many", String(USUALLY_LISTED)),
  );
  examples(command, "millrace doubt list", "millrace doubt list --owed --json");
  return does(command, ({ options, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "doubt", async ({ reports, ledger }) => {
        const limit = limitIn(options);
        const now = await Effect.runPromise(ledger.now);
        const termsOf = termsIn(config);
        const listed = (await Effect.runPromise(reports.doubts(limit))).map((doubt) => ({
          ...doubt,
          duty: doubtDuty(doubt, termsOf(doubt.attempt.provider), now),
        }));
        const shown = listed.filter(({ duty }) => options["owed"] !== true || duty.owedBy === "operator");
        return output.result(
          {
            doubts: shown.map(({ letter, attempt, duty }) => ({
              notice_id: letter.noticeId,
              period: letter.period,
              since: isoInstant(letter.openedAt),
              reason: letter.reason,
              attempt_id: attempt.attemptId,
              channel: attempt.channel,
              provider: attempt.provider,
              copies: attempt.copies,
              owed_by: duty.owedBy,
              because: duty.because,
              evidence_from: isoInstant(duty.evidenceFrom),
            })),
          },
          [
            ...shown.map(
              ({ letter, attempt, duty }) =>
                `${isoInstant(letter.openedAt)}  ${letter.noticeId}  ${attempt.channel} by ${attempt.provider}: ${letter.reason}; ${duty.owedBy === "operator" ? "YOU decide" : "ends by itself"}: ${duty.because}`,
            ),
            ...(shown.length === 0 ? ["Nothing is in doubt here."] : []),
          ],
        );
      }),
    ),
  );
};

const resolveCommand = (): Command => {
  const command = withJson(
    new Command("resolve")
      .description("Say what became of a doubt, by your own evidence: it is believed, so be sure.")
      .argument("<id>", "the notice's id")
      .option("--accepted <message-id>", "the provider accepted it, under this id of its own")
      .option("--not-accepted", "the provider did not, and never will")
      .option("--evidence <words>", "where you have seen it; no personal data"),
  );
  examples(
    command,
    'millrace doubt resolve ID --accepted 3f9a01 --evidence "in the gateway\'s log of 09:31"',
    'millrace doubt resolve ID --not-accepted --evidence "the gateway has no message of ours from 09:00 to 10:00"',
  );
  return does(command, ({ operands, options, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "doubt", async ({ reports, ledger }) => {
        const words = demanded(options, "evidence", "in the gateway's log of 09:31");
        const acceptedAs = textIn(options, "accepted") ?? null;
        if ((acceptedAs === null) === (options["notAccepted"] !== true))
          throw new Refusal("usage", "say one of --accepted MESSAGE-ID and --not-accepted");
        const noticeId = noticeNamed(operands);
        const report = await Effect.runPromise(reports.notice(noticeId));
        if (report === null) throw new Refusal("failed", `there is no notice ${noticeId}`);
        const answer = await resolveDoubt(ledger, report, {
          ...{ acceptedAs, words, actor: operator(), terms: termsIn(config) },
          republishInMs: toldByUpkeepMs(config),
          jitter: Math.random(),
        });
        const status = (await Effect.runPromise(reports.notice(noticeId)))?.record.notice.status ?? null;
        return output.result(
          { notice_id: noticeId, verdict: answer.verdict, because: answer.because, status },
          [`${noticeId}: ${answerInWords(answer)} (${status ?? "gone"}).`],
          endingOf(answer),
        );
      }),
    ),
  );
};
