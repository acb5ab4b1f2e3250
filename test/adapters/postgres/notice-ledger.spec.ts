import { openPool, postgresLedger } from "../../../src/adapters/postgres/index.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";
import { describeNoticeLedgerContract } from "../../contracts/notice-ledger-contract.ts";
import { freshDatabase } from "../../support/postgres.ts";

describeNoticeLedgerContract("Postgres", async () => {
  const database = await freshDatabase();
  const pool = openPool({ connection: database.service, maxConnections: 4 });
  return {
    ledger: postgresLedger({ pool }),
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
