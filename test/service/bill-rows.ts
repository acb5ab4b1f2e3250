/**
 * Rows of bills for the specs of ingest, and the parts around it that stand still.
 */
import { createSecretKey, randomBytes } from "node:crypto";
import { contentCipher } from "../../src/adapters/crypto/index.ts";
import { memoryLedger, type MemoryLedger } from "../../src/adapters/memory/notice-ledger.ts";
import type { BillRow, SourceLine } from "../../src/domain/bill-line.ts";
import { instant } from "../../src/domain/ids.ts";
import type { IngestPorts } from "../../src/service/ingest.ts";
import { aboutTheNotice } from "../../src/service/new-notice.ts";

export const NOW = instant(Date.UTC(2026, 10, 21, 2, 30));

export const aRow = (nth: number | string, more: BillRow = {}): BillRow => ({
  user_id: `member-${nth}`,
  bill_id: `bill-${nth}`,
  billing_month: "202611",
  purpose: "monthly-bill",
  available_at: "2026-11-21T10:00:00+09:00",
  name: "홍길동",
  grade: "VIP",
  email: "hong.gildong@example.com",
  phone: "010-0123-4567",
  items: [{ label: "기본료", amount: 33_000 }],
  ...more,
});

export const linesOf = (rows: readonly BillRow[]): readonly SourceLine[] =>
  rows.map((row, at) => ({ line: at + 1, row }));

export const cipher = contentCipher({
  ring: { present: "test", keys: new Map([["test", createSecretKey(randomBytes(32))]]), old: [] },
});

/** A clock on which waiting takes no time. */
export const quickClock = (): IngestPorts["clock"] => {
  let ms = 0;
  return {
    monotonicMs: () => ms,
    after: (waitMs, run) => {
      ms += waitMs;
      setImmediate(run);
      return () => undefined;
    },
  };
};

export interface Desk {
  readonly ledger: MemoryLedger;
  readonly ports: IngestPorts;
}

export const desk = (more: (ledger: MemoryLedger) => Partial<IngestPorts> = () => ({})): Desk => {
  const ledger = memoryLedger({ now: () => NOW });
  const ports = {
    ledger,
    cipher,
    sealedAbout: aboutTheNotice,
    refOf: null,
    clock: quickClock(),
    ...more(ledger),
  };
  return { ledger, ports };
};

export const OPTIONS = { actor: "ingest of november.csv", expiresAfterMs: 7 * 86_400_000 };
