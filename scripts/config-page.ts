/**
 * The page of every setting, made from the settings themselves.
 *
 *   npm run docs:config      writes docs/configuration.md
 *
 * `test/house/config-page.spec.ts` compares the page with the sources.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { variableFor } from "../src/service/config/names.ts";
import { PROVIDER_SETTINGS } from "../src/service/config/providers.ts";
import { SECTIONS } from "../src/service/config/sections.ts";
import type { Setting } from "../src/service/config/setting.ts";
import { laidOut } from "./layout.ts";

const root = join(import.meta.dirname, "..");
export const PAGE = "docs/configuration.md";

const INTRODUCTION = `# Configuration

Made by \`npm run docs:config\` from the settings that decode it.

Nothing has to be written: without a configuration there is an embedded server, two simulated providers and every role in one
process. What is written comes from three places, each stronger than the one before:

1. a file: \`millrace.config.json\`, \`.yaml\` or \`.yml\` in the working directory, or the one that \`--config FILE\` or
   \`MILLRACE_CONFIG\` names;
2. the environment: \`MILLRACE_DELIVERY_LEASE_MS\` for \`delivery.leaseMs\`; lists are separated by commas, an empty variable counts
   as none;
3. flags: \`--set delivery.leaseMs=60000\`, as often as needed.

Whatever is wrong is said at once, all of it, each with its place and what to write there; a name that nobody knows is wrong,
too. \`millrace config print\` shows what holds and where it comes from, \`millrace config schema\` prints a JSON Schema for editors.
Secrets (marked 🔒) are shown as \`***\` everywhere; they belong into the environment.

\`\`\`yaml
database:
  maxConnections: 20
dispatch:
  cron: "0 9-18 * * mon-fri"
providers:
  email:
    kind: http-gateway
    url: https://gateway.example/messages
    class: B
    deltaMs: 60000
    findableMs: 86400000
\`\`\`

With \`NODE_ENV=production\` what is for a first try only is refused: the embedded server, the development key, and providers that
are simulated because nobody wrote their \`kind\`.
`;

const PROVIDERS = `## providers

One for each channel: \`providers.email.kind\`, as a variable \`MILLRACE_PROVIDERS_EMAIL_KIND\` (a \`-\` in a channel's name is \`_\`
there). Where no \`kind\` is written there are \`email\` and \`sms\`, both simulated, and what is written tunes them; as soon as one
\`kind\` is written, there are only the channels that are written. The rate, the requests under way and the breaker hold for each process by itself: two
processes that deliver a channel ask its provider twice as often.
`;

const ABOUT: Readonly<Record<keyof typeof SECTIONS, string>> = {
  database: "Where the ledger is.",
  keys: "What the encrypted columns are opened and sealed with.",
  kafka: "What carries the work between processes. Postgres says what is true, with brokers and without.",
  policy:
    "Who is told by which channel, and when. The policy in force is in the ledger; this is the first one.",
  serve: "What a process does, and how it ends.",
  dispatch: "When candidates are looked for, and how many are taken.",
  delivery: "How notices are claimed, sent and settled.",
  upkeep: "How what was left lying is taken up again.",
  templates: "What messages are made of.",
  content: "Bills that are kept outside their rows.",
  http: "Health, metrics and the trigger.",
  log: "One line for each dead letter and doubt, none for what goes well.",
};

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const defaultOf = (setting: Setting<unknown>): string => {
  if (setting.defaultInWords !== null) return setting.defaultInWords;
  return setting.default === null ? "none" : `\`${JSON.stringify(setting.default)}\``;
};

const table = (group: string, settings: Readonly<Record<string, Setting<unknown>>>): string => {
  const rows = Object.entries(settings).map(([name, setting]) => {
    const path = `${group}.${name}`;
    const named = `\`${name}\`${setting.secret ? " 🔒" : ""}`;
    const variable = group === "providers.<channel>" ? "" : ` \`${variableFor(path)}\` |`;
    return `| ${named} |${variable} ${cell(defaultOf(setting))} | ${cell(setting.says)} ${sentence(cell(setting.fix))} |`;
  });
  const heads =
    group === "providers.<channel>"
      ? ["setting", "default", "what"]
      : ["setting", "variable", "default", "what"];
  return [`| ${heads.join(" | ")} |`, `|${heads.map(() => " --- |").join("")}`, ...rows].join("\n");
};

/** Laid out as the formatter would. */
export const configPage = async (): Promise<string> => {
  const sections = Object.entries(SECTIONS).map(
    ([section, settings]) =>
      `## ${section}\n\n${ABOUT[section as keyof typeof SECTIONS]}\n\n${table(section, settings)}\n`,
  );
  const providers = `${PROVIDERS}\n${table("providers.<channel>", PROVIDER_SETTINGS)}\n`;
  const text = [INTRODUCTION, ...sections, providers].join("\n");
  return laidOut(PAGE, text);
};

const startedByName = pathToFileURL(process.argv[1] ?? "").href === import.meta.url;
if (startedByName) {
  writeFileSync(join(root, PAGE), await configPage());
  process.stdout.write(`${PAGE}\n`);
}
