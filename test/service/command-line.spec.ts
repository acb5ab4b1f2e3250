import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { Transient } from "../../src/failure.ts";
import { does, withJson } from "../../src/service/command-line.ts";
import { allCommands } from "../../src/service/commands/all.ts";
import { Refusal } from "../../src/service/refusal.ts";
import { calling, lastLine } from "./calling.ts";

const COMMANDS = await allCommands();

const greet = (): Command =>
  does(
    withJson(new Command("greet").argument("[name]").option("--loud").option("--fail <how>")),
    ({ operands, options, output }) => {
      if (options["fail"] === "bug") throw new TypeError("it was not a function");
      if (options["fail"] === "refusal") throw new Refusal("conflict", "somebody else holds it");
      if (options["fail"] === "failure")
        throw new Transient({ message: "asking the ledger of n-1: timed out" });
      if (options["fail"] === "driver") {
        throw Object.assign(new Error("invalid input: 홍길동"), { severity: "ERROR", code: "22P02" });
      }
      const words = `hello ${operands[0] ?? "all"}`;
      return output.result({ words }, [options["loud"] === true ? words.toUpperCase() : words]);
    },
  );

const withPort = (): Command =>
  does(new Command("port").option("--port <port>"), ({ configured, options, output }) => {
    const port: unknown = options["port"];
    const flags = typeof port === "string" ? [{ flag: "--port", path: "http.port", text: port }] : [];
    return configured(({ config }) => output.result({}, [String(config.http.port)]), flags);
  });

const call = calling([greet, withPort]);

describe("a line of the command", () => {
  it("reaches its command with what was typed, and ends with the command's number", async () => {
    expect(await call("greet", "Ada", "--loud")).toEqual({ code: 0, out: "HELLO ADA\n", error: "" });
    expect(lastLine(await call("greet", "--json"))).toEqual({ words: "hello all" });
  });

  it.each([
    [["greet", "--lout"], "unknown option '--lout'", "Did you mean --loud?"],
    [["gret"], "unknown command 'gret'", "Did you mean greet?"],
    [["greet", "a", "b"], "too many arguments", "millrace greet --help"],
    [["greet", "--fail"], "argument missing", "millrace greet --help"],
  ])("is refused with a hint and exit 2 where it cannot be understood: %j", async (line, problem, hint) => {
    const { code, out, error } = await call(...line);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toMatch(/^millrace: /);
    expect(error).toContain(problem);
    expect(error).toContain(hint);
  });

  it("without a command shows what there is, and counts as a mistake", async () => {
    const { code, error } = await call();
    expect(code).toBe(2);
    expect(error).toContain("Commands:");
  });

  it("answers help and version on standard output, with exit 0", async () => {
    expect(await call("--version")).toEqual({ code: 0, out: "1.2.3\n", error: "" });
    const help = await call("greet", "--help");
    expect(help).toMatchObject({ code: 0, error: "" });
    expect(help.out).toContain("Usage: millrace greet");
  });
});

describe("what goes wrong in a command", () => {
  it("is said without a stack where it was expected", async () => {
    const { code, error } = await call("greet", "--fail", "failure");
    expect({ code, error }).toEqual({ code: 1, error: "millrace: asking the ledger of n-1: timed out\n" });
  });

  it("ends as the refusal says", async () => {
    const refused = await call("greet", "--fail", "refusal", "--json");
    expect(refused).toMatchObject({ code: 4, error: "millrace: somebody else holds it\n" });
    expect(lastLine(refused)).toMatchObject({ error: { ending: "conflict" } });
  });

  it("is said with where it happened where it is a bug", async () => {
    const { code, error } = await call("greet", "--fail", "bug");
    expect(code).toBe(1);
    expect(error).toMatch(/^millrace: it was not a function\n {2}at .*command-line\.spec\.ts/);
  });

  it("never shows the words of the database driver, which quote the row", async () => {
    const { error } = await call("greet", "--fail", "driver");
    expect(error).toContain("22P02");
    expect(error).not.toContain("홍길동");
  });
});

describe("a command that needs the configuration", () => {
  it("gets it with the flags of the line over the environment", async () => {
    const around = calling([withPort], { environment: { MILLRACE_HTTP_PORT: "1000" } });
    expect((await around("port")).out).toBe("1000\n");
    expect((await around("port", "--set", "http.port=2000")).out).toBe("2000\n");
    expect((await around("--set", "http.port=2000", "port", "--port", "3000")).out).toBe("3000\n");
  });

  it("is not run where there are mistakes: all of them are said, and it ends with 2", async () => {
    const wrong = await call("port", "--port", "loud", "--set", "log.levle=debug");
    expect(wrong).toMatchObject({ code: 2, out: "" });
    expect(wrong.error.split("\n")).toEqual([
      "millrace: the configuration has 2 mistakes",
      "  --set: log.levle is no setting: did you mean log.level?",
      "  --port: http.port is no whole number from 0 to 65535: write a whole number from 0 to 65535",
      "",
    ]);
  });
});

describe("every command that there is", () => {
  const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)];
  const named = COMMANDS.flatMap((module) => all(module())).map(
    (command) => [command.name(), command] as const,
  );

  it.each(named)("%s says what it does, with an example", (_name, command) => {
    expect(command.description()).not.toBe("");
    let shown = "";
    command.configureOutput({ writeOut: (text) => (shown += text) }).outputHelp();
    expect(shown).toMatch(/Examples?:\n\s+\$ /);
  });
});
