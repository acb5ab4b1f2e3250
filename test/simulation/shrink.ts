/**
 * A failing plan, made smaller for as long as it fails with the same invariant: fewer blows, fewer kinds of faults, fewer notices and
 * processes. What is left is what somebody has to read.
 */
import { CHANCES, type Plan } from "./plan.ts";

/** What to try next, the boldest first. */
const smaller = (plan: Plan): readonly Plan[] => [
  ...plan.blows.map((_, at) => ({ ...plan, blows: plan.blows.filter((__, other) => other !== at) })),
  ...CHANCES.filter((name) => plan.chances[name] > 0).map((name) => ({
    ...plan,
    chances: { ...plan.chances, [name]: 0 },
  })),
  ...[Math.floor(plan.notices / 2), plan.notices - 1]
    .filter((notices) => notices > 0 && notices < plan.notices)
    .map((notices) => ({ ...plan, notices })),
  ...(plan.workers > 1 ? [{ ...plan, workers: plan.workers - 1 }] : []),
  ...(plan.dispatchers > 1 ? [{ ...plan, dispatchers: plan.dispatchers - 1 }] : []),
  ...(plan.upkeeps > 1 ? [{ ...plan, upkeeps: plan.upkeeps - 1 }] : []),
];

/** `S1` of `S1: … was accepted twice`. */
export const invariantOf = (violation: string): string => violation.split(":", 1)[0] ?? "";

/**
 * @param failing the invariants that a plan breaks
 * @param most plans that are tried at most
 */
export const shrunk = async (
  plan: Plan,
  failing: (plan: Plan) => Promise<readonly string[]>,
  most = 200,
): Promise<Plan> => {
  const [invariant = ""] = (await failing(plan)).map(invariantOf);
  let least = plan;
  let left = most;
  for (;;) {
    let next: Plan | null = null;
    for (const candidate of smaller(least)) {
      if (left === 0) return least;
      left -= 1;
      if (!(await failing(candidate)).map(invariantOf).includes(invariant)) continue;
      next = candidate;
      break;
    }
    if (next === null) return least;
    least = next;
  }
};
