/**
 * The policies of the ledger, kept in memory: the active one is looked at again every second, pinned ones are read once, because a
 * version never changes. Worst case of being late: a second of "not now" from the ledger after a change.
 */
import { Effect, Result } from "effect";
import { type Instant, instant, type PolicyVersion } from "../../domain/ids.ts";
import type { Policy } from "../../domain/policy.ts";
import { decodePolicy } from "../../domain/policy-decoder.ts";
import type { NoticeLedger, StoredPolicy } from "../../domain/ports/notice-ledger.ts";
import type { Policies } from "../../domain/ports/policies.ts";
import { type Failure, Permanent } from "../../failure.ts";
import type { Cancel, Clock } from "../../streams/runtime/system-ports.ts";

export const LOOK_EVERY_MS = 1_000;

/** Policies that look at the ledger every second until they are stopped. */
export interface PoliciesAtHand extends Policies {
  readonly stop: () => void;
}

const decoded = ({ version, policy }: StoredPolicy): Result.Result<Policy, Failure> =>
  Result.mapError(
    decodePolicy(policy),
    ([first]) =>
      new Permanent({
        message: `reading policy ${version} from the ledger: ${first?.path ?? ""} ${first?.problem ?? "it cannot be read"}`,
        code: "policy",
      }),
  );

/** Reads the active policy before it answers; a ledger without one is no failure. */
export const policiesAtHand = (
  ledger: Pick<NoticeLedger, "policy" | "now">,
  clock: Clock,
): Effect.Effect<PoliciesAtHand, Failure> =>
  Effect.suspend(() => {
    let active: Policy | null = null;
    let base = { at: 0, readMs: 0 };
    const byVersion = new Map<PolicyVersion, Policy>();
    let cancel: Cancel | null = null;
    let isStopped = false;

    const keep = (stored: StoredPolicy | null): Effect.Effect<Policy | null, Failure> => {
      if (stored === null) return Effect.succeed(null);
      const known = byVersion.get(stored.version);
      if (known !== undefined) return Effect.succeed(known);
      return Effect.map(Effect.fromResult(decoded(stored)), (policy) => {
        byVersion.set(stored.version, policy);
        return policy;
      });
    };

    const refresh = Effect.gen(function* () {
      const at = yield* ledger.now;
      base = { at, readMs: clock.monotonicMs() };
      active = yield* Effect.flatMap(ledger.policy("active"), keep);
    });

    const lookAgain = (): void => {
      if (isStopped) return;
      cancel = clock.after(LOOK_EVERY_MS, () => {
        // a ledger that is away is asked again; until then what is at hand counts
        Effect.runFork(refresh).addObserver(lookAgain);
      });
    };

    const policies: PoliciesAtHand = {
      active: () => active,
      pinned: (version) => byVersion.get(version) ?? null,
      now: (): Instant => instant(Math.floor(base.at + clock.monotonicMs() - base.readMs)),
      refresh,
      fetch: (versions) =>
        Effect.forEach(
          versions.filter((version) => !byVersion.has(version)),
          (version) => Effect.flatMap(ledger.policy(version), keep),
          { discard: true },
        ),
      stop: () => {
        isStopped = true;
        cancel?.();
      },
    };
    return Effect.map(refresh, () => {
      lookAgain();
      return policies;
    });
  });
