import { mkdtempSync, writeFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Result } from "effect";
import { afterAll, describe, expect, it } from "vitest";
import { loadConfig, type Places } from "../../../src/service/config/load.ts";
import { configErrorInWords } from "../../../src/service/config/written.ts";

const scratch = mkdtempSync(join(tmpdir(), "millrace-config-"));
afterAll(() => rm(scratch, { recursive: true }));

const folderWith = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const folder = mkdtempSync(join(scratch, "f"));
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};

const load = (places: Partial<Places> & { folder: string }) => loadConfig({ environment: {}, ...places });
const mistakes = (places: Partial<Places> & { folder: string }): readonly string[] => {
  const loaded = load(places);
  return Result.isFailure(loaded) ? loaded.failure.map(configErrorInWords) : [];
};
const configOf = (places: Partial<Places> & { folder: string }) => {
  const loaded = load(places);
  if (Result.isFailure(loaded)) throw new Error(loaded.failure.map(configErrorInWords).join("\n"));
  return loaded.success;
};

describe("the configuration of a process", () => {
  it("names every mistake of every place at once, with where it is and what to write", async () => {
    const folder = await folderWith({
      "millrace.config.yaml": [
        "http:",
        "  port: 99999",
        "  tocken: abc",
        "delivry: { leaseMs: 3 }",
        "delivery:",
        "  leaseMs: soon",
        '  channels: [email, 3, "Fax"]',
        "providers:",
        "  email: { kind: http-gateway, class: B, seed: 3 }",
        "  SMS: {}",
      ].join("\n"),
    });
    const environment = { MILLRACE_DELIVERY_LEASE: "2", MILLRACE_DATABASE_URL: "mysql://u:geheim@h" };
    const flags = [{ flag: "--zone", path: "dispatch.zone", text: "Asia/Soul" }];
    expect([...mistakes({ folder, environment, flags })].sort()).toEqual(
      [
        "millrace.config.yaml:3: http.tocken is no setting: did you mean token?",
        "millrace.config.yaml:4: delivry is no section: did you mean delivery?",
        'millrace.config.yaml:10: providers.SMS is no name of a channel: write a name of a-z, 0-9 and "-", at most 32 long, such as "email"',
        "MILLRACE_DELIVERY_LEASE: is no setting: did you mean MILLRACE_DELIVERY_LEASE_MS?",
        "millrace.config.yaml:2: http.port is no whole number from 0 to 65535: write a whole number from 0 to 65535",
        "millrace.config.yaml:6: delivery.leaseMs is no whole number from 1000 to 3600000: write a whole number from 1000 to 3600000",
        'millrace.config.yaml:7: delivery.channels[1] is no text: list channels such as ["email", "sms"], each once, or leave it out for all',
        'millrace.config.yaml:7: delivery.channels[2] is no name of a channel: list channels such as ["email", "sms"], each once, or leave it out for all',
        'MILLRACE_DATABASE_URL: database.url is no address that begins with postgres://, a host behind it: write an address such as "postgres://user:password@host:5432/name" (characters such as @ and / in a password as %40 and %2F)',
        '--zone: dispatch.zone is no zone of the IANA database: write a name of the IANA database, such as "Asia/Seoul"',
        "millrace.config.yaml:9: providers.email.seed says nothing of a provider of kind http-gateway: remove it",
        'millrace.config.yaml:9: providers.email.url is missing: write an address such as "https://gateway.example/messages"',
        "millrace.config.yaml:9: providers.email.findableMs is missing: write what the provider promises for class B, in milliseconds",
      ].sort(),
    );
  });

  it("takes flags over the environment, and the environment over the file", async () => {
    const folder = await folderWith({
      "millrace.config.json": '{"http": {"port": 1}, "log": {"level": "warn"}, "upkeep": {"lapseCap": 3}}',
    });
    const environment = { MILLRACE_HTTP_PORT: "2", MILLRACE_LOG_LEVEL: "error" };
    const flags = [{ flag: "--port", path: "http.port", text: "3" }];
    const { config, effective } = configOf({ folder, environment, flags });
    expect([config.http.port, config.log.level, config.upkeep.lapseCap]).toEqual([3, "error", 3]);
    const originOf = (path: string) => effective.find((one) => one.path === path)?.origin;
    expect(originOf("http.port")).toEqual({ from: "flag", flag: "--port" });
    expect(originOf("log.level")).toEqual({ from: "environment", variable: "MILLRACE_LOG_LEVEL" });
    expect(originOf("upkeep.lapseCap")).toEqual({ from: "file", file: "millrace.config.json", line: 1 });
    expect(originOf("dispatch.cron")).toEqual({ from: "default" });
  });

  it("needs nothing written at all: two simulated providers, an embedded server, every role", async () => {
    const { config, file } = configOf({ folder: await folderWith({}) });
    expect(file).toBeNull();
    expect(config.database.url).toBeNull();
    expect(config.serve.roles).toEqual(["dispatch", "deliver", "upkeep"]);
    expect(config.dispatch).toMatchObject({ cron: "0 */2 * * *", zone: "Asia/Seoul", pageSize: 1_000 });
    expect([...config.providers.keys()]).toEqual(["email", "sms"]);
    expect(config.providers.get([...config.providers.keys()][0] ?? ("" as never))).toMatchObject({
      kind: "simulated",
      terms: { class: "B", deltaMs: 5_000 },
      latencyMs: 1_000,
      failureShare: 0.01,
    });
  });

  it("reads the file that is named, by flag before variable", async () => {
    const folder = await folderWith({ "one.yaml": "http: { port: 1 }", "two.yaml": "http: { port: 2 }" });
    const environment = { MILLRACE_CONFIG: join(folder, "one.yaml") };
    expect(configOf({ folder, environment }).config.http.port).toBe(1);
    expect(configOf({ folder, environment, file: join(folder, "two.yaml") }).config.http.port).toBe(2);
  });

  it("refuses two files of the usual names, since nobody could say which one holds", async () => {
    const folder = await folderWith({ "millrace.config.json": "{}", "millrace.config.yml": "" });
    expect(mistakes({ folder })).toEqual([
      "millrace.config.yml: is beside millrace.config.json, and only one of them can hold: remove one, or name one with --config",
    ]);
  });

  it("says that the file is not there", async () => {
    const folder = await folderWith({});
    expect(mistakes({ folder, file: "absent.yaml" })).toEqual([
      "absent.yaml: cannot be read (ENOENT): check that the file is there, and may be read",
    ]);
  });
});

describe("in production", () => {
  it("what is for a first try only is refused, each thing with what to set", async () => {
    const found = mistakes({ folder: await folderWith({}), environment: { NODE_ENV: "production" } });
    expect(found).toEqual([
      "configuration: database.url is missing, and production takes no embedded server: set MILLRACE_DATABASE_URL",
      "configuration: providers.email.kind is missing, and a simulated provider sends nothing: write http-gateway, or simulated on purpose",
      "configuration: providers.sms.kind is missing, and a simulated provider sends nothing: write http-gateway, or simulated on purpose",
      "configuration: keys.file is missing, and production takes no development key: set MILLRACE_KEYS_FILE",
    ]);
  });

  it("a provider may be simulated on purpose", async () => {
    const environment = {
      NODE_ENV: "production",
      MILLRACE_DATABASE_URL: "postgres://db/millrace",
      MILLRACE_KEYS_FILE: "/keys.json",
      MILLRACE_PROVIDERS_EMAIL_KIND: "simulated",
    };
    const { config } = configOf({ folder: await folderWith({}), environment });
    expect([...config.providers.keys()]).toEqual(["email"]);
    expect(config.production).toBe(true);
  });
});
