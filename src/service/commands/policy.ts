/**
 * `millrace policy`: which rules are in force, and how others come into force.
 */
import { Command } from "commander";
import { Effect, Result } from "effect";
import { policyVersion } from "../../domain/ids.ts";
import { type Call, does, examples, withJson } from "../command-line.ts";
import { configErrorInWords } from "../config/written.ts";
import type { ExitCode } from "../exit-codes.ts";
import { atLedger, operator } from "../ledger-desk.ts";
import { type PolicyInFile, readPolicyFile } from "../policy-file.ts";
import { Refusal } from "../refusal.ts";

export const policyCommand = (): Command => {
  const group = new Command("policy").description("Show, check and activate policies.");
  for (const command of [showCommand(), checkCommand(), diffCommand(), activateCommand()])
    group.addCommand(command);
  return examples(
    group,
    "millrace policy show",
    "millrace policy check policy.yaml",
    "millrace policy activate policy.yaml",
  );
};

/** Reads the file, or says everything that is wrong with it. */
const withFile = (
  { operands, output }: Call,
  work: (read: PolicyInFile, file: string) => ExitCode | Promise<ExitCode>,
): ExitCode | Promise<ExitCode> => {
  const [file = ""] = operands;
  const read = readPolicyFile(file);
  if (Result.isSuccess(read)) return work(read.success, file);
  const count = read.failure.length;
  return output.problem("usage", {
    message: `${file} has ${count === 1 ? "a mistake" : `${count} mistakes`}`,
    details: read.failure.map(configErrorInWords),
  });
};

const showCommand = (): Command => {
  const command = withJson(
    new Command("show").description("Show the policy in force, or another version.").argument("[version]"),
  );
  examples(command, "millrace policy show", "millrace policy show 3");
  return does(command, ({ operands, output, configured }) =>
    configured(({ config }) =>
      atLedger(config, "policy", async ({ ledger }) => {
        const [written] = operands;
        const stored = await Effect.runPromise(
          ledger.policy(written === undefined ? "active" : versionOf(written)),
        );
        if (stored === null)
          throw new Refusal(
            "failed",
            written === undefined
              ? 'no policy is active: run "millrace policy activate FILE"'
              : `the ledger has no policy ${written}`,
          );
        return output.result(stored, [JSON.stringify(stored.policy, null, 2)]);
      }),
    ),
  );
};

const versionOf = (written: string) => {
  try {
    return policyVersion(Number(written));
  } catch (error) {
    throw new Refusal("usage", error instanceof Error ? error.message : "no version", error);
  }
};

const checkCommand = (): Command => {
  const command = withJson(
    new Command("check")
      .description("Say everything that is wrong with a policy in a file.")
      .argument("<file>"),
  );
  examples(command, "millrace policy check policy.yaml");
  return does(command, (call) =>
    withFile(call, ({ policy }, file) =>
      call.output.result({ ok: true, version: policy.version }, [
        `${file} is a policy: version ${policy.version}.`,
      ]),
    ),
  );
};

const diffCommand = (): Command => {
  const command = withJson(
    new Command("diff")
      .description("Show in which fields a file differs from the policy in force.")
      .argument("<file>"),
  );
  examples(command, "millrace policy diff policy.yaml");
  return does(command, (call) =>
    withFile(call, ({ written }) =>
      call.configured(({ config }) =>
        atLedger(config, "policy", async ({ ledger }) => {
          const stored = await Effect.runPromise(ledger.policy("active"));
          const differences = differing(stored?.policy ?? {}, written);
          return call.output.result(
            { active: stored?.version ?? null, differences },
            differences.length === 0
              ? ["It is the policy in force."]
              : differences.map(({ field, active, file }) => `${field}: ${shown(active)} -> ${shown(file)}`),
          );
        }),
      ),
    ),
  );
};

interface Difference {
  readonly field: string;
  readonly active: unknown;
  readonly file: unknown;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const differing = (active: unknown, file: unknown): readonly Difference[] => {
  if (!isRecord(active) || !isRecord(file)) return [];
  return [...new Set([...Object.keys(active), ...Object.keys(file)])]
    .filter((field) => JSON.stringify(active[field]) !== JSON.stringify(file[field]))
    .map((field) => ({ field, active: active[field], file: file[field] }));
};

const shown = (value: unknown): string => (value === undefined ? "(left out)" : JSON.stringify(value));

const activateCommand = (): Command => {
  const command = withJson(
    new Command("activate")
      .description(
        "Put the policy of a file into force. After it has returned, no right to send commits under the one before.",
      )
      .argument("<file>"),
  );
  examples(command, "millrace policy activate policy.yaml");
  return does(command, (call) =>
    withFile(call, ({ policy, written }) =>
      call.configured(({ config }) =>
        atLedger(config, "policy", async ({ ledger }) => {
          const done = await Effect.runPromise(
            Effect.result(ledger.activatePolicy(policy.version, written, operator())),
          );
          if (Result.isFailure(done)) {
            return call.output.problem(done.failure._tag === "Permanent" ? "conflict" : "failed", {
              message: done.failure.message,
              fix: "a version stands for one policy for ever: give the changed one the next number",
            });
          }
          return call.output.result({ version: policy.version }, [`Policy ${policy.version} is in force.`]);
        }),
      ),
    ),
  );
};
