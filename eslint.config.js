/**
 * What the linter holds, beyond what the compiler does: no promise left floating, no switch with a missing case, no
 * unexplained overruling of the types, and no clock, randomness or id made outside the ports.
 *
 * Layout is the formatter's, imports between rooms are dependency-cruiser's (`.dependency-cruiser.cjs`); here is what
 * can be seen in one file with its types.
 */
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { explainedCasts } from "./scripts/eslint/explained-casts.js";
import { explainedExceptions } from "./scripts/eslint/explained-exceptions.js";

const house = { rules: { "explained-casts": explainedCasts, "explained-exceptions": explainedExceptions } };

/** `no-restricted-syntax` is replaced, not merged, by a later block: so each block is put together from these lists. */
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

export default defineConfig([
  globalIgnores(["dist/", "coverage/", ".millrace/", "node_modules/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { house },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-fallthrough": "off", // the compiler does it (noFallthroughCasesInSwitch)
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/no-deprecated": "error",
      "@typescript-eslint/no-floating-promises": ["error", { ignoreVoid: false }],
      "@typescript-eslint/no-unused-vars": "off", // the compiler does it (noUnusedLocals, noUnusedParameters)
      "@typescript-eslint/only-throw-error": "error",
      "@typescript-eslint/prefer-readonly": "error",
      "@typescript-eslint/require-await": "off", // a memory twin of an asynchronous port has nothing to wait for
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/return-await": ["error", "error-handling-correctness-only"],
      "@typescript-eslint/switch-exhaustiveness-check": [
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
      "no-restricted-syntax": ["error", ...namedExportsOnly],
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
      "no-restricted-syntax": ["error", ...namedExportsOnly, ...clockFromPorts],
    },
  },
  {
    files: ["src/domain/**/*.ts", "src/failure.ts"],
    rules: { "no-restricted-syntax": ["error", ...namedExportsOnly, ...clockFromPorts, ...effectDataOnly] },
  },
  {
    // The one place where the real clock, real randomness and real ids are made.
    files: ["src/streams/runtime/system-ports.ts"],
    rules: {
      "no-restricted-globals": ["error", ...outsideWorld(["process", "console"], speaksToNobody)],
      "no-restricted-properties": "off",
      "no-restricted-syntax": ["error", ...namedExportsOnly],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // A wrongly typed value is often the very thing that a test hands over.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
    },
  },
]);
