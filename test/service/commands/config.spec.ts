import { describe, expect, it } from "vitest";
import { configCommand } from "../../../src/service/commands/config.ts";
import { calling, lastLine } from "../calling.ts";

const environment = {
  MILLRACE_HTTP_TOKEN: "a-token-of-somebody",
  MILLRACE_DATABASE_URL: "postgres://u:geheim@db/m",
};
const call = calling([configCommand], { environment });

describe("millrace config print", () => {
  it("shows every value with where it comes from, and no secret", async () => {
    const { code, out, error } = await call("config", "print", "--set", "delivery.leaseMs=60000");
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toMatch(/^http\.token = \*\*\* +# MILLRACE_HTTP_TOKEN$/m);
    expect(out).toMatch(/^delivery\.leaseMs = 60000 +# --set$/m);
    expect(out).toMatch(/^dispatch\.zone = "Asia\/Seoul" +# default$/m);
    expect(out).not.toMatch(/geheim|a-token-of-somebody/);
  });

  it("says the same to scripts", async () => {
    const called = await call("config", "print", "--json");
    expect(called.out).not.toMatch(/geheim|a-token-of-somebody/);
    expect(lastLine(called)).toMatchObject({
      file: null,
      settings: {
        "database.url": { value: "***", from: "MILLRACE_DATABASE_URL" },
        "providers.email.class": { value: "B", from: "default" },
      },
    });
  });
});

describe("millrace config schema", () => {
  it("prints a JSON Schema that knows every section and forbids what nobody knows", async () => {
    const schema = JSON.parse((await call("config", "schema")).out) as Record<string, unknown>;
    expect(schema).toMatchObject({
      type: "object",
      additionalProperties: false,
      properties: { dispatch: { properties: { cron: { type: "string" } }, additionalProperties: false } },
    });
    expect(lastLine(await call("config", "schema", "--json"))).toEqual(schema);
  });
});
