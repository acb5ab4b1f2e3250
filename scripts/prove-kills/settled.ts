/**
 * When there is nothing left to wait for, and whether what is in doubt is what it has to be.
 */
import type { GatewayClass } from "../../test/service/end-to-end/november.ts";
import type { Place } from "../../test/service/end-to-end/place.ts";
import type { Fates } from "../../test/service/end-to-end/sends-at-kills.ts";

/** At class C a doubt waits for an operator: nothing else is to be expected of it. */
export const isSettled = async (
  { query }: Pick<Place, "query">,
  itsClass: GatewayClass,
): Promise<boolean> => {
  const final = [
    "sent",
    "failed",
    "suppressed",
    "expired",
    "cancelled",
    ...(itsClass === "C" ? ["in_doubt"] : []),
  ];
  const list = final.map((status) => `'${status}'`).join(", ");
  return (await query(`SELECT FROM millrace.notice WHERE status NOT IN (${list}) LIMIT 1`)).length === 0;
};

const some = (ids: readonly string[]): string => `${ids.length} (${ids.slice(0, 3).join(", ")})`;

export const wrongFates = (
  { strangers, forgotten, byState }: Fates,
  itsClass: GatewayClass,
): readonly string[] => {
  const unresolved = byState["in_doubt"] ?? 0;
  return [
    ...(strangers.length === 0
      ? []
      : [`${some(strangers)} attempts were in doubt that were not \`intent\` at a kill`]),
    ...(forgotten.length === 0
      ? []
      : [`${some(forgotten)} attempts were \`intent\` at a kill and never in doubt`]),
    ...(itsClass === "C" || unresolved === 0 ? [] : [`${unresolved} doubts were not resolved`]),
  ];
};
