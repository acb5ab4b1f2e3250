/**
 * `millrace config`: the configuration in force, and what may be written in it.
 */
import { Command } from "commander";
import { does, examples, withJson } from "../command-line.ts";
import { configJsonSchema } from "../config/json-schema.ts";
import { configAsObject, configInLines } from "../config/print.ts";

export const configCommand = (): Command => {
  const group = new Command("config").description("Show the configuration, or what may be written in it.");
  group.addCommand(printCommand());
  group.addCommand(schemaCommand());
  return examples(group, "millrace config print", "millrace config schema > millrace.schema.json");
};

const printCommand = (): Command => {
  const command = withJson(
    new Command("print").description(
      "Show every setting in force and where it comes from; secrets as stars.",
    ),
  );
  examples(command, "millrace config print", "MILLRACE_LOG_LEVEL=debug millrace config print --json");
  return does(command, ({ configured, output }) =>
    configured((loaded) => {
      const from = loaded.file === null ? "no configuration file" : `configuration file ${loaded.file}`;
      return output.result(configAsObject(loaded), [`# ${from}`, ...configInLines(loaded)]);
    }),
  );
};

const schemaCommand = (): Command => {
  const command = withJson(
    new Command("schema").description("Print the JSON Schema of the configuration file, for editors."),
  );
  examples(command, "millrace config schema > millrace.schema.json");
  return does(command, ({ output }) =>
    output.result(configJsonSchema(), JSON.stringify(configJsonSchema(), null, 2).split("\n")),
  );
};
