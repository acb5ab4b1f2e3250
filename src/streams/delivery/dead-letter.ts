/**
 * What names no readable notice: no row can be changed for it, so the record itself is kept (T15) and its place in the log moves
 * on. A notice that fails is a dead letter by its settlement, in the same transaction.
 */
import { Effect } from "effect";
import type { PoisonRecord } from "../../domain/ports/notice-ledger.ts";
import type { DeadRecord } from "../runtime/publisher.ts";
import type { DeadLetterSink } from "../runtime/publisher.ts";
import type { DeliveryPorts } from "./delivery-ports.ts";

/** How a record that cannot be read is kept: where it lay, and its bytes, sealed where they may be personal. */
export type KeepPoison = (record: DeadRecord) => PoisonRecord;

/** A bug's text may quote the record, which is sealed; so of that only the place is kept beside it. */
const shown = (record: DeadRecord): DeadRecord => {
  if (record.failure !== "Bug") return record;
  const frame = /^\s+at .*$/m.exec(record.stack ?? "")?.[0].trim();
  return { ...record, reason: `a bug in our program${frame === undefined ? "" : ` ${frame}`}`, stack: null };
};

export const deadLetters = ({ ledger }: Pick<DeliveryPorts, "ledger">, keep: KeepPoison): DeadLetterSink => ({
  write: (records) =>
    records.length === 0 ? Effect.void : ledger.poison(records.map((record) => keep(shown(record)))),
});
