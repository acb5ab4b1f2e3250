import {
  openPool,
  openQueueHints,
  postgresLedger,
  postgresQueuedNotices,
} from "../../../src/adapters/postgres/index.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";
import { describeQueuedNoticesContract } from "../../contracts/queued-notices-contract.ts";
import { freshDatabase } from "../../support/postgres.ts";

describeQueuedNoticesContract("Postgres", async () => {
  const database = await freshDatabase();
  const pool = openPool({ connection: database.service, maxConnections: 4 });
  const hints = openQueueHints({ connection: database.service });
  await new Promise<void>((resolve) => {
    const off = hints.onHint(() => {
      off();
      resolve();
    });
  });
  return {
    ledger: postgresLedger({ pool }),
    walker: () => postgresQueuedNotices({ pool, hints }),
    setNow: database.setNow,
    reset: async () => {
      await database.clear();
      await database.setNow(START);
    },
    close: async () => {
      await hints.close();
      await pool.close();
      await database.drop();
    },
  };
});
