import { describe, expect, it } from "vitest";
import { configJsonSchema } from "../../../src/service/config/json-schema.ts";
import { PROVIDER_SETTINGS } from "../../../src/service/config/providers.ts";
import { SECTIONS } from "../../../src/service/config/sections.ts";

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: boolean | Node;
  readonly description?: string;
  readonly default?: unknown;
}

const schema = configJsonSchema() as Node;

describe("the JSON Schema of the configuration", () => {
  it.each(Object.entries(SECTIONS))(
    "knows every setting of %s, described, and no other",
    (section, settings) => {
      const node = schema.properties?.[section];
      expect(Object.keys(node?.properties ?? {})).toEqual(Object.keys(settings));
      expect(node?.additionalProperties).toBe(false);
      for (const one of Object.values(node?.properties ?? {})) expect(one.description).toMatch(/\w/);
    },
  );

  it("knows the settings of a provider, for any channel", () => {
    const provider = schema.properties?.["providers"]?.additionalProperties as Node;
    expect(Object.keys(provider.properties ?? {})).toEqual(Object.keys(PROVIDER_SETTINGS));
  });

  it("can be written down: it holds nothing that JSON has not", () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });
});
