/**
 * `millrace migrate`: the schema of the database, forward only.
 */
import { Command } from "commander";
import { connected, type DatabaseAddress } from "../../adapters/postgres/connect.ts";
import { migrateUp, migrationPlan, schemaStatus } from "../../adapters/postgres/schema.ts";
import { does, examples, withJson } from "../command-line.ts";
import type { Config } from "../config/config.ts";
import { addressOf, firstConnection } from "../database.ts";
import { Refusal } from "../refusal.ts";

export const migrateCommand = (): Command => {
  const group = new Command("migrate").description(
    "Bring the database's schema to this version, or look at it.",
  );
  for (const command of [upCommand(), statusCommand(), planCommand()]) group.addCommand(command);
  return examples(group, "millrace migrate plan", "millrace migrate up", "millrace migrate status --json");
};

const withDatabase = async <A>(
  config: Config,
  work: (connection: DatabaseAddress) => Promise<A>,
): Promise<A> => {
  const { connection, leave } = await addressOf(config);
  try {
    // what cannot be mended by migrating is said in the same words as everywhere
    await (await firstConnection(connection, { name: "migrate" })).end();
    return await work(connection);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(
      "failed",
      `migrating: ${error instanceof Error ? error.message : "unknown trouble"}`,
      error,
    );
  } finally {
    await leave();
  }
};

const upCommand = (): Command => {
  const command = withJson(
    new Command("up").description("Run what is pending; waits for another migrator that is at it."),
  );
  examples(command, "millrace migrate up");
  return does(command, ({ output, configured }) =>
    configured(({ config }) =>
      withDatabase(config, async (connection) => {
        const done = await migrateUp(connection);
        const ran = done.ran.length === 0 ? "The schema was current already." : `Ran ${done.ran.join(", ")}.`;
        const owed = done.owed.map((statement) => `  ${statement};`);
        return output.result(
          done,
          [
            ran,
            ...(owed.length === 0 ? [] : ["An administrator has to run what this user may not:", ...owed]),
          ],
          owed.length === 0 ? "ok" : "partial",
        );
      }),
    ),
  );
};

const statusCommand = (): Command => {
  const command = withJson(
    new Command("status").description("Say whether the schema is current, behind or ahead."),
  );
  examples(command, "millrace migrate status");
  return does(command, ({ output, configured }) =>
    configured(({ config }) =>
      withDatabase(config, async (connection) => {
        const status = await connected(connection, schemaStatus);
        const words = {
          current: "The schema is current.",
          behind: `The schema is behind: ${"pending" in status ? status.pending.join(", ") : ""}; run "millrace migrate up".`,
          ahead: `The schema is ahead (${"unknown" in status ? status.unknown.join(", ") : ""}): run the version of Millrace that made it.`,
        };
        return output.result(status, [words[status.state]], status.state === "current" ? "ok" : "refused");
      }),
    ),
  );
};

const planCommand = (): Command => {
  const command = withJson(
    new Command("plan").description("Print the statements that `up` would run, and run none."),
  );
  examples(command, "millrace migrate plan");
  return does(command, ({ output, configured }) =>
    configured(({ config }) =>
      withDatabase(config, async (connection) => {
        const pending = await migrationPlan(connection);
        return output.result(
          { pending },
          pending.length === 0
            ? ["Nothing is pending."]
            : pending.flatMap(({ name, up }) => [`-- ${name}`, up.trim()]),
        );
      }),
    ),
  );
};
