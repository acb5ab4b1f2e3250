/**
 * Brings pinned policies to hand. One that cannot be read keeps nobody but its own notices waiting; a ledger that is away is the
 * caller's to wait for.
 */
import { Effect } from "effect";
import type { PolicyVersion } from "../../domain/ids.ts";
import type { Policies } from "../../domain/ports/policies.ts";
import type { Failure } from "../../failure.ts";

export const fetchPolicies = (
  policies: Policies,
  versions: Iterable<PolicyVersion>,
): Effect.Effect<void, Failure> =>
  Effect.forEach(
    [...new Set(versions)].filter((version) => policies.pinned(version) === null),
    (version) => Effect.catchTag(policies.fetch([version]), "Permanent", () => Effect.void), // it stays not at hand
    { discard: true },
  );
