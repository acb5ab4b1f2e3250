/**
 * Changing a contact in Postgres: one transaction, which may be done again after a lost answer, because the same contact twice is
 * the same contact (and two lines that say so).
 */
import type { Contacts, ContactAnswer } from "../../domain/ports/contacts.ts";
import type { Status } from "../../domain/notice.ts";
import { attempted } from "./attempted.ts";
import { DEFAULT_RETRY, settled, type RetryOptions } from "./batch.ts";
import type { Pool } from "./pool.ts";
import { LOCK_OF_CONTACT, UPDATE_CONTACT } from "./sql/update-contact.ts";
import { inTransaction } from "./transaction.ts";

export interface PostgresContactsOptions {
  readonly pool: Pool;
  readonly retry?: RetryOptions;
}

/** Its contact is in use. */
const IN_HAND: ReadonlySet<Status> = new Set<Status>(["claimed", "sending", "in_doubt"]);

export const postgresContacts = ({ pool, retry = DEFAULT_RETRY }: PostgresContactsOptions): Contacts => ({
  update: ({ noticeId, channel, sealed, reason, actor }) =>
    attempted(() =>
      settled(`changing a contact of notice ${noticeId}`, retry, () =>
        inTransaction(pool, "BEGIN", async (client): Promise<ContactAnswer> => {
          const { rows } = await client.query<{ status: Status }>(LOCK_OF_CONTACT, [noticeId]);
          const status = rows[0]?.status ?? null;
          if (status === null || status === "sent") return { verdict: "gone", status };
          if (IN_HAND.has(status)) return { verdict: "not-now", status };
          await client.query(UPDATE_CONTACT, [noticeId, channel, sealed, reason, actor]);
          return { verdict: "won", status };
        }),
      ),
    ),
});
