import { postgresDoubts } from "../../../src/adapters/postgres/doubts.ts";
import { openPool, postgresLedger } from "../../../src/adapters/postgres/index.ts";
import { describeDoubtsContract } from "../../contracts/doubts-contract.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";
import { freshDatabase } from "../../support/postgres.ts";

describeDoubtsContract("Postgres", async () => {
  const database = await freshDatabase();
  const pool = openPool({ connection: database.service, maxConnections: 2 });
  return {
    ledger: postgresLedger({ pool }),
    doubts: postgresDoubts({ pool }),
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
