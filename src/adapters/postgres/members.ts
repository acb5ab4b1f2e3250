/**
 * Who is at work, in Postgres: one upsert a beat, over the ledger's own pool.
 *
 * A beat that fails is not made up for: the next one comes in a few seconds, and says the same.
 */
import type { WorkerId } from "../../domain/ids.ts";
import { ALIVE_WITHIN_MS, type Member, type Members, type Role } from "../../domain/ports/members.ts";
import { attempted } from "./attempted.ts";
import { settled, type RetryOptions } from "./batch.ts";
import type { Pool } from "./pool.ts";
import { instantOf, type Bigint } from "./rows.ts";
import { ALIVE, BEAT, LEAVE } from "./sql/members.ts";
import { inTransaction } from "./transaction.ts";

interface MemberRow {
  readonly worker_id: WorkerId;
  readonly role: Role;
  readonly host: string;
  readonly pid: number;
  readonly trouble: string | null;
  readonly started_at: Bigint;
  readonly seen_at: Bigint;
}

/** Two tries: the next beat is nearer than a long schedule of retries. */
const RETRY: RetryOptions = { tries: 2, firstWaitMs: 50, capMs: 200 };

const memberOf = ({ worker_id, started_at, seen_at, ...row }: MemberRow): Member => ({
  ...row,
  workerId: worker_id,
  startedAt: instantOf(started_at),
  seenAt: instantOf(seen_at),
});

/** The members that the Postgres ledger knows. */
export const postgresMembers = ({ pool }: { readonly pool: Pool }): Members => {
  const asked = <A>(what: string, text: string, values: readonly unknown[], read: (rows: MemberRow[]) => A) =>
    attempted(() =>
      settled(what, RETRY, () =>
        inTransaction(pool, "BEGIN", async (client) =>
          read((await client.query<MemberRow>(text, [...values])).rows),
        ),
      ),
    );
  const told = (): void => {};
  return {
    beat: ({ workerId, role, host, pid, trouble }) =>
      asked(`telling that ${workerId} is at work`, BEAT, [workerId, role, host, pid, trouble], told),
    alive: (withinMs = ALIVE_WITHIN_MS) =>
      asked("looking who is at work", ALIVE, [withinMs], (rows) => rows.map(memberOf)),
    leave: (workerId) => asked(`telling that ${workerId} has left`, LEAVE, [workerId], told),
  };
};
