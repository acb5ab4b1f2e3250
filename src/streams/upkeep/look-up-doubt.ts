/**
 * Class B: the provider is asked by our reference whether it accepted. `askedAt` is the ledger's time from before the question, after
 * the newest copy's `send_by` + Δ: then "found nothing" means that nothing was accepted and no copy can be any more.
 *
 * The answer costs an attempt where it is "no": a provider that swallows a request each time must not be asked for ever.
 */
import { Effect, Option } from "effect";
import type { Instant } from "../../domain/ids.ts";
import type { DoubtfulNotice } from "../../domain/ports/doubts.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Failure } from "../../failure.ts";
import { accepted, type Help, type HelpPorts, notAccepted } from "./settle-doubt.ts";
import type { UpkeepProvider } from "./upkeep-ports.ts";

export const lookUpDoubt = (
  ports: HelpPorts,
  provider: UpkeepProvider,
  doubt: DoubtfulNotice,
  policy: Policy,
  askedAt: Instant,
): Effect.Effect<Help, Failure> =>
  Effect.gen(function* () {
    const { lookUp, limits } = provider.sender;
    const { attemptId, copies } = doubt.attempt;
    if (lookUp === null) return { kind: "owed", words: "the provider cannot be asked" };
    const answer = yield* Effect.timeoutOption(lookUp(attemptId), limits.answerWindowMs);
    if (Option.isNone(answer)) return { kind: "again", words: "the look-up was not answered in time" };
    const { words } = answer.value;
    if (answer.value.found) return yield* accepted(ports, doubt, answer.value.providerMessageId, words);
    return yield* notAccepted(ports, provider, doubt, policy, {
      outcome: "not_handed_over",
      evidence: { by: "look-up", askedAt, copies, words },
      end: "rejected-for-now",
    });
  });
