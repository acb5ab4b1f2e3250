/** What the ledger owes, on its way into real topics: a real broker, a real Postgres, and a plain reader. */
import { Effect, Result } from "effect";
import { afterAll, beforeAll, expect, it } from "vitest";
import { kafkajsLog } from "../../src/adapters/kafka/kafkajs/log.ts";
import type { WireRecord } from "../../src/adapters/kafka/log-message.ts";
import {
  openPool,
  postgresLedger,
  postgresLetters,
  postgresPoisonLetters,
  postgresResults,
} from "../../src/adapters/postgres/index.ts";
import { openLog } from "../../src/adapters/telemetry/log.ts";
import { policyVersion } from "../../src/domain/ids.ts";
import { RETOLD_AFTER_MS } from "../../src/domain/ports/letters.ts";
import { readDeadLetter } from "../../src/domain/records/dead-letter-record.ts";
import { readResult, resultId } from "../../src/domain/records/result-record.ts";
import { relaysOf } from "../../src/service/relays-of.ts";
import type { Wiring } from "../../src/service/wiring.ts";
import type { Duty } from "../../src/streams/upkeep/duty.ts";
import { relay } from "../../src/streams/upkeep/relay.ts";
import { aNotice, command, START } from "../contracts/notice-ledger-commands.ts";
import { deskOf } from "../contracts/notice-ledger-contract.ts";
import { cluster, describeOnKafka, freshName, freshTopics } from "../support/kafka.ts";
import { valuesOf } from "../support/plain-reader.ts";
import { freshDatabase, type TestDatabase } from "../support/postgres.ts";

const run = Effect.runPromise;

describeOnKafka("relaysOf", () => {
  const topics = freshTopics();
  const log = kafkajsLog(cluster);
  const out = log.publisher<WireRecord>({ wire: ({ body }) => Result.succeed(body) });
  let database: TestDatabase;
  let pool: ReturnType<typeof openPool>;
  beforeAll(async () => {
    database = await freshDatabase();
    pool = openPool({ connection: database.service, maxConnections: 4 });
  });
  afterAll(async () => {
    await run(out.close);
    await topics.close();
    await pool.close();
    await database.drop();
  });

  it("tells topics of everything that ended, failed or could not be read, also before there were any", async () => {
    await database.setNow(START);
    const ledger = postgresLedger({ pool });
    const letters = postgresLetters({ pool });
    const results = postgresResults({ pool });
    const poison = postgresPoisonLetters({ pool });
    const desk = deskOf({ ledger, setNow: database.setNow, reset: async () => {}, close: async () => {} });
    await run(ledger.activatePolicy(policyVersion(1), {}, "operator"));
    const ids = Array.from({ length: 40 }, (_, n) => `n${n}`);
    await run(ledger.ingest(ids.map((id) => aNotice(id))));
    for (const type of ["route", "claim", "begin-send"] as const)
      await run(
        ledger.apply(
          type,
          ids.map((id) => command(type, id)),
        ),
      );
    const ends = { sent: ids.slice(0, 30), failed: ids.slice(30, 35), doubtful: ids.slice(35) };
    await run(
      ledger.apply(
        "accept",
        ends.sent.map((id) => command("accept", id)),
      ),
    );
    for (const id of ends.failed) await desk.ask("definite-no", id);
    for (const id of ends.doubtful) await desk.ask("doubt", id);
    await desk.ask("replay", "n30");
    await run(
      ledger.poison([
        {
          ...{ topic: "millrace.request.email", partition: 3, offset: "1042", reason: "it is no JSON" },
          ...{ stage: "consume-requests", attempts: 1, payload: Buffer.from("v1.k2026.aGVsbG8") },
          digest: { sha256: "9f86d081", bytes: 7 },
        },
      ]),
    );

    const names = { result: freshName("result"), deadLetter: freshName("dead-letter") };
    const lines: string[] = [];
    const to = relaysOf({
      ...{ results, poison },
      log: openLog({ sink: { write: (line) => void lines.push(line) } }),
      kafka: { records: out, topics: names },
      config: { kafka: { key: "bill" } },
    } as unknown as Wiring); // what is looked at
    if (to.results === null || to.poison === null) throw new Error("with brokers all are told");
    const duties: readonly Duty[] = [
      relay("relay-letters", { outbox: letters, tell: to.tell }, 7),
      relay("relay-results", to.results, 7),
      relay("relay-poison", to.poison, 7),
    ];
    const tellAll = async (): Promise<readonly string[]> => {
      const troubles: string[] = [];
      for (const { name, once } of duties) {
        for (;;) {
          const turn = await run(Effect.result(once));
          if (Result.isFailure(turn)) troubles.push(name);
          else if (!turn.success.more) break;
        }
      }
      return [...new Set(troubles)];
    };

    expect(await tellAll(), "there are no topics yet").toEqual([
      "relay-letters",
      "relay-results",
      "relay-poison",
    ]);
    expect(lines, "the lines do not wait for them").toHaveLength(10);
    await topics.make(2, names.result);
    await topics.make(2, names.deadLetter);
    await database.setNow(START + RETOLD_AFTER_MS);
    expect(await tellAll()).toEqual([]);
    expect(lines).toHaveLength(10);
    for (const { untoldCount } of [letters, results, poison]) expect(await run(untoldCount)).toBe(0);

    const told = (await valuesOf(names.result, 35)).map((value) => Result.getOrThrow(readResult(value)));
    expect(new Set(told.map(resultId)).size).toBe(35);
    expect(new Map(told.map(({ noticeId, status }) => [noticeId, status]))).toEqual(
      new Map([...ends.sent.map((id) => [id, "sent"]), ...ends.failed.map((id) => [id, "failed"])] as never), // ids are plain here
    );
    const copies = (await valuesOf(names.deadLetter, 11)).map((value) =>
      Result.getOrThrow(readDeadLetter(value)),
    );
    const counts = { failed: 0, doubt: 0, poison: 0 };
    for (const { kind } of copies) counts[kind] += 1;
    expect(counts).toEqual({ failed: 5, doubt: 5, poison: 1 });
  }, 120_000);
});
