import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Cause, Effect, Exit, Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvBills } from "../../src/adapters/files/csv-bills.ts";
import { fileLines } from "../../src/adapters/files/file-lines.ts";
import type { BillRow, SourceLine } from "../../src/domain/bill-line.ts";
import type { NewNotice, NoticeLedger } from "../../src/domain/ports/notice-ledger.ts";
import { Permanent, Transient, Unconfirmed, type Failure } from "../../src/failure.ts";
import {
  ingestBills,
  ingestInWords,
  type IngestOptions,
  type IngestPorts,
} from "../../src/service/ingest.ts";
import type { RejectedLine } from "../../src/service/ingest-batch.ts";
import { aRow, desk, linesOf, OPTIONS } from "./bill-rows.ts";

const run = async (
  ports: IngestPorts,
  source: AsyncIterable<SourceLine> | Iterable<SourceLine>,
  options: Partial<IngestOptions> = {},
) => Effect.runPromise(Effect.result(ingestBills(ports, source, { ...OPTIONS, ...options })));

const counts = async (...call: Parameters<typeof run>) => {
  const { lines, taken, duplicates, rejected } = Result.getOrThrow(await run(...call));
  return { lines, taken, duplicates, rejected };
};

type Ingest = NoticeLedger["ingest"];
/** A ledger whose calls go wrong as the script says, one entry a call; afterwards it is well. */
const troubled =
  (script: readonly ((inner: Ingest) => Ingest)[]) =>
  (ledger: { readonly ingest: Ingest; readonly now: NoticeLedger["now"] }): Partial<IngestPorts> => {
    let call = 0;
    return {
      ledger: {
        now: ledger.now,
        ingest: (batch) => (script[call++] ?? ((inner) => inner))(ledger.ingest)(batch),
      },
    };
  };
const away: (inner: Ingest) => Ingest = () => () =>
  Effect.fail(new Transient({ message: "connecting to the database", code: "connection" }));
/** Takes everything, and its answer gets lost. */
const answerLost: (inner: Ingest) => Ingest = (inner) => (batch) =>
  Effect.flatMap(inner(batch), () =>
    Effect.fail(new Unconfirmed({ message: "the answer of COMMIT was lost" })),
  );
const refusing =
  (failure: Failure, which: (notice: NewNotice) => boolean) =>
  (inner: Ingest): Ingest =>
  (batch) =>
    Effect.map(inner(batch.filter((notice) => !which(notice))), (answers) => {
      const left = [...answers];
      return batch.map((notice) =>
        which(notice) ? Result.fail(failure) : (left.shift() ?? expect.fail("no answer")),
      );
    });

describe("ingestBills", () => {
  it("takes each line as a notice, and the same lines again as nothing new", async () => {
    const { ports, ledger } = desk();
    const lines = linesOf([aRow(1), aRow(2), aRow(3)]);
    const first = Result.getOrThrow(await run(ports, lines));
    expect(first).toMatchObject({ lines: 3, taken: 3, duplicates: 0, rejected: 0 });
    expect(ingestInWords(first)).toBe("3 lines: 3 new");
    const before = JSON.stringify(ledger.notices());
    const again = Result.getOrThrow(await run(ports, lines));
    expect(again).toMatchObject({ lines: 3, taken: 0, duplicates: 3, rejected: 0 });
    expect(ingestInWords(again)).toBe("3 lines: nothing new, all were there already");
    expect(JSON.stringify(ledger.notices())).toBe(before);
  });

  it("gives a bad line in the middle back with its number, and takes the others", async () => {
    const { ports, ledger } = desk();
    const rejects: RejectedLine[] = [];
    const lines = linesOf([
      aRow(1),
      aRow(2, { email: "hong gildong@example.com", billing_month: "202613" }),
      aRow(3),
    ]);
    expect(await counts(ports, lines, { reject: (each) => void rejects.push(each) })).toEqual({
      lines: 3,
      taken: 2,
      duplicates: 0,
      rejected: 1,
    });
    expect(ledger.notices()).toHaveLength(2);
    expect(rejects.map(({ line, problems }) => [line, ...problems.map(({ field }) => field)])).toEqual([
      [2, "billing_month", "email"],
    ]);
    expect(JSON.stringify(rejects)).not.toContain("gildong");
  });

  it("gives back what could not even be decoded", async () => {
    const problems = [{ field: "line", problem: "is no JSON object", shown: "" }] as const;
    const rejects: RejectedLine[] = [];
    const lines = [{ line: 7, problems }];
    await run(desk().ports, lines, { reject: (each) => void rejects.push(each) });
    expect(rejects).toEqual([{ line: 7, problems }]);
  });

  it("counts a bill that stands there twice as a duplicate, in one batch and in two", async () => {
    const lines = linesOf([aRow(1), aRow(1, { name: "이몽룡" }), aRow(2), aRow(1)]);
    for (const batchCount of [1, 2, 3, 500])
      expect(await counts(desk().ports, lines, { batchCount })).toEqual({
        lines: 4,
        taken: 2,
        duplicates: 2,
        rejected: 0,
      });
  });

  it("always accounts for every line, whatever is in it and however it is cut, and a second pass changes nothing", async () => {
    const row: fc.Arbitrary<BillRow> = fc
      .tuple(fc.nat({ max: 8 }), fc.constantFrom("good", "no address", "no month", "nothing"))
      .map(([nth, how]) => {
        if (how === "nothing") return {};
        return aRow(
          nth,
          how === "good" ? {} : how === "no month" ? { billing_month: "soon" } : { phone: "", email: "x" },
        );
      });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 20 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 4 }),
        async (rows, batchCount, batchesAtOnce) => {
          const { ports, ledger } = desk();
          const good = rows.filter(({ email, billing_month: month }) => email !== "x" && month === "202611");
          const keys = new Set(good.map((each) => each.bill_id));
          const rejected = rows.length - good.length;
          const pass = () => counts(ports, linesOf(rows), { batchCount, batchesAtOnce });
          expect(await pass()).toEqual({
            lines: rows.length,
            taken: keys.size,
            duplicates: good.length - keys.size,
            rejected,
          });
          expect(await pass()).toEqual({ lines: rows.length, taken: 0, duplicates: good.length, rejected });
          expect(ledger.notices()).toHaveLength(keys.size);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("waits for a database that is away, and asks again after a lost answer: nothing is lost and nothing there twice", async () => {
    const { ports, ledger } = desk(troubled([away, answerLost, away, away, answerLost]));
    const done = await counts(ports, linesOf([1, 2, 3, 4].map((nth) => aRow(nth))), { batchCount: 2 });
    expect(done).toMatchObject({ lines: 4, rejected: 0 });
    expect(done.taken + done.duplicates).toBe(4);
    expect(ledger.notices()).toHaveLength(4);
  });

  it("asks again for those items only that had no answer", async () => {
    const isSecond = ({ billId }: NewNotice) => billId === "bill-2";
    const { ports } = desk(troubled([refusing(new Transient({ message: "not tried" }), isSecond)]));
    expect(await counts(ports, linesOf([aRow(1), aRow(2), aRow(3)]))).toEqual({
      lines: 3,
      taken: 3,
      duplicates: 0,
      rejected: 0,
    });
  });

  it("rejects the one line that the database cannot digest", async () => {
    const rejects: RejectedLine[] = [];
    const failure = new Permanent({ message: "ingest, 1 items: SQLSTATE 22021", code: "sqlstate:22021" });
    const { ports } = desk(troubled([refusing(failure, ({ billId }) => billId === "bill-2")]));
    const done = await counts(ports, linesOf([aRow(1), aRow(2), aRow(3)]), {
      reject: (each) => void rejects.push(each),
    });
    expect(done).toEqual({ lines: 3, taken: 2, duplicates: 0, rejected: 1 });
    expect(rejects).toEqual([
      { line: 2, problems: [{ field: "line", problem: failure.message, shown: "" }] },
    ]);
  });

  it("ends when its patience is over, keeps what it has, and the next start finishes", async () => {
    const script = [(inner: Ingest) => inner, ...new Array<typeof away>(1_000).fill(away)];
    const { ports, ledger } = desk(troubled(script));
    const lines = linesOf([1, 2, 3, 4].map((nth) => aRow(nth)));
    const progress: number[] = [];
    const ended = await run(ports, lines, {
      batchCount: 2,
      batchesAtOnce: 1,
      patienceMs: 60_000,
      onProgress: ({ taken }) => void progress.push(taken),
    });
    expect(Result.isFailure(ended) && ended.failure.code).toBe("connection");
    expect(progress.at(-1)).toBe(2);
    expect(ledger.notices()).toHaveLength(2);
    expect(await counts({ ...ports, ledger }, lines)).toEqual({
      lines: 4,
      taken: 2,
      duplicates: 2,
      rejected: 0,
    });
  });

  it("ends with the source's own failure, after what came before was taken", async () => {
    const { ports, ledger } = desk();
    const torn = async function* (): AsyncGenerator<SourceLine> {
      yield* linesOf([aRow(1)]);
      throw new Transient({ message: "reading november.csv: EIO", code: "EIO" });
    };
    const ended = await run(ports, torn(), { batchCount: 1 });
    expect(Result.isFailure(ended) && ended.failure.code).toBe("EIO");
    expect(ledger.notices()).toHaveLength(1);
  });

  it("lets a bug be a bug, whoever has it", async () => {
    const bug = (): never => {
      throw new Error("a bug");
    };
    for (const wrong of [
      { ...desk().ports, cipher: { seal: bug } },
      { ...desk().ports, ledger: { ...desk().ports.ledger, ingest: () => Effect.die(new Error("a bug")) } },
    ]) {
      const exit = await Effect.runPromiseExit(ingestBills(wrong, linesOf([aRow(1)]), OPTIONS));
      expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause)).toBe(true);
    }
  });

  it("puts the place and digest of a bill that lies elsewhere beside it, and rejects it where there is no store", async () => {
    const kept: NewNotice[] = [];
    const { ports } = desk((ledger) => ({
      refOf: (place) =>
        place.endsWith("gone")
          ? Effect.fail(new Permanent({ message: `reading ${place}: there is none`, code: "no-such-bill" }))
          : Effect.succeed({ place, sha256: "00ff" }),
      ledger: { now: ledger.now, ingest: (batch) => (kept.push(...batch), ledger.ingest(batch)) },
    }));
    const lines = linesOf([
      aRow(1, { content_ref: "file:a" }),
      aRow(2, { content_ref: "file:gone" }),
      aRow(3),
    ]);
    expect(await counts(ports, lines)).toEqual({ lines: 3, taken: 2, duplicates: 0, rejected: 1 });
    expect(kept.map(({ content }) => content["ref"])).toEqual([{ place: "file:a", sha256: "00ff" }, null]);
    expect(await counts(desk().ports, lines)).toEqual({ lines: 3, taken: 1, duplicates: 0, rejected: 2 });
  });

  it("reads no further ahead than the batches that are under way, and one more", async () => {
    const gates: (() => void)[] = [];
    const { ports } = desk((ledger) => ({
      ledger: {
        now: ledger.now,
        ingest: (batch) =>
          Effect.flatMap(
            Effect.promise(() => new Promise<void>((resolve) => gates.push(resolve))),
            () => ledger.ingest(batch),
          ),
      },
    }));
    let read = 0;
    const source = function* (): Generator<SourceLine> {
      for (; read < 1_000; read += 1) yield { line: read + 1, row: aRow(read) };
    };
    const ending = counts(ports, source(), { batchCount: 10, batchesAtOnce: 3 });
    const rounds = async () => {
      for (let round = 0; round < 50; round += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    await rounds();
    expect(gates).toHaveLength(3);
    expect(read).toBeLessThanOrEqual(40);
    gates.shift()?.();
    await rounds();
    expect(read).toBeLessThanOrEqual(50);
    const open = setInterval(() => gates.splice(0).forEach((gate) => gate()), 0);
    expect(await ending).toMatchObject({ lines: 1_000, taken: 1_000 });
    clearInterval(open);
  });

  it("stops when it is told to: what it has read is taken, and it says how much that was", async () => {
    const stop = new AbortController();
    const { ports, ledger } = desk();
    const source = function* (): Generator<SourceLine> {
      for (let nth = 1; ; nth += 1) {
        if (nth === 13) stop.abort();
        yield { line: nth, row: aRow(nth) };
      }
    };
    expect(await counts(ports, source(), { batchCount: 5, stop: stop.signal })).toMatchObject({
      lines: 12,
      taken: 12,
    });
    expect(ledger.notices()).toHaveLength(12);
  });

  it("stops reading when it is interrupted", async () => {
    let read = 0;
    const endless = function* (): Generator<SourceLine> {
      for (;;) yield { line: ++read, row: aRow(read) };
    };
    const stop = new AbortController();
    const { ports } = desk();
    await Effect.runPromiseExit(
      ingestBills(ports, endless(), {
        ...OPTIONS,
        batchCount: 5,
        onProgress: ({ taken }) => taken >= 20 && stop.abort(),
      }),
      { signal: stop.signal },
    );
    const then = read;
    for (let round = 0; round < 50; round += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(read).toBeLessThanOrEqual(then + 20);
  });

  it(
    "takes a file of 50,000 lines in a memory that does not grow with them",
    { timeout: 120_000 },
    async () => {
      setFlagsFromString("--expose-gc");
      const collect = runInNewContext("gc") as () => void;
      const { ports } = desk((ledger) => ({
        ledger: {
          now: ledger.now,
          ingest: (batch) =>
            Effect.succeed(
              batch.map(({ noticeId }) => Result.succeed({ verdict: "won", because: null, noticeId })),
            ),
        },
      }));
      const file = async function* (): AsyncGenerator<Uint8Array> {
        yield Buffer.from("user_id,bill_id,billing_month,purpose,available_at,name,email,items\n");
        const items = '"[{""label"":""기본료"",""amount"":33000}]"';
        for (let nth = 0; nth < 50_000; nth += 1) {
          yield Buffer.from(
            `m-${nth},b-${nth},202611,bill,2026-11-21,홍길동,h.${nth}@example.com,${items}\n`,
          );
        }
      };
      const usedBytes: number[] = [];
      const done = await counts(ports, csvBills(fileLines(file()), "many.csv"), {
        onProgress: ({ lines }) => {
          if (lines % 10_000 !== 0) return;
          collect();
          usedBytes.push(process.memoryUsage().heapUsed);
        },
      });
      expect(done).toEqual({ lines: 50_000, taken: 50_000, duplicates: 0, rejected: 0 });
      const [first = 0] = usedBytes;
      // A line is about 2 kB while it is under way: 40,000 that were kept would be 80 MB.
      expect(Math.max(...usedBytes) - first).toBeLessThan(10_000_000);
    },
  );
});
