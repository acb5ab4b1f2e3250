/**
 * A setting that nobody reads promises what nothing does, and is found out by an operator who relied on it. So the compiler itself is
 * asked where each is read: outside the configuration (which decodes, compares and prints all of them) and outside `doctor` (which
 * only looks).
 */
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { BREAKER_SETTINGS } from "../../../src/service/config/breaker-settings.ts";
import { PROVIDER_SETTINGS } from "../../../src/service/config/providers.ts";
import { SECTIONS } from "../../../src/service/config/sections.ts";

const ROOT = join(import.meta.dirname, "../../..");
const SOURCES = join(ROOT, "src/");
const CONFIG = join(ROOT, "src/service/config/");
/** What looks at settings and does nothing by them; the demonstration's copies some. */
const ONLY_LOOKS = [CONFIG, join(ROOT, "src/service/doctor/"), join(ROOT, "src/service/demo-config.ts")];

let program: ts.Program;
let checker: ts.TypeChecker;
beforeAll(() => {
  const file = join(ROOT, "tsconfig.json");
  const read = ts.readConfigFile(file, (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, ROOT);
  program = ts.createProgram([join(ROOT, "src/cli.ts")], { ...options, noEmit: true });
  checker = program.getTypeChecker();
}, 60_000);

/**
 * The declarations of all properties of these names that are read in these files, by `a.b` or by taking apart. Of any other name the
 * compiler is not asked: its answers are what takes the time here.
 */
const readIn = (
  names: ReadonlySet<string>,
  wanted: (path: string) => boolean,
): ReadonlySet<ts.Declaration> => {
  const found = new Set<ts.Declaration>();
  const note = (symbol: ts.Symbol | undefined): void => {
    for (const declaration of symbol?.declarations ?? []) found.add(declaration);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && names.has(node.name.text))
      note(checker.getSymbolAtLocation(node.name));
    if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
      const name = node.propertyName ?? node.name;
      if (ts.isIdentifier(name) && names.has(name.text))
        note(checker.getTypeAtLocation(node.parent).getProperty(name.text));
    }
    ts.forEachChild(node, visit);
  };
  for (const source of program.getSourceFiles()) if (wanted(source.fileName)) visit(source);
  return found;
};

/** By name: where the settings of a literal are declared, spread ones included. */
const declaredIn = (file: string, variable: string): ReadonlyMap<string, readonly ts.Declaration[]> => {
  const source = program.getSourceFile(join(CONFIG, file));
  const statement = source?.statements
    .filter(ts.isVariableStatement)
    .flatMap((each) => each.declarationList.declarations)
    .find((each) => ts.isIdentifier(each.name) && each.name.text === variable);
  if (statement === undefined) throw new Error(`${file} has no ${variable}`);
  const properties = (type: ts.Type): readonly ts.Symbol[] => type.getProperties();
  return new Map(
    properties(checker.getTypeAtLocation(statement)).map((each) => [each.name, each.declarations ?? []]),
  );
};

const settingsOf = (section: string): ReadonlyMap<string, readonly ts.Declaration[]> => {
  const [declaration] = declaredIn("sections.ts", "SECTIONS").get(section) ?? [];
  if (declaration === undefined) throw new Error(`there is no section ${section}`);
  return new Map(
    checker
      .getTypeAtLocation(declaration)
      .getProperties()
      .map((each) => [each.name, each.declarations ?? []]),
  );
};

const unreadOf = (
  declared: ReadonlyMap<string, readonly ts.Declaration[]>,
  reads: ReadonlySet<ts.Declaration>,
): readonly string[] =>
  [...declared].filter(([, at]) => !at.some((each) => reads.has(each))).map(([name]) => name);

const isUse = (path: string): boolean =>
  path.startsWith(SOURCES) && !ONLY_LOOKS.some((place) => path.startsWith(place));

describe("every setting", () => {
  it("is read by something that does what it says", () => {
    const names = new Set(Object.values(SECTIONS).flatMap((settings) => Object.keys(settings)));
    const reads = readIn(names, isUse);
    const unread = Object.entries(SECTIONS).flatMap(([section, settings]) => {
      const declared = settingsOf(section);
      expect([...declared.keys()]).toEqual(Object.keys(settings)); // or the compiler was asked the wrong question
      return unreadOf(declared, reads).map((name) => `${section}.${name}`);
    });
    expect(unread).toEqual([]);
  });

  it("of a provider becomes part of what its sender and its gate are made of", () => {
    const names = new Set(Object.keys(PROVIDER_SETTINGS));
    const reads = readIn(names, (path) => path === join(CONFIG, "providers.ts"));
    const own = new Map(
      [...declaredIn("providers.ts", "PROVIDER_SETTINGS")].filter(([name]) => !(name in BREAKER_SETTINGS)),
    );
    const breakers = declaredIn("breaker-settings.ts", "BREAKER_SETTINGS");
    expect([...own.keys(), ...breakers.keys()].sort()).toEqual(Object.keys(PROVIDER_SETTINGS).sort());
    expect(unreadOf(own, reads)).toEqual([]);
    expect(
      unreadOf(
        breakers,
        readIn(names, (path) => path === join(CONFIG, "breaker-settings.ts")),
      ),
    ).toEqual([]);
  });

  it("of a provider, once it is such a part, is read by whoever makes senders and gates, or by them", () => {
    const files = [
      ["src/service/config/providers.ts", ["OfProvider", "SimulatedProvider", "HttpGatewayProvider"]],
      ["src/streams/delivery/breaker-limits.ts", ["BreakerLimits"]],
    ] as const;
    const parts = files.flatMap(([file, names]) =>
      [...(program.getSourceFile(join(ROOT, file))?.statements ?? [])]
        .filter((each) => ts.isInterfaceDeclaration(each))
        .filter(({ name }) => names.some((each) => each === name.text))
        .flatMap(({ members }) => [...members]),
    );
    expect(parts.length).toBeGreaterThan(20);
    const reads = readIn(new Set(parts.map((part) => part.name?.getText() ?? "")), isUse);
    const unread = parts.filter((part) => !reads.has(part)).map((part) => part.getText());
    expect(unread).toEqual([]);
  });
});
