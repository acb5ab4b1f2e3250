/**
 * `millrace notice update-contact`: where a recipient is reached, for one notice.
 */
import { resolve } from "node:path";
import { Command } from "commander";
import { Effect } from "effect";
import { openReports } from "../../adapters/postgres/reports/open-reports.ts";
import type { ContactAnswer } from "../../domain/ports/contacts.ts";
import { does, examples, withJson } from "../command-line.ts";
import { operator } from "../ledger-desk.ts";
import { endingOf } from "../order.ts";
import { channelIn, demanded, noticeNamed } from "../read-options.ts";
import { Refusal } from "../refusal.ts";
import { readContactFrom, updateContact } from "../update-contact.ts";
import { openWiring } from "../wiring.ts";

export const updateContactCommand = (): Command => {
  const command = withJson(
    new Command("update-contact")
      .description(
        "Give a notice another contact for a channel, from a file or standard input; it is sealed and not shown.",
      )
      .argument("<id>", "the notice's id")
      .option("--channel <name>", "the channel, such as email or sms")
      .option("--from <file>", "where the contact stands by itself; - is standard input", "-")
      .option("--reason <words>", "why, for whoever asks later; no personal data"),
  );
  examples(
    command,
    'millrace notice update-contact ID --channel email --reason "new address by letter" < address.txt',
    'millrace notice update-contact ID --channel sms --from number.txt --reason "called us" && millrace notice resend ID',
  );
  return does(command, ({ operands, options, output, configured, surroundings }) =>
    configured(async ({ config }) => {
      const noticeId = noticeNamed(operands);
      const channel = channelIn(options, "channel");
      if (channel === undefined) throw new Refusal("usage", "--channel is missing: such as --channel email");
      const reason = demanded(options, "reason", "new address by letter");
      const from = String(options["from"]);
      const written = readContactFrom(from === "-" ? from : resolve(surroundings.folder, from));
      const wiring = await openWiring(config, { name: "notice" });
      const reading = openReports(wiring.database.connection, { maxConnections: 1 });
      try {
        const report = await Effect.runPromise(reading.reports.notice(noticeId));
        if (report === null) throw new Refusal("failed", `there is no notice ${noticeId}`);
        const order = { noticeId, channel, written, reason, actor: operator() };
        const answer = await updateContact(wiring, report, order);
        return output.result(
          { notice_id: noticeId, channel, verdict: answer.verdict, status: answer.status },
          [`${noticeId}: ${inWords(answer)} (${answer.status ?? "gone"}).`],
          endingOf(answer),
        );
      } finally {
        await reading.close();
        await wiring.close();
      }
    }),
  );
};

const inWords = ({ verdict }: ContactAnswer): string => {
  switch (verdict) {
    case "won":
      return "it is sent to the new contact from now on";
    case "not-now":
      return "not done: its contact is in use; try again when it has come to an end, or is queued again";
    case "gone":
      return "not done: it was sent already";
  }
};
