/**
 * A table of your own, written in batches: what arrives while one statement is under way goes with the next. A row that
 * the table refuses is found by halving the batch and fails alone.
 *
 *     npm run example 04-batched-writes
 */
import { Result } from "effect";
import { batchStage, deadLetter, fromIterable, memoryDeadLetters, Permanent, pipeline } from "millrace";
import { openPool, startEmbeddedServer } from "millrace/postgres";

interface Reading {
  readonly meter: number;
  readonly litres: number;
}

function* readings(): Generator<Reading> {
  for (let meter = 1; meter <= 2_000; meter += 1) yield { meter, litres: meter === 1_234 ? -5 : meter % 90 };
}

const server = await startEmbeddedServer();
const { host, port, user, password } = server;
const pool = openPool({ connection: { host, port, user, password, database: "postgres" } });
await pool.use(({ client }) =>
  client.query("CREATE TABLE public.reading (meter integer PRIMARY KEY, litres integer CHECK (litres >= 0))"),
);

const write = async (batch: readonly Reading[]) => {
  try {
    await pool.use(({ client }) =>
      client.query(
        "INSERT INTO public.reading SELECT * FROM unnest($1::integer[], $2::integer[]) ON CONFLICT DO NOTHING",
        [batch.map(({ meter }) => meter), batch.map(({ litres }) => litres)],
      ),
    );
  } catch (cause) {
    // the table refused the batch and wrote nothing of it
    throw new Permanent({ message: "the table refuses it", cause });
  }
  return batch.map(() => Result.succeed("written"));
};

const deadLetters = memoryDeadLetters();
const ended = await pipeline({
  name: "readings",
  source: fromIterable("meters", readings()),
  window: { credits: 500 },
  flow: (items) => items.pipe(batchStage({ name: "write", work: write, maxCount: 250 })),
  diversions: { write: deadLetter },
  deadLetters,
}).start().done;

const { rows } = await pool.use(({ client }) =>
  client.query<{ count: number }>("SELECT count(*)::integer AS count FROM public.reading"),
);
console.log(`${ended.how}: ${rows[0]?.count ?? 0} rows`);
for (const { body, reason } of deadLetters.letters) console.log(`${JSON.stringify(body)}: ${reason}`);
await pool.close();
await server.stop();
