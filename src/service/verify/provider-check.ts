/**
 * S1, S2, S7 by the provider's own record: for each generation at most one acceptance, of an attempt that the ledger knew, and
 * of the one that it believes was accepted. The only check that can show that somebody got two messages.
 */
import type { Acceptance } from "../../domain/ports/ledger-audit.ts";
import { NOTHING, type Check, type ExaminedNotice, type Finding, type Surroundings } from "./check.ts";
import { isContradiction } from "./table-paths.ts";

/** Messages that somebody got beyond the first of a generation. */
export const duplicatesIn = (accepted: readonly Acceptance[]): number =>
  accepted.length - new Set(accepted.map(({ generation }) => generation)).size;

export const checkProvider: Check = (examined, surroundings) => {
  const { accepted, record } = examined;
  if (accepted === null) return NOTHING;
  const found: Finding[] = [];
  const byGeneration = new Map<number, Acceptance[]>();
  for (const each of accepted) {
    const others = byGeneration.get(each.generation);
    if (others === undefined) byGeneration.set(each.generation, [each]);
    else others.push(each);
  }
  for (const [generation, some] of byGeneration) {
    if (some.length > 1)
      found.push({
        invariant: "S1",
        words: `the provider accepted ${some.length} messages of generation ${generation}`,
      });
  }
  for (const { attemptId, generation } of accepted) {
    const attempt = record.attempts.find((each) => each.attemptId === attemptId);
    if (attempt === undefined || attempt.generation !== generation)
      found.push({
        invariant: "S2",
        words: `the provider accepted attempt ${attemptId} in generation ${generation}, which no right to send was given for`,
      });
    // A contradiction that was noted is told by another check.
    else if (
      (attempt.state === "rejected" || attempt.state === "not_handed_over") &&
      attempt.contradiction === null
    )
      found.push({
        invariant: "S7",
        words: `the provider accepted attempt ${attemptId}, which the ledger has as ${attempt.state}`,
      });
  }
  return unproven(examined, accepted, surroundings, found);
};

/** `sent`, and the provider knows nothing of it. */
const unproven = (
  { record: { notice, attempts, history } }: ExaminedNotice,
  accepted: readonly Acceptance[],
  { evidenceAt, evidenceChannels }: Surroundings,
  found: Finding[],
): readonly Finding[] => {
  if (notice.status !== "sent") return found;
  const believed = attempts.find(
    ({ state, generation }) => state === "accepted" && generation === notice.generation,
  );
  const at = history.find(
    (line) => line.transition === "T8" && line.attemptId === believed?.attemptId && !isContradiction(line),
  )?.at;
  if (believed === undefined || at === undefined || at >= evidenceAt) return found;
  const isProven = accepted.some(({ attemptId }) => attemptId === believed.attemptId);
  if (!isProven && evidenceChannels.has(believed.channel))
    found.push({
      invariant: "S7",
      words: `sent by attempt ${believed.attemptId}, and the provider's record knows no acceptance of it`,
    });
  return found;
};
