/**
 * `millrace suppress`: the list of recipients to whom nothing is sent. What is on its way when somebody is added is not called back.
 */
import { Command } from "commander";
import { Effect } from "effect";
import { isoInstant } from "../../domain/iso-instant.ts";
import { does, examples, withJson } from "../command-line.ts";
import { atLedger, operator } from "../ledger-desk.ts";
import { demanded, textIn } from "../read-options.ts";
import { limitIn, nextAfter, USUALLY_LISTED } from "../listing.ts";

export const suppressCommand = (): Command => {
  const group = new Command("suppress").description("The recipients to whom nothing is sent.");
  group.addCommand(addCommand());
  group.addCommand(removeCommand());
  group.addCommand(listCommand());
  return examples(group, 'millrace suppress add user-17 --reason "asked not to be written to"');
};

const addCommand = (): Command => {
  const command = withJson(
    new Command("add")
      .description("Send this recipient nothing any more. When it returns, no further message is begun.")
      .argument("<user>", "the recipient's id")
      .option("--reason <words>", "why, for whoever asks later; no personal data"),
  );
  examples(command, 'millrace suppress add user-17 --reason "moved away"');
  return does(command, ({ options, operands: [user = ""], output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "suppress", async ({ ledger }) => {
        const reason = demanded(options, "reason", "asked not to be written to");
        await Effect.runPromise(ledger.suppress(user, reason, operator()));
        return output.result({ user_id: user, suppressed: true, reason }, [
          `${user} is sent nothing from now on.`,
        ]);
      }),
    ),
  );
};

const removeCommand = (): Command => {
  const command = withJson(
    new Command("remove")
      .description("Take a recipient off the list. What was suppressed meanwhile stays so.")
      .argument("<user>", "the recipient's id")
      .option("--reason <words>", "why, for whoever asks later; no personal data"),
  );
  examples(
    command,
    "millrace suppress remove user-17",
    'millrace suppress remove user-17 --reason "asked to be written to again"',
  );
  return does(command, ({ options, operands: [user = ""], output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "suppress", async ({ ledger }) => {
        const reason = textIn(options, "reason") ?? null;
        await Effect.runPromise(ledger.unsuppress(user, operator(), reason));
        return output.result({ user_id: user, suppressed: false, reason }, [
          `${user} is on the list no more.`,
        ]);
      }),
    ),
  );
};

const listCommand = (): Command => {
  const command = withJson(
    new Command("list")
      .description("Show the list, by recipient.")
      .option("--limit <count>", "at most so many", String(USUALLY_LISTED))
      .option("--after <user>", "go on behind this recipient"),
  );
  examples(command, "millrace suppress list", "millrace suppress list --after user-17 --limit 100 --json");
  return does(command, ({ options, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "suppress", async ({ reports }) => {
        const limit = limitIn(options);
        const listed = await Effect.runPromise(reports.suppressions(limit, textIn(options, "after")));
        const next = nextAfter(listed, limit, ({ userId }) => userId);
        return output.result(
          {
            suppressions: listed.map(({ userId, since, ...each }) => ({
              user_id: userId,
              ...each,
              since: isoInstant(since),
            })),
            next_after: next,
          },
          [
            ...listed.map(
              ({ userId, since, actor, reason }) =>
                `${userId}  since ${isoInstant(since)} by ${actor}: ${reason}`,
            ),
            ...(listed.length === 0 ? ["Nobody is on the list."] : []),
            ...(next === null ? [] : [`There may be more: --after ${next}`]),
          ],
        );
      }),
    ),
  );
};
