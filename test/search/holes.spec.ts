/**
 * Holes that the search found in the table as it was first written. Each is the table with the old rule put back, and
 * the counter-example that made it change.
 */
import { describe, expect, it } from "vitest";
import type { CommandOf, CommandType } from "../../src/domain/lifecycle/commands.ts";
import type { Guard, Rule, Table } from "../../src/domain/lifecycle/rule.ts";
import { TABLE } from "../../src/domain/lifecycle/transition.ts";
import type { Bounds } from "./bounds.ts";
import { WORLDS } from "./mutants.ts";
import { search } from "./search.ts";
import { storyOf } from "./story.ts";

const storyWith = (table: Partial<Table>, bounds: Partial<Bounds>): string => {
  const { found, ledger } = search({ table: { ...TABLE, ...table }, bounds });
  if (found === null) throw new Error("no counter-example");
  return storyOf(found, ledger).replaceAll(/ {3}\[.*\]/g, "");
};

const withGuard = <T extends CommandType>(
  rule: Rule<T>,
  name: string,
  holds: Guard<CommandOf<T>>["holds"],
): Rule<T> => ({
  ...rule,
  guards: rule.guards.map((guard) => (guard.name === name ? { ...guard, holds } : guard)),
});

describe("evidence that was asked for in time and came too late", () => {
  /** "A look-up that was asked … before `intent_at` + R, and found nothing"; a refusal of the newest copy, whenever. */
  const resolve = withGuard(TABLE.resolve, "T12.asked-early", (view, { evidence, terms }) => {
    const attempt = view.attempts.find(({ state }) => state === "in_doubt");
    if (evidence.by !== "look-up" || attempt === undefined || terms.class !== "B") return true;
    return evidence.askedAt < attempt.intentAt + terms.findableMs;
  });
  const automatic = { operatorEvidence: false } as const;

  it("is a look-up that a slow provider answers when it may have forgotten what it accepted", () => {
    const story = storyWith({ resolve }, { ...WORLDS.B, ...automatic });
    expect(story).toContain("finds nothing of attempt 1, as it may by now");
    expect(story).toContain("T12 resolve (look-up, copies 1) → won");
    expect(story).toContain("no contradiction broken");
  });

  it("is a refusal of a second copy by a provider that has forgotten the first, which it accepted", () => {
    const story = storyWith({ resolve }, { ...WORLDS.A, ...automatic });
    expect(story).toContain("refuses copy 2 of attempt 1, whose key it has forgotten");
    expect(story).toContain("T12 resolve (rejection, copies 2) → won");
    expect(story).toContain("no contradiction broken");
  });
});

describe("a hold that is lost, or that nobody lifts", () => {
  it("is an operator's under a pause: the next resume lifted both", () => {
    const hold: Rule<"hold"> = {
      ...TABLE.hold,
      apply: ({ notice }, { reason, dueAt }) => ({
        notice: { ...notice, holdReason: reason ?? notice.holdReason, dueAt: dueAt ?? notice.dueAt },
      }),
    };
    expect(storyWith({ hold }, WORLDS.C)).toBe(
      [
        "  1. operator: T2h hold → won",
        "  2. upkeep: T2h hold → won",
        '     held broken: T2h lifts the hold "operator", which only an operator may',
      ].join("\n"),
    );
  });

  it("is a pause that a notice takes with it to its end, and back into the next generation", () => {
    const cancel: Rule<"cancel"> = {
      ...TABLE.cancel,
      apply: (view, command, facts) => {
        const change = TABLE.cancel.apply(view, command, facts);
        return { ...change, notice: { ...change.notice, holdReason: view.notice.holdReason } };
      },
    };
    expect(storyWith({ cancel }, WORLDS["C, cancels"])).toBe(
      [
        "  1. upkeep: T2h hold → won",
        "  2. operator: T14 cancel → won",
        "  3. upkeep: T2h unhold → won",
        "     S5 broken: T2h from cancelled to cancelled",
      ].join("\n"),
    );
  });
});
