/**
 * Kills real processes with SIGKILL at random moments, starts them again, and holds what becomes of it against the promise: by
 * `verify`, and by the record of a provider that nobody killed.
 *
 * A line for each kill; the last line is one JSON object. Exits with 1 where anything is wrong, with 2 where the call is.
 */
import { parseArgs } from "node:util";
import { proveDemo } from "./prove-kills/prove-demo.ts";
import { proveRoles } from "./prove-kills/prove-roles.ts";
import type { Summary } from "./prove-kills/proof.ts";
import type { GatewayClass } from "../test/service/end-to-end/november.ts";
import type { Place } from "../test/service/end-to-end/place.ts";

const HELP = `Kills real processes at random moments, starts them again, and proves that nothing was lost or sent twice.

  npm run prove:kills -- --what demo                      npm start, killed ten times
  npm run prove:kills -- --what roles --class C           deliverers and dispatchers of a service, at a gateway
  npm run prove:kills -- --what roles --class A --kills 30 --seed 7

  --what demo|roles   demo: npm, Node and in some rounds Postgres; roles: two deliverers and two dispatchers
  --class A|B|C       what the gateway promises, for roles (B)
  --keeps A|B|C       what it keeps of that (all of it); with C for A the proof has to fail
  --kills N           (10)
  --seed N            draws the moments and the victims (1); what the machine makes of them is its own
  --count N           bills: of each start of the demo (2000), for each kill of roles (600)
  --latency MS        of the gateway, for roles (500)
  --patience S        for one start of the demo, or for everything to be settled (300)
  --help

A line for each kill; the last line is one JSON object, with "wrong" empty where everything held. Exit code 1: it is not
empty; 2: the call is wrong. Ctrl-C ends everything that was started.
`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const refuse = (error: unknown): never => {
  if (!(error instanceof TypeError || error instanceof RangeError)) {
    const words = error instanceof Error ? error.message : String(error);
    print(JSON.stringify({ ok: false, wrong: [`the proof broke off: ${words}`] }));
    process.exit(1);
  }
  process.stderr.write(`${error.message}\nnpm run prove:kills -- --help\n`);
  process.exit(2);
};

const OPTIONS = {
  allowPositionals: false,
  options: {
    what: { type: "string" },
    class: { type: "string", default: "B" },
    keeps: { type: "string" },
    kills: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    count: { type: "string" },
    latency: { type: "string", default: "500" },
    patience: { type: "string", default: "300" },
    help: { type: "boolean", default: false },
  },
} as const;

const whole = (name: string, text: string, least: number, most: number): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count >= least && count <= most) return count;
  throw new RangeError(`--${name} is a whole number from ${least} to ${most}, not ${text}`);
};

const classIn = (name: string, text: string): GatewayClass => {
  const found = (["A", "B", "C"] as const).find((each) => each === text);
  if (found === undefined) throw new RangeError(`--${name} is A, B or C, not ${text}`);
  return found;
};

const places: Pick<Place, "close">[] = [];

const interrupted = (): void => {
  const end = (): never => process.exit(130);
  Promise.all(places.map((place) => place.close())).then(end, end);
};

const prove = async (): Promise<Summary | null> => {
  const { values } = parseArgs(OPTIONS);
  if (values.help) {
    print(HELP);
    return null;
  }
  const proof = {
    print,
    opened: <Opened extends Pick<Place, "close">>(what: Opened) => {
      places.push(what);
      return what;
    },
    kills: whole("kills", values.kills, 1, 1_000),
    seed: whole("seed", values.seed, 0, 2 ** 32 - 1),
    patienceMs: whole("patience", values.patience, 1, 86_400) * 1_000,
  };
  const count = (otherwise: number): number =>
    whole("count", values.count ?? String(otherwise), 1, 1_000_000);
  if (values.what === "demo") return proveDemo({ ...proof, count: count(2_000) });
  if (values.what !== "roles")
    throw new RangeError(`--what is demo or roles, not ${values.what ?? "left out"}`);
  const itsClass = classIn("class", values.class);
  const keepsClass = classIn("keeps", values.keeps ?? values.class);
  const latencyMs = whole("latency", values.latency, 0, 60_000);
  return proveRoles({ ...proof, itsClass, keepsClass, latencyMs, count: count(600) });
};

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupted);
const summary = await prove().catch(refuse);
if (summary !== null) {
  print(JSON.stringify(summary));
  process.exitCode = summary.ok ? 0 : 1;
}
