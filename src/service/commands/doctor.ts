/**
 * `millrace doctor`: whether a service would run here, and what to do where it would not.
 */
import { Command } from "commander";
import { does, examples, withJson } from "../command-line.ts";
import { examine } from "../doctor/doctor.ts";
import { type Finding, findingInLines } from "../doctor/finding.ts";

export const doctorCommand = (): Command => {
  const command = withJson(
    new Command("doctor").description(
      "Look over database, keys, templates, policy, brokers, providers and who is at work, and say what to do. Exit code 1 if anything fails.",
    ),
  );
  examples(command, "millrace doctor", "millrace doctor --json");
  return does(command, ({ output, configured }) =>
    configured(async ({ config }) => {
      const findings = await examine(config);
      const isWell = findings.every(({ health }) => health !== "fail");
      return output.result({ ok: isWell, findings }, inLines(findings), isWell ? "ok" : "failed");
    }),
  );
};

const inLines = (findings: readonly Finding[]): readonly string[] => {
  const count = (wanted: Finding["health"]): number =>
    findings.filter(({ health }) => health === wanted).length;
  return [
    ...findings.flatMap(findingInLines),
    `${count("ok")} ok, ${count("warn")} to know about, ${count("fail")} to mend`,
  ];
};
