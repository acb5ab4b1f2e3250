/**
 * The configuration file as JSON Schema, for editors that complete and check while one writes. Made from the same settings
 * that decode it.
 */
import { Schema } from "effect";
import { PROVIDER_SETTINGS } from "./providers.ts";
import { SECTIONS } from "./sections.ts";
import type { Setting } from "./setting.ts";

export const configJsonSchema = (): object => {
  const sections = Object.entries(SECTIONS).map(
    ([section, settings]) => [section, Schema.optionalKey(structOf(settings))] as const,
  );
  const whole = Schema.Struct({
    $schema: Schema.optionalKey(Schema.String),
    ...Object.fromEntries(sections),
    providers: Schema.optionalKey(
      Schema.Record(
        Schema.String.annotate({ description: "A channel, such as email or sms." }),
        structOf(PROVIDER_SETTINGS),
      ),
    ),
  }).annotate({ title: "millrace.config" });
  const { schema, definitions } = Schema.toJsonSchemaDocument(whole, { onExcessProperty: "error" });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    ...schema,
    ...(Object.keys(definitions).length > 0 ? { $defs: definitions } : {}),
  };
};

const structOf = (settings: Readonly<Record<string, Setting<unknown>>>) =>
  Schema.Struct(
    Object.fromEntries(
      Object.entries(settings).map(([name, setting]) => [name, Schema.optionalKey(described(setting))]),
    ),
  );

const described = (setting: Setting<unknown>) => {
  const note = setting.defaultInWords === null ? "" : ` Default: ${setting.defaultInWords}.`;
  const description = `${setting.says.replaceAll("`", "")}${note}`;
  return setting.schema.annotate(
    setting.secret ? { description } : { description, default: setting.default },
  );
};
