import { describe, expect, it } from "vitest";
import { environmentLayer, fileLayer, flagLayer } from "../../../src/service/config/layers.ts";

describe("the environment", () => {
  it("is read by the kinds of the settings: numbers, flags, lists, words", () => {
    const { written, errors } = environmentLayer({
      MILLRACE_HTTP_PORT: "80",
      MILLRACE_SERVE_ROLES: "deliver, upkeep",
      MILLRACE_DELIVERY_CHANNELS: "email",
      MILLRACE_PROVIDERS_EMAIL_DELTA_MS: "never",
      MILLRACE_PROVIDERS_EMAIL_FAILURE_SHARE: "0.5",
      MILLRACE_DISPATCH_CRON: "0 9 * * *",
    });
    expect(errors).toEqual([]);
    expect(Object.fromEntries(written.map(({ path, value }) => [path, value]))).toEqual({
      "http.port": 80,
      "serve.roles": ["deliver", "upkeep"],
      "delivery.channels": ["email"],
      "providers.email.deltaMs": "never",
      "providers.email.failureShare": 0.5,
      "dispatch.cron": "0 9 * * *",
    });
  });

  it("takes all for every role, as the flag does", () => {
    const [all] = environmentLayer({ MILLRACE_SERVE_ROLES: "all" }).written;
    expect(all?.value).toEqual(["dispatch", "deliver", "upkeep"]);
  });

  it("counts an empty variable as none, as compose files pass them on", () => {
    expect(environmentLayer({ MILLRACE_HTTP_TOKEN: "", MILLRACE_NONSENSE: "" })).toEqual({
      written: [],
      errors: [],
    });
  });

  it("refuses a variable of ours that nobody knows, and names the nearest", () => {
    const { errors } = environmentLayer({ MILLRACE_HTTP_PRT: "80", MILLRACE_PROVIDERS_EMAIL_LATENCY: "1" });
    expect(errors.map(({ place, fix }) => [place, fix])).toEqual([
      ["MILLRACE_HTTP_PRT", "did you mean MILLRACE_HTTP_PORT?"],
      ["MILLRACE_PROVIDERS_EMAIL_LATENCY", "did you mean MILLRACE_PROVIDERS_EMAIL_LATENCY_MS?"],
    ]);
  });

  it("leaves alone what others mean: Kubernetes, our tests, other programs", () => {
    const others = {
      MILLRACE_SERVICE_HOST: "10.0.0.1",
      MILLRACE_SERVICE_PORT_METRICS: "80",
      MILLRACE_PORT: "tcp://10.0.0.1:80",
      MILLRACE_PORT_80_TCP_ADDR: "10.0.0.1",
      MILLRACE_SEED: "3",
      MILLRACE_CONFIG: "file.yaml",
      PATH: "/bin",
    };
    expect(environmentLayer(others)).toEqual({ written: [], errors: [] });
  });
});

describe("the flags", () => {
  it("are named in their mistakes as they were typed", () => {
    const { errors } = flagLayer([{ flag: "--set", path: "delivery.laseMs", text: "1" }]);
    expect(errors).toEqual([
      {
        place: "--set",
        path: "delivery.laseMs",
        problem: "is no setting",
        fix: "did you mean delivery.leaseMs?",
      },
    ]);
  });
});

describe("the file", () => {
  it("may name its schema for editors", () => {
    const value = { $schema: "./millrace.schema.json", http: { port: 1 } };
    const { written, errors } = fileLayer("c.json", { value, lineOf: () => 2 });
    expect(errors).toEqual([]);
    expect(written).toEqual([
      { path: "http.port", value: 1, origin: { from: "file", file: "c.json", line: 2 } },
    ]);
  });
});
