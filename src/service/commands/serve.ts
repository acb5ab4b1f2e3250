/**
 * `millrace serve`: the long-lived service.
 */
import { Command } from "commander";
import { type ChannelId, channelId } from "../../domain/ids.ts";
import type { Role } from "../../domain/ports/members.ts";
import { does, examples } from "../command-line.ts";
import { EXIT } from "../exit-codes.ts";
import { Refusal } from "../refusal.ts";
import { serve } from "../serve.ts";
import { shippedVersion } from "../shipped.ts";
import { onStopSignals } from "../stop-signals.ts";

type OneRole = Exclude<Role, "all">;
const ROLES: readonly OneRole[] = ["dispatch", "deliver", "upkeep"];

export const serveCommand = (): Command => {
  const command = new Command("serve")
    .description(
      "Run the service: open runs by its schedule, deliver, keep house; until SIGTERM, or forced by a second one.",
    )
    .option("--role <role>", `all, ${ROLES.join(", ")}; as often as needed (default: serve.roles)`, collect)
    .option(
      "--channel <channel>",
      "deliver only this one; as often as needed (default: delivery.channels)",
      collect,
    );
  examples(
    command,
    "millrace serve",
    "millrace serve --role deliver --channel email",
    "millrace serve --role upkeep",
  );
  return does(command, ({ options, output, configured }) =>
    configured(async ({ config }) => {
      const roles = rolesOf(options["role"], config.serve.roles);
      const channels = channelsOf(options["channel"]) ?? config.delivery.channels ?? [];
      const { signal, stop } = onStopSignals((words) => output.say(words));
      try {
        await serve(config, output, { roles, channels, version: shippedVersion(), signal });
      } finally {
        stop();
      }
      return EXIT.ok;
    }),
  );
};

function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

const listOf = (written: unknown): readonly string[] | null =>
  Array.isArray(written) ? (written as readonly string[]) : null; // as `collect` gathers them

const rolesOf = (written: unknown, configured: readonly OneRole[]): readonly OneRole[] => {
  const names = listOf(written);
  if (names === null) return configured;
  if (names.includes("all")) return ROLES;
  const unknown = names.filter((name) => !ROLES.some((role) => role === name));
  if (unknown.length > 0)
    throw new Refusal("usage", `--role is all, ${ROLES.join(", ")}; not ${unknown.join(", ")}`);
  return ROLES.filter((role) => names.includes(role));
};

const channelsOf = (written: unknown): readonly ChannelId[] | null => {
  const names = listOf(written);
  if (names === null) return null;
  try {
    return names.map(channelId);
  } catch (error) {
    throw new Refusal(
      "usage",
      `--channel: ${error instanceof Error ? error.message : "cannot be read"}`,
      error,
    );
  }
};
