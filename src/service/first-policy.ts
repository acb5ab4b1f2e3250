/**
 * The policy of a ledger that has none yet: the configured file's, or, where the embedded server shows that this is a first try, the
 * demonstration's. A ledger that has one keeps it: from then on `millrace policy activate` decides. Of several processes that find none at
 * the same moment one gives it its policy, and the others go by that.
 */
import { Effect, Result } from "effect";
import { configErrorInWords } from "./config/written.ts";
import { DEMO_POLICY, DEMO_POLICY_WRITTEN, readPolicyFile } from "./policy-file.ts";
import { Refusal } from "./refusal.ts";
import type { Wiring } from "./wiring.ts";

export const demandPolicy = async ({ config, ledger, policies }: Wiring, actor: string): Promise<void> => {
  if (policies.active() !== null) return;
  const { file } = config.policy;
  if (file !== null) {
    const read = readPolicyFile(file);
    if (Result.isFailure(read))
      throw new Refusal("usage", `policy.file: ${read.failure.map(configErrorInWords).join("; ")}`);
    const { policy, written } = read.success;
    await Effect.runPromise(ledger.activatePolicy(policy.version, written, actor, "none-is-active"));
  } else if (config.database.url === null) {
    await Effect.runPromise(
      ledger.activatePolicy(DEMO_POLICY.version, DEMO_POLICY_WRITTEN, actor, "none-is-active"),
    );
  }
  await Effect.runPromise(policies.refresh);
};
