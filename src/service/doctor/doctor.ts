/**
 * Everything that a service needs, looked at before it runs. Each look is taken whatever the others found, as far as it can be: a
 * database that is away hides what is in it, and nothing else.
 */
import { resolve } from "node:path";
import type { Connection } from "../../adapters/postgres/connect.ts";
import type { Config } from "../config/config.ts";
import { addressOf, firstConnection } from "../database.ts";
import { atLedger } from "../ledger-desk.ts";
import { Refusal } from "../refusal.ts";
import { checkClock, checkCommits, checkSchema, checkServer } from "./check-database.ts";
import { checkDisk, checkKeys, checkTemplates } from "./check-here.ts";
import { checkMembers, checkPauses, checkPolicy } from "./check-ledger.ts";
import { checkKafka } from "./check-kafka.ts";
import { checkProviders } from "./check-providers.ts";
import { broken, type Finding } from "./finding.ts";

export const examine = async (config: Config): Promise<readonly Finding[]> => [
  ...(await ofDatabase(config)),
  checkKeys(config),
  checkTemplates(config),
  ...(await checkKafka(config)),
  ...(await checkProviders(config)),
];

const WHERE = "look at MILLRACE_DATABASE_URL, and whether the server runs";

const ofDatabase = async (config: Config): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  try {
    const { connection, folder, leave } = await addressOf(config);
    try {
      const client = await firstConnection(
        { ...connection, application_name: "millrace doctor" },
        { name: "doctor" },
      );
      try {
        findings.push(...(await withConnection(client)));
      } finally {
        await client.end();
      }
      if (findings.some(({ check, health }) => check === "schema" && health === "ok")) {
        findings.push(
          ...(await atLedger(config, "doctor", async (desk) => [
            await checkPolicy(desk),
            await checkPauses(desk),
            ...(await checkMembers(desk)),
          ])),
        );
      }
      if (folder !== null) findings.push(await checkDisk(resolve(folder)));
    } finally {
      await leave();
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    findings.push(broken("database", error.message, WHERE));
  }
  return findings;
};

const withConnection = async (client: Connection): Promise<readonly Finding[]> => [
  await checkServer(client),
  await checkClock(client, Date.now),
  await checkCommits(client),
  await checkSchema(client),
];
