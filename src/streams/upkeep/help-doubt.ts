/**
 * One doubt, helped as its class allows. The policy that its generation began with is brought to hand first: evidence of which nobody
 * could say what follows from it is not asked for.
 */
import { Effect } from "effect";
import type { Instant } from "../../domain/ids.ts";
import type { DoubtfulNotice } from "../../domain/ports/doubts.ts";
import type { Failure } from "../../failure.ts";
import { fetchPolicies } from "./fetch-policies.ts";
import { lookUpDoubt } from "./look-up-doubt.ts";
import { resendDoubt } from "./resend-doubt.ts";
import type { Help, HelpPorts } from "./settle-doubt.ts";
import type { UpkeepProvider } from "./upkeep-ports.ts";

/** @param now the ledger's time, read before */
export const helpDoubt = (
  ports: HelpPorts,
  provider: UpkeepProvider,
  doubt: DoubtfulNotice,
  by: "look-up" | "resend",
  now: Instant,
): Effect.Effect<Help, Failure> =>
  Effect.gen(function* () {
    const version = doubt.notice.policyVersion;
    if (version !== null) yield* fetchPolicies(ports.policies, [version]);
    const policy = version === null ? null : ports.policies.pinned(version);
    if (policy === null) return { kind: "again", words: "the policy that it is pinned to is not at hand" };
    switch (by) {
      case "look-up":
        return yield* lookUpDoubt(ports, provider, doubt, policy, now);
      case "resend":
        return yield* resendDoubt(ports, provider, doubt, policy);
    }
  });
