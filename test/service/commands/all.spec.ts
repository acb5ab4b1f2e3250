/**
 * What every command owes whoever types it: help with an example that is its own, JSON where it reports something, a mistake in the
 * line that ends with 2, and a configuration that cannot be read said before anything is done.
 */
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { allCommands, commandsFor } from "../../../src/service/commands/all.ts";
import { calling, lastLine } from "../calling.ts";

const COMMANDS = await allCommands();

interface Found {
  readonly path: readonly string[];
  readonly command: Command;
}

const found = (command: Command, before: readonly string[] = []): readonly Found[] => {
  const path = [...before, command.name()];
  return [{ path, command }, ...command.commands.flatMap((inner) => found(inner, path))];
};
const all = COMMANDS.flatMap((module) => found(module()));
const named = all.map((each) => ({ ...each, line: each.path.join(" ") }));
const doers = named.filter(({ command }) => command.commands.length === 0);

/** It reports by HTTP and by its log, for as long as it runs. */
const LASTING = ["serve"];

const call = calling(COMMANDS);

describe("every command", () => {
  it("is there that was promised", () => {
    expect(named.map(({ line }) => line)).toEqual(
      expect.arrayContaining([
        ...["demo", "serve", "run", "migrate up", "migrate status", "migrate plan", "ingest"],
        ...["policy show", "policy activate", "policy check", "policy diff", "pause", "resume"],
        ...["suppress add", "suppress remove", "suppress list", "status"],
        ...["notice show", "notice why", "notice list", "notice cancel", "notice resend"],
        ...["notice update-contact", "dlt list", "dlt replay", "dlt discard", "doubt list", "doubt resolve"],
        ...["verify", "config print", "config schema", "doctor", "template lint", "template preview"],
        ...["topics plan", "topics check", "topics create"],
      ]),
    );
  });

  it("is loaded alone by its own name; whoever asks for help, or for nothing that is there, gets them all", async () => {
    for (const module of COMMANDS) {
      const name = module().name();
      expect((await commandsFor([name, "--help"])).map((each) => each().name())).toEqual([name]);
    }
    for (const line of [[], ["--help"], ["help", "serve"], ["srve"], ["--set", "log.level=warn", "serve"]])
      expect(await commandsFor(line)).toHaveLength(COMMANDS.length);
  });

  it.each(named)("$line has help, with examples of its own", async ({ path, line }) => {
    const { code, out } = await call(...path, "--help");
    expect(code).toBe(0);
    expect(out).toContain(`Usage: millrace ${line}`);
    const [, examples = ""] = out.split("\nExamples:\n");
    expect(examples).toMatch(new RegExp(String.raw`^ {2}\$ (?:.*\| )?millrace ${line}\b`));
  });

  it.each(doers)("$line ends with JSON where it is asked to, if it ends at all", ({ command, line }) => {
    const flags = command.options.map(({ long }) => long);
    expect(flags.includes("--json")).toBe(!LASTING.includes(line));
  });

  it.each(doers)("$line names a flag that is not known, and ends with 2", async ({ path }) => {
    const { code, error } = await call(...path, "--no-such-flag");
    expect(code).toBe(2);
    expect(error).toContain("millrace: unknown option '--no-such-flag'");
    expect(error).toContain(`(millrace ${path.join(" ")} --help shows what there is)`);
  });

  it("reads its configuration first: each mistake is said, and the last line is JSON all the same", async () => {
    const called = await call("--set", "delivery.leaseMs=soon", "status", "--json");
    expect(called.code).toBe(2);
    expect(called.error).toContain("--set: delivery.leaseMs is no whole number");
    expect(lastLine(called)).toMatchObject({ error: { ending: "usage" } });
  });
});
