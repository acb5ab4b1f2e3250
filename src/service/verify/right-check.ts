/**
 * S2, S3, S13: at most one live right to send for a generation; each attempt was begun by exactly one right that the history
 * knows, and says of itself what that line says; and each copy was committed before it could leave.
 */
import { isLive, type Attempt } from "../../domain/attempt.ts";
import type { HistoryEntry } from "../../domain/lifecycle/rule.ts";
import { NOTHING, type Check, type Finding } from "./check.ts";

const differs = (attempt: Attempt, line: HistoryEntry): boolean =>
  attempt.epoch !== line.epoch ||
  attempt.intentAt !== line.at ||
  attempt.generation !== line.generation ||
  attempt.attemptNo !== line.attemptNo ||
  attempt.channel !== line.channel;

export const checkRights: Check = ({ record: { attempts, history } }) => {
  const begun = history.filter(({ transition }) => transition === "T6");
  if (attempts.length === 0 && begun.length === 0) return NOTHING;
  const found: Finding[] = [];
  const live = new Map<number, number>();
  const known = new Set<string>();
  for (const attempt of attempts) {
    const { attemptId, generation, copies } = attempt;
    if (isLive(attempt.state)) live.set(generation, (live.get(generation) ?? 0) + 1);
    if (known.has(attemptId)) found.push({ invariant: "S13", words: `two attempts are called ${attemptId}` });
    known.add(attemptId);
    const lines = begun.filter((line) => line.attemptId === attemptId);
    const [line] = lines;
    if (line === undefined || lines.length > 1) {
      const times = lines.length === 0 ? "never" : `${lines.length} times`;
      found.push({ invariant: "S2", words: `the right to send of attempt ${attemptId} was given ${times}` });
    } else if (differs(attempt, line)) {
      found.push({
        invariant: "S13",
        words: `attempt ${attemptId} is not what its right to send was given for`,
      });
    }
    const resent = history.filter(
      ({ transition, attemptId: named }) => transition === "T11r" && named === attemptId,
    ).length;
    if (copies !== 1 + resent)
      found.push({
        invariant: "S2",
        words: `attempt ${attemptId} counts ${copies} copies, and ${1 + resent} were permitted`,
      });
  }
  for (const { attemptId } of begun) {
    if (attemptId === null || !known.has(attemptId))
      found.push({
        invariant: "S2",
        words: `a right to send was given to attempt ${attemptId}, which is gone`,
      });
  }
  for (const [generation, count] of live) {
    if (count > 1)
      found.push({ invariant: "S3", words: `${count} live rights to send in generation ${generation}` });
  }
  return found.length === 0 ? NOTHING : found;
};
