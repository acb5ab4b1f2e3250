/** What the pages for operators name is there: settings, variables, commands, events, metrics, services. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { FIXED_PATHS, variableFor } from "../../src/service/config/names.ts";
import { KAFKA_SETTINGS } from "../../src/service/config/kafka-settings.ts";
import { SECTIONS } from "../../src/service/config/sections.ts";
import { reading } from "./reading.ts";

const root = join(import.meta.dirname, "../..");
const textOf = (file: string): string => readFileSync(join(root, file), "utf8");
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => textOf(join("src", file)))
  .join("\n");

const PAGES = ["README.md", "docs/operations.md", "docs/operations/kafka.md"].map(
  (page) => [page, textOf(page)] as const,
);
const sections = Object.keys(SECTIONS).join("|");
const all = (text: string, pattern: RegExp): readonly string[] =>
  [...new Set([...text.matchAll(pattern)].map(([whole, first]) => first ?? whole))].sort();

/** Of its blocks of commands: what stands after `millrace`, without redirections, pipes and what a shell fills in. */
const linesIn = (page: string): readonly (readonly string[])[] =>
  [...page.matchAll(/```\n([^]*?)```/g)].flatMap(([, block = ""]) =>
    [
      ...block.matchAll(/(?:^|&& |[A-Z_]+=\S+ )(?:npm run (?:-s )?)?millrace (?:-- )?([a-z][^\n&|<>]*)/gm),
    ].map(([, line = ""]) =>
      [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ""),
    ),
  );

describe.each(PAGES)("%s", (page, text) => {
  it("names settings that there are", () => {
    const named = all(text, new RegExp(`\`((?:${sections})\\.[a-zA-Z]+)\``, "g"));
    expect(named.filter((path) => !FIXED_PATHS.includes(path))).toEqual([]);
  });

  it("names variables that there are", () => {
    const known = [...FIXED_PATHS.map(variableFor), "MILLRACE_TEST_KAFKA", "MILLRACE_TEST_KAFKA_SCRIPT"];
    expect(all(text, /\bMILLRACE_[A-Z_]+\b/g).filter((name) => !known.includes(name))).toEqual([]);
  });

  it("names events and metrics that there are", () => {
    const named = all(text, /`([a-z-]+:[a-z-]+:[a-z]+|millrace_[a-z_]+)`/g);
    expect(named.filter((name) => !sources.includes(`"${name}"`))).toEqual([]);
  });

  it("shows command lines that are understood", async () => {
    const lines = linesIn(text).filter(([first]) => first !== "--help");
    for (const line of lines) await expect(reading(line), line.join(" ")).resolves.toHaveProperty("path");
  });

  it("links to files that there are", () => {
    const folder = dirname(page);
    const linked = all(text, /\]\(([^)#:]+)(?:#[^)]*)?\)/g);
    expect(linked.filter((path) => !existsSync(join(root, folder, path)))).toEqual([]);
  });
});

describe("docs/operations.md", () => {
  it("speaks of containers that there are", () => {
    const { services } = parse(textOf("docker-compose.yml"), { merge: true }) as {
      services: Record<string, unknown>;
    }; // our own file
    const named = all(textOf("docs/operations.md"), /docker compose (?:exec|run [^\n]*") ([a-z-]+)/g);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !Object.hasOwn(services, name))).toEqual([]);
  });
});

describe("docs/operations/kafka.md", () => {
  const page = textOf("docs/operations/kafka.md");

  it("tells the defaults that there are", () => {
    const { replication, requestPartitions, retentionMs, republishMs, sessionTimeoutMs } = KAFKA_SETTINGS;
    const defaultOf = (path: string): string =>
      new RegExp(`\\| \`${path}\`[^|]*\\| ([^|]*?) +\\|`).exec(page)?.[1] ?? "none";
    expect(defaultOf("kafka.replication")).toBe(String(replication.default));
    expect(defaultOf("kafka.requestPartitions")).toBe(String(requestPartitions.default));
    expect(defaultOf("kafka.retentionMs")).toBe(`${retentionMs.default / 86_400_000} days`);
    expect(defaultOf("kafka.republishMs")).toBe(`${republishMs.default / 60_000} minutes`);
    expect(defaultOf("kafka.sessionTimeoutMs")).toBe(`${sessionTimeoutMs.default / 1_000} s`);
    expect(defaultOf("kafka.revokeDeadlineMs")).toBe(`${KAFKA_SETTINGS.revokeDeadlineMs.default / 1_000} s`);
    expect(defaultOf("kafka.bufferBytes")).toBe(`${KAFKA_SETTINGS.bufferBytes.default / 1_048_576} MiB`);
    expect(defaultOf("kafka.requestTimeoutMs")).toBe(`${KAFKA_SETTINGS.requestTimeoutMs.default / 1_000} s`);
  });
});
