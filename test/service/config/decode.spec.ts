import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channelId } from "../../../src/domain/ids.ts";
import { decodeConfig } from "../../../src/service/config/decode.ts";
import { fileLayer } from "../../../src/service/config/layers.ts";
import { configErrorInWords } from "../../../src/service/config/written.ts";
import { SECTIONS } from "../../../src/service/config/sections.ts";

const decode = (written: unknown, production = false) =>
  decodeConfig([fileLayer("c.json", { value: written, lineOf: () => 1 })], production);

const pathsIn = (written: unknown): readonly string[] => {
  const decoded = decode(written);
  return Result.isFailure(decoded) ? decoded.failure.map(({ path }) => path) : [];
};

const gateway = { kind: "http-gateway", url: "https://gateway.example/messages" };

describe("decodeConfig", () => {
  it("gives a real provider the cautious promises, since a wrong one sends twice", () => {
    const decoded = decode({ providers: { email: gateway } });
    expect(
      Result.isSuccess(decoded) && decoded.success.config.providers.get(channelId("email")),
    ).toMatchObject({
      terms: { class: "C", deltaMs: "never" },
      url: gateway.url,
      lookUpUrl: gateway.url,
      maxInFlight: 1_000,
    });
  });

  it("has only the providers that are written as soon as one says its kind", () => {
    const channelsOf = (providers: object) => {
      const decoded = decode({ providers });
      return Result.isSuccess(decoded) ? [...decoded.success.config.providers.keys()] : [];
    };
    expect(channelsOf({ sms: { latencyMs: 5 } })).toEqual(["email", "sms"]);
    expect(channelsOf({ push: { latencyMs: 5 } })).toEqual(["email", "sms", "push"]);
    expect(channelsOf({ push: { kind: "simulated" } })).toEqual(["push"]);
  });

  it("reads a value that a stronger place overrules, too: it would bite when that one is taken away", () => {
    const weak = fileLayer("c.json", { value: { http: { port: "soon" } }, lineOf: () => 1 });
    const strong = fileLayer("d.json", { value: { http: { port: 1 } }, lineOf: () => 1 });
    const decoded = decodeConfig([weak, strong], false);
    expect(Result.isFailure(decoded) && decoded.failure.map(({ place }) => place)).toEqual(["c.json:1"]);
  });

  it.each([
    [{ http: { host: "0.0.0.0" } }, "http.host"],
    [{ http: { host: "localhost.example" } }, "http.host"],
    [{ http: { token: "short" } }, "http.token"],
    [{ keys: { file: "k.json", inline: "{}" } }, "keys.inline"],
    [{ database: { idleInTransactionMs: 30_000 } }, "database.idleInTransactionMs"],
    [{ upkeep: { answerWindowMs: 29_999 } }, "upkeep.answerWindowMs"],
    [{ serve: { drainDeadlineMs: 39_999 } }, "serve.drainDeadlineMs"],
    [{ serve: { roles: [] } }, "serve.roles"],
    [{ delivery: { channels: ["fax"] } }, "delivery.channels"],
    [{ dispatch: { cron: "61 * * * *" } }, "dispatch.cron"],
    [{ providers: { email: { ...gateway, url: "https://u:p@gateway.example" } } }, "providers.email.url"],
    [{ providers: { email: { ...gateway, class: "A" } } }, "providers.email.windowMs"],
    [{ providers: { email: { failureShare: 0.7, unknownShare: 0.7 } } }, "providers.email.failureShare"],
    [{ providers: { email: { deltaMs: "always" } } }, "providers.email.deltaMs"],
    [{ http: [] }, "http"],
    ["text", ""],
  ])("refuses what contradicts itself or cannot be: %j", (written, path) => {
    expect(pathsIn(written)).toEqual([path]);
  });

  it("accepts what is just enough", () => {
    expect(pathsIn({ upkeep: { answerWindowMs: 30_000 }, serve: { drainDeadlineMs: 40_000 } })).toEqual([]);
    expect(pathsIn({ database: { idleInTransactionMs: 29_999 } })).toEqual([]);
  });

  it("concludes nothing from the default of what could not be read", () => {
    expect(pathsIn({ http: { host: "0.0.0.0", token: 3 } })).toEqual(["http.token"]);
    expect(pathsIn({ providers: { email: { kind: "smtp", url: "https://g.example" } } })).toEqual([
      "providers.email.kind",
    ]);
  });

  it("takes a heading with nothing under it for nothing, as YAML has it", () => {
    expect(pathsIn({ http: null, providers: null })).toEqual([]);
    expect(pathsIn(null)).toEqual([]);
  });

  it("never throws, and never refuses without place and fix, whatever is written", () => {
    const sections = fc.constantFrom(...Object.keys(SECTIONS), "providers", "__proto__", "toString");
    const value = fc.jsonValue({ maxDepth: 2 });
    const anything = fc.oneof(
      value,
      fc.dictionary(sections, fc.dictionary(fc.string(), value)),
      fc.dictionary(fc.constant("providers"), fc.dictionary(fc.string(), fc.dictionary(fc.string(), value))),
    );
    fc.assert(
      fc.property(anything, fc.boolean(), (written, production) => {
        const decoded = decode(written, production);
        if (Result.isSuccess(decoded)) return;
        expect(decoded.failure.length).toBeGreaterThan(0);
        for (const { place, problem, fix } of decoded.failure) {
          expect([place, problem, fix]).not.toContain("");
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("never shows a value in what it says of it, since it may be a secret in the wrong place", () => {
    const settings = Object.entries(SECTIONS).flatMap(([section, names]) =>
      Object.keys(names).map((name) => [section, name] as const),
    );
    fc.assert(
      fc.property(fc.constantFrom(...settings), fc.nat(), ([section, name], seed) => {
        const slip = `geheim-${seed}/!`;
        const decoded = decode({ [section]: { [name]: slip } });
        if (Result.isSuccess(decoded)) return;
        expect(decoded.failure.map(configErrorInWords).join("\n")).not.toContain(slip);
      }),
      { numRuns: 1_000 },
    );
  });
});
