/**
 * `docs/guarantees.md` names the guards of every rule in the order in which they are asked. This holds it to the table.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TABLE } from "../../src/domain/lifecycle/transition.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/guarantees.md"), "utf8");

const rows = page
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter(([, id = ""]) => /^T\d+\w?$|^TP$/.test(id))
  .map(([, id = "", command = "", , guards = ""]) => ({
    id,
    command: command.replaceAll("`", ""),
    guards: [...guards.matchAll(/`([^`]+)`/g)].map((match) => match[1]),
  }));

describe("the page of guarantees", () => {
  it.each(Object.entries(TABLE))("names the guards of %s in their order", (command, rule) => {
    const row = rows.find((candidate) => candidate.command === command);
    expect(row).toEqual({ id: rule.id, command, guards: rule.guards.map(({ name }) => name) });
  });

  it("has no row for a command that does not exist, but for those outside the table", () => {
    const known = new Set([...Object.keys(TABLE), "ingest", "poison"]);
    expect(rows.filter(({ command }) => !known.has(command))).toEqual([]);
  });
});
