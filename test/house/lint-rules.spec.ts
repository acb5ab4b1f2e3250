/**
 * The lint rules of the house, seen to bite: each is given a line that breaks it and a line beside it that does not.
 *
 * What is planted lies in a folder of its own for each text, in the place of the room it is planted in. The linter then looks at all
 * of them at once, which takes as long as one.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "lint-rules-")));
const anyFile = "src/failure.ts";

interface Config {
  readonly overrides: readonly { readonly rules: Readonly<Record<string, unknown>> }[];
}
const { default: rules } = (await import(join(root, "oxlint.config.js"))) as { readonly default: Config }; // our own file

interface Report {
  readonly diagnostics: readonly {
    readonly code?: string;
    readonly message: string;
    readonly filename: string;
  }[];
}

let count = 0;
/** @returns the folder it lies in. */
const plant = (file: string, text: string): string => {
  const place = `case-${(count += 1)}`;
  mkdirSync(dirname(join(folder, place, file)), { recursive: true });
  writeFileSync(join(folder, place, file), text);
  return place;
};

/** The rules of the repository, for each of the folders. */
const CONFIG = `
import rules from ${JSON.stringify(join(root, "oxlint.config.js"))};
const inEachFolder = ({ files, ...more }) => ({ files: files.map((glob) => "*/" + glob), ...more });
export default { ...rules, overrides: rules.overrides.map(inEachFolder) };
`;

const found = new Map<string, string[]>();
const linter = ["node_modules/oxlint/bin/oxlint", "--config", "oxlint.config.js", "--format", "json", "."];

beforeAll(async () => {
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "oxlint.config.js"), CONFIG);
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  const project = { extends: join(root, "tsconfig.json"), include: ["*/**/*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  const output = await new Promise<string>((resolve) => {
    // its exit code says only that something was found
    execFile(process.execPath, linter, { cwd: folder, maxBuffer: 2 ** 26 }, (_error, out, errors) => {
      resolve(out === "" ? errors : out);
    });
  });
  const { diagnostics } = JSON.parse(output) as Report; // the linter's words are no JSON where it could not run
  for (const { code, message, filename } of diagnostics) {
    const place = filename.split("/")[0] ?? "";
    found.set(place, [...(found.get(place) ?? []), code ?? message]);
  }
}, 120_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const rulesBrokenIn = (place: string): readonly string[] => found.get(place) ?? [];

const kinds = `type Kind = "a" | "b"; declare const kind: Kind;`;

/** A line for each rule of which a text anywhere in src can show that it holds. */
const BROKEN: readonly (readonly [rule: string, text: string])[] = [
  ["eslint(eqeqeq)", `export const x = (y: number): boolean => y == 1;`],
  ["eslint(no-array-constructor)", `export const x = new Array(0, 1, 2);`],
  ["eslint(no-unused-expressions)", `declare const y: number; y + 1;`],
  ["eslint(no-var)", `export var x = 1;`],
  ["eslint(prefer-const)", `let y = 1; export const x = y;`],
  ["eslint(prefer-rest-params)", `export function x(): unknown { return arguments[0]; }`],
  [
    "eslint(prefer-spread)",
    `declare const y: (...z: number[]) => 1; export const x = (z: number[]) => y.apply(undefined, z);`,
  ],
  ["typescript(await-thenable)", `export const x = async (): Promise<number> => await 1;`],
  ["typescript(ban-ts-comment)", `// @ts-ignore because of reasons\nexport const x: number = "1";`],
  ["typescript(consistent-type-exports)", `export { Observer } from "rxjs";`],
  ["typescript(consistent-type-imports)", `import { Data } from "effect"; export type D = typeof Data;`],
  ["typescript(no-array-delete)", `const y = [1, 2]; delete y[0]; export const x = y;`],
  ["typescript(no-base-to-string)", `export const x = String({});`],
  ["typescript(no-deprecated)", `/** @deprecated */ const y = 1; export const x = y;`],
  ["typescript(no-duplicate-enum-values)", `export enum X { A = 1, B = 1 }`],
  ["typescript(no-duplicate-type-constituents)", `type A = string; export type X = A | string | A;`],
  ["typescript(no-empty-object-type)", `export type X = {};`],
  ["typescript(no-explicit-any)", `export const x = (y: any): number => Number(y);`],
  ["typescript(no-extra-non-null-assertion)", `export const x = (y?: { z: 1 }): number => y!!.z;`],
  ["typescript(no-floating-promises)", `declare const work: () => Promise<void>; work();`],
  ["typescript(no-floating-promises)", `declare const work: () => Promise<void>; void work();`],
  ["typescript(no-for-in-array)", `for (const y in [1, 2]) console.log(y);`],
  ["typescript(no-implied-eval)", `export const x = new Function("return 1");`],
  ["typescript(no-misused-new)", `export interface X { new (): X }`],
  ["typescript(no-misused-promises)", `[1].forEach(async () => { await Promise.resolve(); });`],
  ["typescript(no-namespace)", `export namespace X { export const y = 1; }`],
  ["typescript(no-non-null-asserted-optional-chain)", `export const x = (y?: { z?: 1 }): number => y?.z!;`],
  ["typescript(no-redundant-type-constituents)", `export type X = unknown | string;`],
  ["typescript(no-require-imports)", `import x = require("effect"); export const y = x;`],
  ["typescript(no-this-alias)", `export class X { y(): this { const self = this; return self; } }`],
  ["typescript(no-unnecessary-type-assertion)", `export const x = (y: string): string => y as string;`],
  ["typescript(no-unnecessary-type-constraint)", `export const x = <T extends unknown>(y: T): T => y;`],
  ["typescript(no-unsafe-argument)", `Math.abs(JSON.parse("1"));`],
  ["typescript(no-unsafe-assignment)", `export const x: number = JSON.parse("1");`],
  ["typescript(no-unsafe-call)", `JSON.parse("1")();`],
  ["typescript(no-unsafe-declaration-merging)", `export interface X { y: 1 } export class X {}`],
  ["typescript(no-unsafe-enum-comparison)", `enum Y { A } export const x = (y: Y): boolean => y === 0;`],
  ["typescript(no-unsafe-function-type)", `export type X = Function;`],
  ["typescript(no-unsafe-member-access)", `export const x = Number(JSON.parse("1").y);`],
  ["typescript(no-unsafe-return)", `export const x = (): number => JSON.parse("1");`],
  ["typescript(no-unsafe-unary-minus)", `export const x = (y: string): number => -y;`],
  ["typescript(no-wrapper-object-types)", `export type X = String;`],
  ["typescript(only-throw-error)", `export const f = (): never => { throw "no"; };`],
  ["typescript(prefer-as-const)", `export let x = "y" as "y";`],
  ["typescript(prefer-namespace-keyword)", `declare module X { const y: 1; } export const x = X.y;`],
  ["typescript(prefer-promise-reject-errors)", `export const x = Promise.reject("no");`],
  ["typescript(prefer-readonly)", `export class X { private y = 1; z(): number { return this.y; } }`],
  ["typescript(restrict-plus-operands)", `export const x = (y: number, z: bigint): unknown => y + z;`],
  ["typescript(restrict-template-expressions)", "export const x = (y: object): string => `${y}`;"],
  [
    "typescript(return-await)",
    `export const x = async (y: Promise<void>): Promise<void> => { try { return y; } catch { return; } };`,
  ],
  ["typescript(switch-exhaustiveness-check)", `${kinds} switch (kind) { case "a": break; }`],
  ["typescript(switch-exhaustiveness-check)", `${kinds} switch (kind) { case "a": break; default: }`],
  ["typescript(triple-slash-reference)", `/// <reference path="./other.ts" />\nexport const x = 1;`],
  ["typescript(unbound-method)", `declare const y: Map<string, string>; export const x = y.get;`],
];

describe("a rule about one file", () => {
  it.each(BROKEN.map(([rule, text]) => ({ rule, text, place: plant(anyFile, text) })))(
    "$rule goes red for $text",
    ({ rule, place }) => {
      expect(rulesBrokenIn(place)).toContain(rule);
    },
  );

  const right = plant(
    anyFile,
    `${kinds} switch (kind) { case "a": break; case "b": break; }
      export const f = async (work: () => Promise<void>): Promise<void> => { await work(); };`,
  );
  it("is content with a switch that names every case and a promise that is awaited", () => {
    expect(rulesBrokenIn(right)).toEqual([]);
  });
});

describe("time, randomness and ids", () => {
  const pure = [
    "src/domain/planted.ts",
    "src/streams/runtime/planted.ts",
    "src/streams/delivery/planted.ts",
    "src/adapters/memory/planted.ts",
  ];
  const forbidden = [
    ["eslint(no-restricted-properties)", `export const x = Date.now();`],
    ["house(restricted-syntax)", `export const x = new Date();`],
    ["house(restricted-syntax)", `export const x = Date();`],
    ["eslint(no-restricted-properties)", `export const x = Math.random();`],
    ["eslint(no-restricted-globals)", `export const x = performance.now();`],
    ["eslint(no-restricted-globals)", `export const x = crypto.randomUUID();`],
    ["eslint(no-restricted-globals)", `export const x = globalThis.crypto.randomUUID();`],
    ["eslint(no-restricted-globals)", `export const x = setTimeout(() => undefined, 1);`],
    ["eslint(no-restricted-globals)", `export const x = globalThis.setTimeout(() => undefined, 1);`],
    ["eslint(no-restricted-globals)", `export const x = setInterval(() => undefined, 1);`],
    ["eslint(no-restricted-globals)", `export const x = setImmediate(() => undefined);`],
    ["eslint(no-restricted-imports)", `import { timer } from "rxjs"; export const x = timer(1);`],
    ["eslint(no-restricted-imports)", `import { delay } from "rxjs/operators"; export const x = delay(1);`],
  ] as const;

  for (const file of pure) {
    it.each(forbidden.map(([rule, text]) => ({ rule, text, place: plant(file, text) })))(
      `are not made in ${file}: $text`,
      ({ rule, place }) => {
        expect(rulesBrokenIn(place)).toEqual([rule]);
      },
    );

    const computed = plant(file, `export const x = (ms: number): string => new Date(ms).toISOString();`);
    it(`may be computed with in ${file}`, () => {
      expect(rulesBrokenIn(computed)).toEqual([]);
    });
  }

  const ports = plant(
    "src/streams/runtime/system-ports.ts",
    `export const now = (): number => Date.now(); export const wait = setTimeout;
      export const id = (): string => crypto.randomUUID(); export const chance = (): number => Math.random();`,
  );
  it("are made in one place, the ports of the system", () => {
    expect(rulesBrokenIn(ports)).toEqual([]);
  });
});

describe("who speaks to the outside", () => {
  const speaking = [
    ["src/domain/planted.ts", `console.log("a");`],
    ["src/streams/runtime/planted.ts", `process.exit(1);`],
    ["src/streams/runtime/system-ports.ts", `console.log("a");`],
    ["src/streams/intake/planted.ts", `globalThis.console.log("a");`],
  ] as const;

  it.each(speaking.map(([file, text]) => ({ file, text, place: plant(file, text) })))(
    "is not $file: $text",
    ({ place }) => {
      expect(rulesBrokenIn(place)).toEqual(["eslint(no-restricted-globals)"]);
    },
  );
});

describe("effect in the domain", () => {
  const inDomain = (text: string) => ({ text, place: plant("src/domain/planted.ts", text) });

  it.each(
    [
      `import { Schedule } from "effect"; export const x = Schedule;`,
      `import { Effect } from "effect"; export const x = Effect;`,
      `import { Clock } from "effect/Clock"; export const x = Clock;`,
    ].map(inDomain),
  )("is not run: $text", ({ place }) => {
    expect(rulesBrokenIn(place)).toEqual(["house(restricted-syntax)"]);
  });

  it.each(
    [
      `import { Data, Result } from "effect"; export const x = [Data, Result];`,
      `import type { Effect } from "effect"; export type Port = () => Effect.Effect<number>;`,
      `import { type Effect, Data } from "effect"; export const x = Data; export type Port = Effect.Effect<number>;`,
    ].map(inDomain),
  )("gives data types and signatures: $text", ({ place }) => {
    expect(rulesBrokenIn(place)).toEqual([]);
  });
});

describe("exports of src", () => {
  const files = ["src/service/planted.ts", "src/domain/planted.ts", "src/failure.ts"];
  const exports = [
    `export default 1;`,
    `const x = 1; export { x as default };`,
    `export * from "./other.ts";`,
    `export * as other from "./other.ts";`,
  ];

  it.each(exports.map((text) => ({ text, places: files.map((file) => plant(file, text)) })))(
    "are named one by one: $text",
    ({ places }) => {
      for (const place of places) expect(rulesBrokenIn(place)).toEqual(["house(restricted-syntax)"]);
    },
  );
});

describe("an assertion that overrules the type checker", () => {
  const inService = (text: string) => ({ text, place: plant("src/service/planted.ts", text) });

  it.each(
    [
      `export const x = (y: unknown) => y as string;`,
      `export const x = (y: unknown) => y as unknown as string;`,
      `export const x = (y: string | undefined) => y!;`,
      `// a reason too far away\n\nexport const x = (y: unknown) => y as string;`,
      `// oxfmt-ignore\nexport const x = (y: unknown) => y as string;`,
    ].map(inService),
  )("is refused without its reason: $text", ({ place }) => {
    expect(rulesBrokenIn(place)).toContain("house(explained-casts)");
  });

  it.each(
    [
      `export const x = (y: unknown) => y as string; // checked by the caller`,
      `// checked by the caller\nexport const x = (y: unknown) => y as string;`,
      `export const x = (y: unknown) =>\n  // checked by the caller\n  y as string;`,
      `export const x = {\n  a: 1,\n  // the empty list fits any list\n} as { a: number };`,
      `export const x = ["a", "b"] as const;`,
    ].map(inService),
  )("passes with its reason, or where it claims nothing: $text", ({ place }) => {
    expect(rulesBrokenIn(place)).not.toContain("house(explained-casts)");
  });
});

describe("a comment that switches a check off", () => {
  it.each(
    [
      `// eslint-disable-next-line no-var\nvar x = 1; export const y = x;`,
      `// oxlint-disable-next-line no-var\nvar x = 1; export const y = x;`,
      `// @ts-expect-error\nexport const x: number = "1";`,
      `// @ts-ignore because of reasons\nexport const x: number = "1";`,
    ].map((text) => ({ text, place: plant("src/service/planted.ts", text) })),
  )("is refused without its reason: $text", ({ place }) => {
    expect(rulesBrokenIn(place)).toContain("house(explained-exceptions)");
  });

  const explained = plant(
    "test/domain/planted.spec.ts",
    `// @ts-expect-error a string where the number goes is the case under test\nexport const x: number = "1";`,
  );
  it("passes with it", () => {
    expect(rulesBrokenIn(explained)).not.toContain("house(explained-exceptions)");
  });

  const idle = plant(anyFile, `// oxlint-disable-next-line no-var -- there is none\nexport const x = 1;`);
  it("is refused where there is nothing to switch off", () => {
    expect(rulesBrokenIn(idle)).toEqual([expect.stringContaining("Unused")]);
  });
});

it("each rule that is on goes red here", () => {
  const on = rules.overrides.flatMap(({ rules: those }) =>
    Object.entries(those).flatMap(([name, setting]) => (setting === "off" ? [] : [name])),
  );
  const asReported = (name: string): string => {
    const [plugin, rule] = name.includes("/") ? name.split("/") : ["eslint", name];
    return `${plugin}(${rule})`;
  };
  const seen = new Set([...found.values()].flat());
  expect(on.map(asReported).filter((rule) => !seen.has(rule))).toEqual([]);
});
