import { openPool, postgresLedger, postgresLetters } from "../../../src/adapters/postgres/index.ts";
import { describeLettersContract } from "../../contracts/letters-contract.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";
import { freshDatabase } from "../../support/postgres.ts";

describeLettersContract("Postgres", async () => {
  const database = await freshDatabase();
  const pool = openPool({ connection: database.service, maxConnections: 4 });
  return {
    ledger: postgresLedger({ pool }),
    letters: postgresLetters({ pool }),
    setNow: database.setNow,
    reset: async () => {
      await database.clear();
      await database.setNow(START);
    },
    close: async () => {
      await pool.close();
      await database.drop();
    },
  };
});
