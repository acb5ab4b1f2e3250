/**
 * Plan, check and create: what `millrace topics` does, and what a service does before it begins.
 */
import { Effect } from "effect";
import { Permanent, type Failure } from "../../failure.ts";
import { type TopicAdmin, type TopicPlan, type TopicTrouble, troublesOf } from "./topic-plan.ts";

/** Everything that stands between the plans and what there is. */
export const checkTopics = (
  admin: Pick<TopicAdmin, "describe">,
  plans: readonly TopicPlan[],
): Effect.Effect<readonly TopicTrouble[], Failure> =>
  Effect.map(admin.describe(plans.map(({ name }) => name)), (found) =>
    plans.flatMap((plan, at) => troublesOf(plan, found[at] ?? null)),
  );

/** Makes what is missing, adds what partitions are missing, and tells what is wrong after that. Safe to repeat. */
export const createTopics = (
  admin: TopicAdmin,
  plans: readonly TopicPlan[],
): Effect.Effect<readonly TopicTrouble[], Failure> =>
  Effect.gen(function* () {
    const troubles = yield* checkTopics(admin, plans);
    const withTrouble = (kind: TopicTrouble["kind"]): readonly TopicPlan[] =>
      plans.filter(({ name }) => troubles.some(({ topic, kind: own }) => topic === name && own === kind));
    const missing = withTrouble("missing");
    if (missing.length > 0) yield* admin.create(missing);
    for (const { name, partitions } of withTrouble("fewer-partitions")) {
      yield* admin.addPartitions(name, partitions);
    }
    return troubles.some(({ isMended }) => isMended) ? yield* checkTopics(admin, plans) : troubles;
  });

/** Fails with everything that must be mended first; what can be lived with is handed back. */
export const demandTopics = (
  admin: Pick<TopicAdmin, "describe">,
  plans: readonly TopicPlan[],
): Effect.Effect<readonly TopicTrouble[], Failure> =>
  Effect.flatMap(checkTopics(admin, plans), (troubles) => {
    const fatal = troubles.filter(({ isFatal }) => isFatal);
    if (fatal.length === 0) return Effect.succeed(troubles);
    return Effect.fail(
      new Permanent({
        message: fatal.map(({ words }) => words).join("; "),
        code: `kafka:topic-${fatal[0]?.kind}`,
      }),
    );
  });
