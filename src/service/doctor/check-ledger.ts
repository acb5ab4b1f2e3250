/**
 * What the ledger itself says about how ready it is: a policy in force, and somebody at work for each role.
 */
import { Effect, Exit, Result } from "effect";
import { decodePolicy } from "../../domain/policy-decoder.ts";
import type { LedgerDesk } from "../ledger-desk.ts";
import { warningsOf } from "../readiness.ts";
import { broken, fine, type Finding, worthKnowing } from "./finding.ts";

type Desk = Pick<LedgerDesk, "ledger" | "members" | "reports">;

export const checkPolicy = async ({ ledger }: Desk): Promise<Finding> => {
  const stored = await Effect.runPromise(ledger.policy("active"));
  if (stored === null)
    return broken("policy", "none is active, so nothing is routed", "run millrace policy activate FILE");
  const read = decodePolicy(stored.policy);
  if (Result.isSuccess(read)) return fine("policy", `version ${stored.version} is active`);
  const [first] = read.failure;
  return broken(
    "policy",
    `version ${stored.version} cannot be read: ${first?.path ?? ""} ${first?.problem ?? ""}`,
    "activate a version that millrace policy check accepts",
  );
};

export const checkPauses = async ({ reports }: Desk): Promise<Finding> => {
  const exit = await Effect.runPromiseExit(reports.gates);
  if (Exit.isFailure(exit)) return broken("pauses", "cannot be read", "look at the rights of this user");
  const { pauses } = exit.value;
  return pauses.length === 0
    ? fine("pauses", "nothing is paused")
    : worthKnowing(
        "pauses",
        pauses
          .map(({ scope, reason }) => `${scope === "*" ? "everything" : scope} is paused (${reason})`)
          .join("; "),
        "millrace resume, when it is over",
      );
};

export const checkMembers = async ({ members }: Desk): Promise<readonly Finding[]> => {
  const alive = await Effect.runPromise(members.alive());
  const warnings = await Effect.runPromise(warningsOf(members));
  if (warnings.length === 0) return [fine("members", `${alive.length} at work, each role among them`)];
  return warnings.map((words) => {
    const [what = words, fix = "millrace serve"] = words.split(/ \((?=millrace )/);
    return worthKnowing("members", what, fix.replace(/\)$/, ""));
  });
};
