/**
 * `millrace pause` and `millrace resume`: the gate in front of every right to send.
 */
import { Command } from "commander";
import { Effect } from "effect";
import { type ChannelId, channelId } from "../../domain/ids.ts";
import { does, examples, withJson } from "../command-line.ts";
import { atLedger, operator } from "../ledger-desk.ts";
import { demanded, textIn } from "../read-options.ts";
import { Refusal } from "../refusal.ts";

const scopeOf = ([written]: readonly string[]): ChannelId | "*" => {
  if (written === undefined || written === "all") return "*";
  try {
    return channelId(written);
  } catch (error) {
    throw new Refusal("usage", error instanceof Error ? error.message : "no channel", error);
  }
};

const inWords = (scope: ChannelId | "*"): string => (scope === "*" ? "everything" : scope);

export const pauseCommand = (): Command => {
  const command = withJson(
    new Command("pause")
      .description(
        "Stop sending on a channel, or on all. After it has returned, no right to send commits; what was sent before still gets its answer.",
      )
      .argument("[channel]")
      .option("--reason <words>", "why, for the record; no personal data"),
  );
  examples(
    command,
    'millrace pause --reason "wrong amounts in November"',
    'millrace pause sms --reason "provider asks"',
  );
  return does(command, ({ options, operands, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "pause", async ({ ledger }) => {
        const scope = scopeOf(operands);
        const reason = demanded(options, "reason", "wrong amounts in November");
        await Effect.runPromise(ledger.pause(scope, reason, operator()));
        return output.result({ paused: scope, reason }, [
          `Paused ${inWords(scope)}: no right to send commits from now on. "millrace resume${scope === "*" ? "" : ` ${scope}`}" goes on.`,
        ]);
      }),
    ),
  );
};

export const resumeCommand = (): Command => {
  const command = withJson(
    new Command("resume")
      .description("Go on sending on a channel, or on all; what was held for the pause is released.")
      .argument("[channel]")
      .option("--reason <words>", "why now, for the record; no personal data"),
  );
  examples(command, "millrace resume", 'millrace resume sms --reason "the provider is back"');
  return does(command, ({ options, operands, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "resume", async ({ ledger }) => {
        const scope = scopeOf(operands);
        const reason = textIn(options, "reason") ?? null;
        await Effect.runPromise(ledger.resume(scope, operator(), reason));
        return output.result({ resumed: scope, reason }, [
          `Resumed ${inWords(scope)}. What was held for the pause is released by upkeep within seconds.`,
        ]);
      }),
    ),
  );
};
