import { openPool, postgresLedger, postgresPoisonLetters } from "../../../src/adapters/postgres/index.ts";
import { describePoisonLettersContract } from "../../contracts/poison-letters-contract.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";
import { freshDatabase } from "../../support/postgres.ts";

describePoisonLettersContract("Postgres", async () => {
  const database = await freshDatabase();
  const pool = openPool({ connection: database.service, maxConnections: 4 });
  return {
    ledger: postgresLedger({ pool }),
    poison: postgresPoisonLetters({ pool }),
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
