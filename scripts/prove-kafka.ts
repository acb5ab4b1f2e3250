/**
 * A service on a real Kafka, in a process for each role, disturbed in every way that was promised to do no harm; what becomes of it is
 * held against the promise by `verify`, and by the record of a gateway that nobody touched.
 *
 * A line for each step and one JSON object for each proof; the last line sums up. Exits with 1 where anything is wrong, with 2 where
 * the call is.
 */
import { rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  needsOwnBrokers,
  proveScenario,
  type Scale,
  type ScenarioName,
  SCENARIOS,
} from "./prove-kafka/scenarios.ts";
import type { Brokers } from "./prove-kafka/world.ts";
import type { Summary } from "./prove-kills/proof.ts";
import { KAFKA_CLIENTS } from "../src/service/config/kafka-settings.ts";
import { brokerBy, type OwnBroker } from "../test/support/broker-by-script.ts";
import { buildProgram, startedIn } from "../test/support/compile-program.ts";
import type { GatewayClass } from "../test/service/end-to-end/november.ts";

const HELP = `Disturbs a service on a real Kafka, and proves that nothing was lost or sent twice.

  MILLRACE_TEST_KAFKA=127.0.0.1:9092 npm run prove:kafka -- --what load
  MILLRACE_TEST_KAFKA_SCRIPT=path/to/kafka npm run prove:kafka -- --what all
  npm run prove:kafka -- --what kills --class A --kills 40 --seed 7

  --what load      four dispatchers and three workers, both channels, 5 % of the e-mails refused
         kills     the same while each process in turn is killed with -9 and followed by a new one
         rolling   a rolling restart with SIGTERM; counts the records that are seen again
         frozen    a worker is frozen for longer than session timeout and lease, and goes on
         topic     the topics of the requests are deleted and made again
         broker    the only broker is killed and comes back
         leader    of three nodes the one is killed that leads a partition of the requests
         all       all of these; kills at each class
  --class A|B|C    what the gateway promises and keeps (B; C for frozen; for all: each for kills)
  --client NAME    kafkajs or rdkafka (kafkajs)
  --count N        bills of each proof (20000)
  --kills N        (20)
  --seed N         draws moments, victims and refused e-mails (1); what the machine makes of them is its own
  --patience S     for everything to be settled (600)
  --step MS        how long one step may take on this machine: the work is made to last as long (3000)
  --help

Brokers are those of MILLRACE_TEST_KAFKA. Without them, and where they are killed, they are started by the script that
MILLRACE_TEST_KAFKA_SCRIPT names (test/support/broker-by-script.ts says what it has to know).

A line for each step, one line of JSON for each proof, with "wrong" empty where everything held; the last line sums up. Exit code
1: something was wrong; 2: the call is wrong. Ctrl-C ends everything that was started.
`;

const OPTIONS = {
  allowPositionals: false,
  options: {
    what: { type: "string" },
    class: { type: "string" },
    client: { type: "string", default: "kafkajs" },
    count: { type: "string", default: "20000" },
    kills: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    patience: { type: "string", default: "600" },
    step: { type: "string", default: "3000" },
    help: { type: "boolean", default: false },
  },
} as const;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const whole = (name: string, text: string, least: number, most: number): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count >= least && count <= most) return count;
  throw new RangeError(`--${name} is a whole number from ${least} to ${most}, not ${text}`);
};

const oneOf = <Name extends string>(name: string, text: string, names: readonly Name[]): Name => {
  const found = names.find((each) => each === text);
  if (found === undefined) throw new RangeError(`--${name} is one of ${names.join(", ")}, not ${text}`);
  return found;
};

interface Closing {
  readonly close: () => Promise<void>;
}
const toClose: Closing[] = [];
let isInterrupted = false;
const closedLate: Promise<void>[] = [];
const opened = <Opened extends Closing>(what: Opened): Opened => {
  if (isInterrupted) {
    closedLate.push(what.close());
    throw new Error("interrupted");
  }
  toClose.push(what);
  return what;
};
/** The last that was opened first: a service before its brokers. */
const closeAll = async (): Promise<void> => {
  for (const each of toClose.splice(0).reverse()) await each.close().catch(() => undefined);
};

const interrupted = (): void => {
  isInterrupted = true;
  const end = (): never => process.exit(130);
  closeAll()
    .then(() => Promise.allSettled(closedLate))
    .then(end, end);
};

const script = process.env["MILLRACE_TEST_KAFKA_SCRIPT"] ?? "";
const given = process.env["MILLRACE_TEST_KAFKA"] ?? "";

/** Closed by whoever is interrupted, too, although they are just being started. */
const ownBrokers = async (nodes: 1 | 3): Promise<Brokers & Closing> => {
  if (script === "")
    throw new RangeError("brokers are started by the script that MILLRACE_TEST_KAFKA_SCRIPT names");
  print(`starting ${nodes === 1 ? "a broker" : "three nodes"}`);
  const starting: Promise<OwnBroker> = brokerBy(script, undefined, nodes);
  const { close } = opened({
    close: () =>
      starting.then(
        (own) => own.close(),
        () => undefined,
      ),
  });
  const own = await starting;
  return { address: own.address, replication: nodes, own, close };
};

const brokersFor = async (name: ScenarioName): Promise<Brokers & Closing> => {
  const nodes = needsOwnBrokers(name);
  return nodes === null && given !== ""
    ? { address: given, replication: 1, own: null, close: () => Promise.resolve() }
    : ownBrokers(nodes ?? 1);
};

interface Proof {
  readonly name: ScenarioName;
  readonly itsClass?: GatewayClass;
}

const CLASSES = ["A", "B", "C"] as const;

const proofsOf = (what: string, asked: GatewayClass | undefined): readonly Proof[] => {
  const withClass = asked === undefined ? {} : { itsClass: asked };
  if (what !== "all") return [{ name: oneOf("what", what, SCENARIOS), ...withClass }];
  return SCENARIOS.flatMap((name): readonly Proof[] =>
    name === "kills" && asked === undefined
      ? CLASSES.map((itsClass) => ({ name, itsClass }))
      : [{ name, ...withClass }],
  );
};

const prove = async (): Promise<boolean> => {
  const { values } = parseArgs(OPTIONS);
  if (values.help) {
    print(HELP);
    return true;
  }
  if (values.what === undefined) throw new RangeError(`--what is one of ${SCENARIOS.join(", ")}, all`);
  const asked = values.class === undefined ? undefined : oneOf("class", values.class, CLASSES);
  const proofs = proofsOf(values.what, asked);
  const scale: Omit<Scale, "brokers" | "started"> = {
    ...{ print, opened, dispatchers: 4, workers: 3, saysTwice: true },
    client: oneOf("client", values.client, KAFKA_CLIENTS),
    count: whole("count", values.count, 1, 1_000_000),
    kills: whole("kills", values.kills, 1, 1_000),
    seed: whole("seed", values.seed, 0, 2 ** 32 - 1),
    patienceMs: whole("patience", values.patience, 1, 86_400) * 1_000,
    stepMs: whole("step", values.step, 1, 600_000),
    betweenKillsMs: [300, 5_000],
  };
  print("compiling the program");
  const program = await buildProgram();
  opened({ close: () => rm(program, { recursive: true, force: true }) });
  const summaries: Summary[] = [];
  for (const { name, itsClass } of proofs) {
    // what was interrupted is being closed, and nobody would close what begins now
    if (isInterrupted) break;
    const brokers = await brokersFor(name);
    try {
      const ofClass = itsClass === undefined ? {} : { itsClass };
      const proof = { ...scale, ...ofClass, brokers, started: startedIn(program) };
      const summary = await proveScenario([name], proof).catch((error: unknown) =>
        brokenOff(name, scale, error),
      );
      summaries.push(summary);
      print(JSON.stringify(summary));
    } finally {
      await brokers.close();
    }
  }
  const bad = summaries.filter(({ ok }) => !ok).map(({ what }) => what);
  const kills = summaries.reduce((sum, each) => sum + each.kills, 0);
  print(JSON.stringify({ ok: bad.length === 0, proofs: summaries.length, bad, kills }));
  return bad.length === 0;
};

const brokenOff = (what: string, { seed }: Pick<Scale, "seed">, error: unknown): Summary => ({
  ...{ what, seed, ok: false, kills: 0 },
  wrong: [`the proof broke off: ${error instanceof Error ? error.message : String(error)}`],
});

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupted);
try {
  process.exitCode = (await prove()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
  process.stderr.write(`${error.message}\nnpm run prove:kafka -- --help\n`);
  process.exitCode = 2;
} finally {
  await closeAll();
}
