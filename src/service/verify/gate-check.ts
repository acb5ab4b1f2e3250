/**
 * S10: a right to send, and a copy, was permitted only while the rules of that moment were open: the policy then in force (its hours,
 * its days, its own pause) and the recipient's own quiet hours. Pauses and suppressions are looked for in the whole ledger at once.
 *
 * Where nobody can say any more which policy was in force, or it cannot be read, there is nothing to hold the right against.
 */
import { Result } from "effect";
import { openWindow } from "../../domain/quiet-hours.ts";
import { readOwnQuietHours } from "../../domain/quiet-hours-own.ts";
import { NOTHING, type Check, type Finding } from "./check.ts";

export const checkGates: Check = ({ record, ownQuietHours }, { policyAt }) => {
  const { notice, attempts, history } = record;
  if (attempts.length === 0) return NOTHING;
  const own = readOwnQuietHours(ownQuietHours);
  const found: Finding[] = [];
  const s10 = (words: string): number => found.push({ invariant: "S10", words });
  for (const { transition, at, attemptId } of history) {
    if (transition !== "T6" && transition !== "T11r") continue;
    const policy = policyAt(at);
    if (policy === null || Result.isFailure(own)) continue;
    const window = openWindow(policy, own.success, at);
    const named = `${transition} of attempt ${attemptId}`;
    if (!window.open) {
      s10(`${named} at a time that is not open: ${window.clause} (policy ${policy.version})`);
      continue;
    }
    // Of more copies only the newest one's time is kept.
    const sole = attempts.find((attempt) => attempt.attemptId === attemptId && attempt.copies === 1);
    if (sole !== undefined && sole.sendBy >= window.openUntil)
      s10(`${named} reaches into a time that is not open (policy ${policy.version})`);
  }
  for (const { attemptId, generation, sendBy } of attempts) {
    if (generation === notice.generation && sendBy >= notice.expiresAt)
      s10(`attempt ${attemptId} may leave after the notice's own end`);
  }
  return found.length === 0 ? NOTHING : found;
};
