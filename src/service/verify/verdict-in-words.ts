/**
 * The verdict as an operator reads it: the balance, what is owed, what is wrong. Its last line says it all.
 */
import { isoInstant } from "../../domain/iso-instant.ts";
import { STANDINGS } from "../../domain/standing.ts";
import type { Verdict } from "./verdict.ts";

/** Violations that are shown; the JSON has more of them. */
const SHOWN = 20;

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

const evidenceInWords = ({ duplicates, evidence }: Verdict): string => {
  if (evidence !== null && duplicates === null)
    return `duplicates: unknown (${evidence.name} knows of no acceptance, although messages were sent)`;
  if (duplicates === null || evidence === null)
    return "duplicates: unknown (no provider's record was given; the ledger cannot tell)";
  const strangers =
    evidence.strangers === 0 ? "" : `, ${evidence.strangers.toLocaleString("en")} of notices unknown here`;
  return `duplicates: ${duplicates} (by ${evidence.name}: ${counted(evidence.accepted, "acceptance")}${strangers})`;
};

const conclusion = ({
  ok,
  lost,
  duplicates,
  balanced,
  violationCount,
  open,
  held,
  in_doubt,
}: Verdict): string => {
  if (!ok) {
    const wrong = [
      ...(balanced ? [] : ["the balance does not close"]),
      ...(lost === 0 ? [] : [`${lost} lost`]),
      ...((duplicates ?? 0) === 0 ? [] : [counted(duplicates ?? 0, "duplicate")]),
      ...(violationCount === 0 ? [] : [counted(violationCount, "violation")]),
    ];
    return `WRONG: ${wrong.join(", ")}`;
  }
  const left = [
    ...(open === 0 ? [] : [`${open.toLocaleString("en")} open`]),
    ...(in_doubt === 0 ? [] : [`${in_doubt.toLocaleString("en")} in doubt`]),
    ...(held === 0 ? [] : [`${held.toLocaleString("en")} held`]),
  ];
  return `clean: nothing is lost, and nothing contradicts the guarantees${left.length === 0 ? "" : ` (${left.join(", ")})`}`;
};

export const verdictInWords = (verdict: Verdict): string => {
  const width = verdict.ingested.toLocaleString("en").length;
  const line = (name: string, count: number): string =>
    `  ${name.padEnd(12)} ${count.toLocaleString("en").padStart(width)}`;
  const shown = verdict.violations.slice(0, SHOWN);
  const more = verdict.violationCount - shown.length;
  return [
    line("ingested", verdict.ingested),
    ...STANDINGS.filter((name) => verdict[name] > 0 || name === "sent" || name === "failed").map((name) =>
      line(name, verdict[name]),
    ),
    `  ${verdict.balanced ? "balanced: the states sum to what was ingested" : "NOT balanced: the states do not sum to what was ingested"}`,
    ...(verdict.nextReleaseAt === null
      ? []
      : [`  the next held notice is released at ${isoInstant(verdict.nextReleaseAt)}`]),
    `  lost: ${verdict.lost}`,
    `  ${evidenceInWords(verdict)}`,
    ...shown.map(({ invariant, noticeId, words }) => `  ${invariant.padEnd(4)} ${noticeId ?? "-"}: ${words}`),
    ...(more > 0
      ? [`  … and ${counted(more, "more violation", "more violations")} (--json names more)`]
      : []),
    conclusion(verdict),
  ].join("\n");
};
