/**
 * The table with something taken out of it. Besides the guards that a rule lists, two checks of every rule have names:
 * `T6.status` (from which statuses it starts; without it: from any) and `T6.already-mine`.
 */
import type { CommandType } from "../../src/domain/lifecycle/commands.ts";
import type { Rule, Table } from "../../src/domain/lifecycle/rule.ts";
import { TABLE } from "../../src/domain/lifecycle/transition.ts";
import { STATUSES } from "../../src/domain/notice.ts";

const rules = Object.values(TABLE) as Rule<CommandType>[]; // each rule only for its own command, as in the table

/** Every check of the table, in its order. */
export const CHECKS: readonly string[] = [
  ...new Set(
    rules.flatMap((rule) => [
      ...(rule.alreadyMine === undefined ? [] : [`${rule.id}.already-mine`]),
      ...(rule.from.length === STATUSES.length ? [] : [`${rule.id}.status`]),
      ...rule.guards.map(({ name }) => name),
    ]),
  ),
];

const ruleWithout = <T extends CommandType>(rule: Rule<T>, names: ReadonlySet<string>): Rule<T> => {
  const { alreadyMine, ...rest } = rule;
  return {
    ...rest,
    ...(alreadyMine === undefined || names.has(`${rule.id}.already-mine`) ? {} : { alreadyMine }),
    from: names.has(`${rule.id}.status`) ? STATUSES : rule.from,
    guards: rule.guards.filter(({ name }) => !names.has(name)),
  };
};

export const tableWithout = (...checks: readonly string[]): Table => {
  for (const check of checks)
    if (!CHECKS.includes(check)) throw new RangeError(`the table has no check ${check}`);
  const names = new Set(checks);
  const entries = Object.entries(TABLE).map(([type, rule]) => [
    type,
    ruleWithout(rule as Rule<CommandType>, names), // as above
  ]);
  return Object.fromEntries(entries) as Table; // the same keys, each with its own rule
};
