import { openPool, postgresLedger, postgresRuns } from "../../../src/adapters/postgres/index.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";
import { describeRunsContract } from "../../contracts/runs-contract.ts";
import { freshDatabase } from "../../support/postgres.ts";

describeRunsContract("Postgres", async () => {
  const database = await freshDatabase();
  const pool = openPool({ connection: database.service, maxConnections: 4 });
  return {
    ledger: postgresLedger({ pool }),
    runs: postgresRuns({ pool }),
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
