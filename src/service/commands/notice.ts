/**
 * `millrace notice`: one notice in full, why it is where it is, and what an operator may do about it.
 */
import { Command } from "commander";
import { Effect } from "effect";
import type { Notice } from "../../domain/notice.ts";
import { HOLD_REASONS, STATUSES } from "../../domain/notice.ts";
import type { NoticeKey, NoticeReport } from "../../domain/ports/ledger-reports.ts";
import { isoInstant } from "../../domain/iso-instant.ts";
import type { NoticeId } from "../../domain/ids.ts";
import { does, examples, withJson } from "../command-line.ts";
import { atLedger, operator, type LedgerDesk } from "../ledger-desk.ts";
import { limitIn, nextAfter, USUALLY_LISTED } from "../listing.ts";
import { noticeAsObject, noticeInLines } from "../notice-in-words.ts";
import { noticeWhy } from "../notice-why.ts";
import { answerInWords, endingOf, given } from "../order.ts";
import {
  channelIn,
  demanded,
  instantIn,
  noticeNamed,
  periodIn,
  runIn,
  textIn,
  wordIn,
} from "../read-options.ts";
import { Refusal } from "../refusal.ts";
import { updateContactCommand } from "./update-contact.ts";

export const noticeCommand = (): Command => {
  const group = new Command("notice").description("One notice: what happened to it, why, and what to do.");
  for (const make of [
    showCommand,
    whyCommand,
    listCommand,
    cancelCommand,
    resendCommand,
    updateContactCommand,
  ])
    group.addCommand(make());
  return examples(group, "millrace notice why ID", "millrace notice list --status failed");
};

const unknown = (id: NoticeId): Refusal => new Refusal("failed", `there is no notice ${id}`);

const found = async ({ reports }: Pick<LedgerDesk, "reports">, id: NoticeId): Promise<NoticeReport> => {
  const report = await Effect.runPromise(reports.notice(id));
  if (report === null) throw unknown(id);
  return report;
};

const showCommand = (): Command => {
  const command = withJson(
    new Command("show")
      .description("Show all that the ledger has on a notice; of contacts only their channels.")
      .argument("<id>", "the notice's id"),
  );
  examples(command, "millrace notice show ID", "millrace notice show ID --json");
  return does(command, ({ operands, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "notice", async (desk) => {
        const report = await found(desk, noticeNamed(operands));
        return output.result(noticeAsObject(report), noticeInLines(report));
      }),
    ),
  );
};

const whyCommand = (): Command => {
  const command = withJson(
    new Command("why")
      .description("Say in one sentence why a notice is where it is.")
      .argument("<id>", "the notice's id"),
  );
  examples(command, "millrace notice why ID", "millrace notice why ID --json");
  return does(command, ({ operands, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "notice", async (desk) => {
        const id = noticeNamed(operands);
        const reason = await noticeWhy(desk, id);
        if (reason === null) throw unknown(id);
        const { noticeId, status, because } = reason;
        return output.result({ notice_id: noticeId, status, because }, [
          `${noticeId} is ${status}. ${because}`,
        ]);
      }),
    ),
  );
};

const listCommand = (): Command => {
  const command = withJson(
    new Command("list")
      .description("List notices, by month and id.")
      .option("--status <names>", "one or several, with commas between them")
      .option("--hold <reason>", "held for this reason")
      .option("--channel <name>", "on this channel")
      .option("--user <id>", "of this recipient")
      .option("--bill <id>", "of this bill")
      .option("--period <YYYYMM>", "of this month")
      .option("--run <id>", "that this run admitted")
      .option("--limit <count>", "at most so many", String(USUALLY_LISTED))
      .option("--after <key>", "go on behind this entry, as the list before says"),
  );
  examples(
    command,
    "millrace notice list --status failed,in_doubt",
    "millrace notice list --user user-17 --json",
  );
  return does(command, ({ options, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "notice", async ({ reports }) => {
        const limit = limitIn(options);
        const listed = await Effect.runPromise(reports.notices(filterOf(options), limit, keyIn(options)));
        const next = nextAfter(listed, limit, ({ notice }) => `${notice.period}/${notice.noticeId}`);
        return output.result(
          {
            notices: listed.map(({ notice, userId, billId, purpose }) => ({
              notice_id: notice.noticeId,
              period: notice.period,
              status: notice.status,
              hold_reason: notice.holdReason,
              channel: notice.channel,
              attempt_no: notice.attemptNo,
              due_at: isoInstant(notice.dueAt),
              user_id: userId,
              bill_id: billId,
              purpose,
            })),
            next_after: next,
          },
          [
            ...listed.map(({ notice, userId, billId }) => lineOf(notice, userId, billId)),
            ...(listed.length === 0 ? ["No notice is like that."] : []),
            ...(next === null ? [] : [`There may be more: --after ${next}`]),
          ],
        );
      }),
    ),
  );
};

const lineOf = (notice: Notice, userId: string, billId: string): string => {
  const { noticeId, period, status, holdReason, channel } = notice;
  const held = holdReason === null ? "" : ` (held: ${holdReason})`;
  return `${noticeId}  ${period}  ${status}${held}  ${channel ?? "-"}  ${userId}  ${billId}`;
};

const filterOf = (options: Parameters<typeof runIn>[0]): Parameters<LedgerDesk["reports"]["notices"]>[0] => {
  const names = textIn(options, "status")?.split(",");
  const status = names?.map((name) => {
    const [known] = STATUSES.filter((each) => each === name.trim());
    if (known === undefined)
      throw new Refusal("usage", `--status is one or several of ${STATUSES.join(", ")}`);
    return known;
  });
  const asked = {
    status,
    holdReason: wordIn(options, "hold", HOLD_REASONS),
    channel: channelIn(options, "channel"),
    userId: textIn(options, "user"),
    billId: textIn(options, "bill"),
    period: periodIn(options, "period"),
    runId: runIn(options, "run"),
  };
  // Without those that were not asked for, which are not the same as undefined here.
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
};

const keyIn = (options: Parameters<typeof runIn>[0]): NoticeKey | undefined => {
  const text = textIn(options, "after");
  if (text === undefined) return undefined;
  const [, month, id] = /^(\d{6})\/(.+)$/.exec(text) ?? [];
  const of = periodIn({ after: month ?? "" }, "after");
  if (of === undefined || id === undefined)
    throw new Refusal("usage", "--after takes YYYYMM/ID, as the list before says");
  return { period: of, noticeId: noticeNamed([id]) };
};

const cancelCommand = (): Command => {
  const command = withJson(
    new Command("cancel")
      .description(
        "Do not send a notice. What is on its way is cancelled if it turns out not to be accepted.",
      )
      .argument("<id>", "the notice's id")
      .option("--reason <words>", "why, for the history; no personal data"),
  );
  examples(command, 'millrace notice cancel ID --reason "the customer has paid"');
  return does(command, ({ operands, options, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "notice", async (desk) => {
        const reason = demanded(options, "reason", "the customer has paid");
        const { notice } = (await found(desk, noticeNamed(operands))).record;
        const { noticeId, period } = notice;
        const answer = await given(desk.ledger, {
          type: "cancel",
          noticeId,
          period,
          reason,
          actor: operator(),
        });
        const { record } = await found(desk, noticeId);
        const { status, cancelRequested } = record.notice;
        const words =
          endingOf(answer) === "ok" && status !== "cancelled" && cancelRequested
            ? "it is on its way: cancelled as soon as it is known not to be accepted"
            : answerInWords(answer);
        return output.result(
          { notice_id: noticeId, verdict: answer.verdict, because: answer.because, status },
          [`${noticeId}: ${words} (${status}).`],
          endingOf(answer),
        );
      }),
    ),
  );
};

const resendCommand = (): Command => {
  const command = withJson(
    new Command("resend")
      .description("Send again what failed or was cancelled, as a new generation from the first channel on.")
      .argument("<id>", "the notice's id")
      .option("--expires-at <instant>", "a new end of its time, such as 2026-12-01T00:00:00Z"),
  );
  examples(
    command,
    "millrace notice resend ID",
    "millrace notice resend ID --expires-at 2026-12-01T00:00:00Z",
  );
  return does(command, ({ operands, options, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "notice", async (desk) => {
        const { noticeId, period, generation } = (await found(desk, noticeNamed(operands))).record.notice;
        const expiresAt = instantIn(options, "expiresAt") ?? null;
        const answer = await given(desk.ledger, {
          type: "replay",
          ...{ noticeId, period, generation, expiresAt },
          actor: operator(),
        });
        const { status } = (await found(desk, noticeId)).record.notice;
        return output.result(
          { notice_id: noticeId, verdict: answer.verdict, because: answer.because, status, generation },
          [`${noticeId}: ${answerInWords(answer)} (${status}).`],
          endingOf(answer),
        );
      }),
    ),
  );
};
