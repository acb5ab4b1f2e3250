/**
 * What the linter holds, beyond what the compiler does: no promise left floating, no switch with a missing case, no
 * unexplained overruling of the types, and no clock, randomness or id made outside the ports.
 *
 * Layout is the formatter's, imports between rooms are dependency-cruiser's (`.dependency-cruiser.cjs`); here is what
 * can be seen in one file with its types. Those are TypeScript 7's, by way of oxlint-tsgolint.
 */
import { join } from "node:path";
import { defineConfig } from "oxlint";

/** Rules without settings. Every rule is named: a new version of the linter brings none that nobody chose. */
const asTheyCome = (...names) => Object.fromEntries(names.map((name) => [name, "error"]));

const OF_THE_LANGUAGE = asTheyCome(
  ...["no-array-constructor", "no-unused-expressions", "no-var"],
  ...["prefer-const", "prefer-rest-params", "prefer-spread"],
);

/** Not here: what the compiler does (unused names, cases that fall through), and `require-await`, because a memory twin of an
 * asynchronous port has nothing to wait for. */
const OF_TYPES = asTheyCome(
  ...[
    ...["ban-ts-comment", "no-explicit-any", "no-require-imports", "no-namespace", "no-this-alias"],
    ...["prefer-as-const", "prefer-namespace-keyword", "triple-slash-reference", "unbound-method"],
    ...["await-thenable", "no-misused-promises", "prefer-promise-reject-errors", "only-throw-error"],
    ...["no-array-delete", "no-for-in-array", "no-implied-eval", "no-misused-new", "prefer-readonly"],
    ...["no-base-to-string", "restrict-plus-operands", "no-wrapper-object-types", "no-empty-object-type"],
    ...["no-duplicate-enum-values", "no-duplicate-type-constituents", "no-redundant-type-constituents"],
    ...["no-extra-non-null-assertion", "no-non-null-asserted-optional-chain"],
    ...["no-unnecessary-type-assertion", "no-unnecessary-type-constraint", "no-deprecated"],
    ...["no-unsafe-argument", "no-unsafe-assignment", "no-unsafe-call", "no-unsafe-declaration-merging"],
    ...["no-unsafe-enum-comparison", "no-unsafe-function-type", "no-unsafe-member-access"],
    ...["no-unsafe-return", "no-unsafe-unary-minus", "consistent-type-exports"],
  ].map((name) => `typescript/${name}`),
);

/** A rule is replaced, not merged, by a later block: so each block's `restricted-syntax` is put together from these lists. */
const namedExportsOnly = [
  { selector: "ExportDefaultDeclaration", message: "Name what is exported." },
  { selector: "ExportSpecifier[exported.name='default']", message: "Name what is exported." },
  { selector: "ExportAllDeclaration", message: "List the names: `export *` hides what is public." },
];

const clockFromPorts = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: "Take the time from the ports: a simulation must be able to replace it.",
  },
  {
    selector: "CallExpression[callee.name='Date']",
    message: "Take the time from the ports: a simulation must be able to replace it.",
  },
];

/** Effect's own data types; `Effect` itself only as a type, in the signatures of ports. */
const DATA_TYPES =
  "Array|BigDecimal|Brand|Cause|Chunk|Data|Duration|Equal|Equivalence|Exit|Function|HashMap|HashSet|Match|Option|Order|Predicate|Record|Result|Schema|Struct|Tuple";
const effectDataOnly = [
  {
    selector: `ImportDeclaration[source.value='effect'] > ImportSpecifier[imported.name!=/^(${DATA_TYPES}|Effect)$/]`,
    message: "The domain is pure: of effect it may use the data types only.",
  },
  {
    selector:
      "ImportDeclaration[source.value='effect'][importKind!='type'] > ImportSpecifier[imported.name='Effect'][importKind!='type']",
    message: "The domain names Effect in signatures only: `import type { Effect }`.",
  },
  {
    selector: "ImportDeclaration[source.value=/^effect\\u002f/]",
    message: 'Import the data types from "effect" itself.',
  },
];

const outsideWorld = (names, message) => names.map((name) => ({ name, message }));
const fromPorts = "Time, randomness and ids come through the ports, so that a simulation can replace them.";
const speaksToNobody =
  "This room emits events and takes ports; it never speaks to the process or the console.";

/** RxJS's own timers run on the machine's clock, whatever clock the pipeline was given. */
const RXJS_TIMERS = [
  ...["asapScheduler", "asyncScheduler", "animationFrameScheduler", "interval", "timer"],
  ...["auditTime", "bufferTime", "debounceTime", "delay", "sampleTime", "throttleTime", "windowTime"],
  ...["timeInterval", "timeout", "timeoutWith", "timestamp"],
];

const TIMERS = ["setTimeout", "setInterval", "setImmediate"];

export default defineConfig({
  plugins: ["typescript"],
  jsPlugins: [join(import.meta.dirname, "scripts/lint/house.js")],
  categories: { correctness: "off" },
  options: { typeAware: true, reportUnusedDisableDirectives: "error" },
  ignorePatterns: ["dist/", "coverage/", ".millrace/", "node_modules/"],
  overrides: [
    {
      files: ["**/*.ts"],
      rules: {
        ...OF_THE_LANGUAGE,
        ...OF_TYPES,
        eqeqeq: ["error", "always", { null: "ignore" }],
        "typescript/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
        "typescript/no-floating-promises": ["error", { ignoreVoid: false }],
        "typescript/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
        "typescript/return-await": ["error", "error-handling-correctness-only"],
        "typescript/switch-exhaustiveness-check": [
          "error",
          { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: true },
        ],
        "house/explained-exceptions": "error",
      },
    },
    {
      files: ["src/**/*.ts"],
      rules: {
        "house/explained-casts": "error",
        "house/restricted-syntax": ["error", namedExportsOnly],
      },
    },
    {
      // The memory twins belong here: a simulation runs on them, under its own clock.
      files: ["src/domain/**/*.ts", "src/streams/**/*.ts", "src/adapters/memory/**/*.ts"],
      rules: {
        "no-restricted-globals": [
          "error",
          {
            globals: [
              ...outsideWorld([...TIMERS, "performance", "crypto"], fromPorts),
              ...outsideWorld(["process", "console"], speaksToNobody),
            ],
            checkGlobalObject: true,
          },
        ],
        "no-restricted-properties": [
          "error",
          { object: "Date", property: "now", message: fromPorts },
          { object: "Math", property: "random", message: fromPorts },
        ],
        "no-restricted-imports": [
          "error",
          {
            paths: ["rxjs", "rxjs/operators"].map((name) => ({
              name,
              importNames: RXJS_TIMERS,
              message: fromPorts,
            })),
          },
        ],
        "house/restricted-syntax": ["error", [...namedExportsOnly, ...clockFromPorts]],
      },
    },
    {
      files: ["src/domain/**/*.ts", "src/failure.ts"],
      rules: {
        "house/restricted-syntax": ["error", [...namedExportsOnly, ...clockFromPorts, ...effectDataOnly]],
      },
    },
    {
      // The one place where the real clock, real randomness and real ids are made.
      files: ["src/streams/runtime/system-ports.ts"],
      rules: {
        "no-restricted-globals": ["error", ...outsideWorld(["process", "console"], speaksToNobody)],
        "no-restricted-properties": "off",
        "house/restricted-syntax": ["error", namedExportsOnly],
      },
    },
    {
      files: ["test/**/*.ts"],
      rules: {
        // A wrongly typed value is often the very thing that a test hands over.
        "typescript/no-unsafe-assignment": "off",
        "typescript/no-unsafe-member-access": "off",
      },
    },
  ],
});
