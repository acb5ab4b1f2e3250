/**
 * A provider's record, brought beside the ledger: into a table of this session alone, so that however many acceptances there
 * are, the program holds a batch of them, and the database finds those of a notice by its id.
 *
 * The session's user needs the right to make temporary tables (which everybody has unless it was taken away).
 */
import type pg from "pg";
import { Undecodable } from "../../../failure.ts";
import type { EvidenceTotals } from "../../../domain/ports/ledger-audit.ts";
import type { AcceptedRequest, ProviderEvidence } from "../../../domain/ports/provider-evidence.ts";
import type { Bigint } from "../rows.ts";
import { arrayLiteral } from "../sql/given.ts";
import { ADD_EVIDENCE, EVIDENCE_TOTALS, FIND_EVIDENCE, MAKE_EVIDENCE } from "./audit-statements.ts";

/** Acceptances a statement. */
const BATCH = 5_000;

interface Acceptance extends Omit<AcceptedRequest, "reference"> {
  readonly noticeId: string;
  readonly generation: number;
}

interface TotalsRow {
  readonly accepted: Bigint;
  readonly strangers: Bigint;
  readonly strangers_twice: Bigint;
  readonly channels: readonly string[];
}

/** `<notice id>/<generation>`; the notice id may hold a slash of its own. */
const REFERENCE = /^(.+)\/([1-9]\d{0,8})$/s;

const acceptanceOf = ({ reference, ...request }: AcceptedRequest, name: string): Acceptance => {
  const [, noticeId, generation] = REFERENCE.exec(reference) ?? [];
  if (noticeId === undefined) {
    throw new Undecodable({
      message: `reading ${name}: the reference of attempt ${request.attemptId} is not "<notice id>/<generation>"`,
      code: "reference",
    });
  }
  return { ...request, noticeId, generation: Number(generation) };
};

/** In a transaction of its own: this session may otherwise only read. */
const written = async (client: pg.ClientBase, work: () => Promise<unknown>): Promise<void> => {
  await client.query("BEGIN READ WRITE");
  await work();
  await client.query("COMMIT");
};

export const loadEvidence = async (
  client: pg.ClientBase,
  evidence: ProviderEvidence,
): Promise<EvidenceTotals> => {
  await written(client, () => client.query(MAKE_EVIDENCE));
  let batch: Acceptance[] = [];
  const add = async (): Promise<void> => {
    const values = [
      arrayLiteral(batch, ({ noticeId }) => noticeId),
      arrayLiteral(batch, ({ generation }) => generation),
      arrayLiteral(batch, ({ attemptId }) => attemptId),
      arrayLiteral(batch, ({ channel }) => channel),
      arrayLiteral(batch, ({ id }) => id),
    ];
    batch = [];
    await written(client, () => client.query(ADD_EVIDENCE, values));
  };
  for await (const request of evidence.accepted()) {
    batch.push(acceptanceOf(request, evidence.name));
    if (batch.length >= BATCH) await add();
  }
  if (batch.length > 0) await add();
  await written(client, () => client.query(FIND_EVIDENCE));
  const { rows } = await client.query<TotalsRow>(EVIDENCE_TOTALS);
  const [row] = rows;
  if (row === undefined) throw new Error("counting the evidence answered nothing");
  return {
    accepted: Number(row.accepted),
    channels: row.channels,
    strangers: Number(row.strangers),
    strangersTwice: Number(row.strangers_twice),
  };
};
