/**
 * The lint rules of the house, seen to bite: each is given a line that breaks it and a line beside it that does not.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { afterAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
/** Rules about the text alone can be tried on files that do not exist; those about types need a real one's place. */
const textOnly = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });
const anyFile = "src/failure.ts";
/** That file alone is a project here: of the whole one the compiler would read a thousand files for it. */
const folder = mkdtempSync(join(tmpdir(), "lint-rules-"));
const project = join(folder, "tsconfig.json");
writeFileSync(
  project,
  JSON.stringify({
    extends: join(root, "tsconfig.json"),
    compilerOptions: { typeRoots: [join(root, "node_modules/@types")] },
    files: [join(root, anyFile)],
    include: [],
  }),
);
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const typed = new ESLint({
  cwd: root,
  overrideConfig: [
    {
      languageOptions: {
        parserOptions: {
          ...{ projectService: false, project },
          // in CI the parser would look at the file that is there, and not at the text that is handed over
          disallowAutomaticSingleRunInference: true,
        },
      },
    },
  ],
});

const rulesBrokenBy = async (linter: ESLint, filePath: string, text: string): Promise<(string | null)[]> => {
  const [result] = await linter.lintText(text, { filePath: join(root, filePath) });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
};

describe("rules about types", () => {
  const kinds = `type Kind = "a" | "b"; declare const kind: Kind;`;

  it.each([
    ["@typescript-eslint/no-floating-promises", `declare const work: () => Promise<void>; work();`],
    ["@typescript-eslint/no-floating-promises", `declare const work: () => Promise<void>; void work();`],
    ["@typescript-eslint/no-misused-promises", `[1].forEach(async () => { await Promise.resolve(); });`],
    ["@typescript-eslint/switch-exhaustiveness-check", `${kinds} switch (kind) { case "a": break; }`],
    [
      "@typescript-eslint/switch-exhaustiveness-check",
      `${kinds} switch (kind) { case "a": break; default: }`,
    ],
    ["@typescript-eslint/no-explicit-any", `export const x = (y: any): number => Number(y);`],
    ["@typescript-eslint/no-unsafe-assignment", `export const x: number = JSON.parse("1");`],
    ["@typescript-eslint/no-unsafe-return", `export const x = (): number => JSON.parse("1");`],
    ["@typescript-eslint/no-unsafe-member-access", `export const x = Number(JSON.parse("1").y);`],
    ["@typescript-eslint/no-unsafe-call", `JSON.parse("1")();`],
    ["@typescript-eslint/no-unsafe-argument", `Math.abs(JSON.parse("1"));`],
    [
      "@typescript-eslint/consistent-type-imports",
      `import { Data } from "effect"; export type D = typeof Data;`,
    ],
    ["@typescript-eslint/only-throw-error", `export const f = (): never => { throw "no"; };`],
  ])("%s goes red for %s", async (rule, text) => {
    expect(await rulesBrokenBy(typed, anyFile, text)).toContain(rule);
  });

  it("are content with a switch that names every case and a promise that is awaited", async () => {
    const text = `${kinds} switch (kind) { case "a": break; case "b": break; }
      export const f = async (work: () => Promise<void>): Promise<void> => { await work(); };`;
    expect(await rulesBrokenBy(typed, anyFile, text)).toEqual([]);
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
    `export const x = Date.now();`,
    `export const x = new Date();`,
    `export const x = Date();`,
    `export const x = Math.random();`,
    `export const x = performance.now();`,
    `export const x = crypto.randomUUID();`,
    `export const x = globalThis.crypto.randomUUID();`,
    `export const x = setTimeout(() => undefined, 1);`,
    `export const x = globalThis.setTimeout(() => undefined, 1);`,
    `export const x = setInterval(() => undefined, 1);`,
    `export const x = setImmediate(() => undefined);`,
    `import { timer } from "rxjs"; export const x = timer(1);`,
    `import { delay } from "rxjs/operators"; export const x = delay(1);`,
  ];

  for (const file of pure) {
    it.each(forbidden)(`are not made in ${file}: %s`, async (text) => {
      expect(await rulesBrokenBy(textOnly, file, text)).toEqual([expect.stringMatching(/^no-restricted-/)]);
    });

    it(`may be computed with in ${file}`, async () => {
      const text = `export const x = (ms: number): string => new Date(ms).toISOString();`;
      expect(await rulesBrokenBy(textOnly, file, text)).toEqual([]);
    });
  }

  it("are made in one place, the ports of the system", async () => {
    const text = `export const now = (): number => Date.now(); export const wait = setTimeout;
      export const id = (): string => crypto.randomUUID(); export const chance = (): number => Math.random();`;
    expect(await rulesBrokenBy(textOnly, "src/streams/runtime/system-ports.ts", text)).toEqual([]);
  });
});

describe("who speaks to the outside", () => {
  it.each([
    ["src/domain/planted.ts", `console.log("a");`],
    ["src/streams/runtime/planted.ts", `process.exit(1);`],
    ["src/streams/runtime/system-ports.ts", `console.log("a");`],
    ["src/streams/intake/planted.ts", `globalThis.console.log("a");`],
  ])("is not %s: %s", async (file, text) => {
    expect(await rulesBrokenBy(textOnly, file, text)).toEqual(["no-restricted-globals"]);
  });
});

describe("effect in the domain", () => {
  const file = "src/domain/planted.ts";

  it.each([
    `import { Schedule } from "effect"; export const x = Schedule;`,
    `import { Effect } from "effect"; export const x = Effect;`,
    `import { Clock } from "effect/Clock"; export const x = Clock;`,
  ])("is not run: %s", async (text) => {
    expect(await rulesBrokenBy(textOnly, file, text)).toEqual(["no-restricted-syntax"]);
  });

  it.each([
    `import { Data, Result } from "effect"; export const x = [Data, Result];`,
    `import type { Effect } from "effect"; export type Port = () => Effect.Effect<number>;`,
    `import { type Effect, Data } from "effect"; export const x = Data; export type Port = Effect.Effect<number>;`,
  ])("gives data types and signatures: %s", async (text) => {
    expect(await rulesBrokenBy(textOnly, file, text)).toEqual([]);
  });
});

describe("exports of src", () => {
  it.each([
    `export default 1;`,
    `const x = 1; export { x as default };`,
    `export * from "./other.ts";`,
    `export * as other from "./other.ts";`,
  ])("are named one by one: %s", async (text) => {
    for (const file of ["src/service/planted.ts", "src/domain/planted.ts", "src/failure.ts"]) {
      expect(await rulesBrokenBy(textOnly, file, text)).toEqual(["no-restricted-syntax"]);
    }
  });
});

describe("an assertion that overrules the type checker", () => {
  const broken = async (text: string): Promise<(string | null)[]> =>
    rulesBrokenBy(textOnly, "src/service/planted.ts", text);

  it.each([
    `export const x = (y: unknown) => y as string;`,
    `export const x = (y: unknown) => y as unknown as string;`,
    `export const x = (y: string | undefined) => y!;`,
    `// a reason too far away\n\nexport const x = (y: unknown) => y as string;`,
    `// oxfmt-ignore\nexport const x = (y: unknown) => y as string;`,
  ])("is refused without its reason: %s", async (text) => {
    expect(await broken(text)).toContain("house/explained-casts");
  });

  it.each([
    `export const x = (y: unknown) => y as string; // checked by the caller`,
    `// checked by the caller\nexport const x = (y: unknown) => y as string;`,
    `export const x = (y: unknown) =>\n  // checked by the caller\n  y as string;`,
    `export const x = {\n  a: 1,\n  // the empty list fits any list\n} as { a: number };`,
    `export const x = ["a", "b"] as const;`,
  ])("passes with its reason, or where it claims nothing: %s", async (text) => {
    expect(await broken(text)).not.toContain("house/explained-casts");
  });
});

describe("a comment that switches a check off", () => {
  it.each([
    `// eslint-disable-next-line no-var\nvar x = 1; export const y = x;`,
    `// @ts-expect-error\nexport const x: number = "1";`,
    `// @ts-ignore because of reasons\nexport const x: number = "1";`,
  ])("is refused without its reason: %s", async (text) => {
    const broken = await rulesBrokenBy(textOnly, "src/service/planted.ts", text);
    expect(broken).toContain("house/explained-exceptions");
  });

  it("passes with it", async () => {
    const text = `// @ts-expect-error a string where the number goes is the case under test\nexport const x: number = "1";`;
    const broken = await rulesBrokenBy(textOnly, "test/domain/planted.spec.ts", text);
    expect(broken).not.toContain("house/explained-exceptions");
  });
});
