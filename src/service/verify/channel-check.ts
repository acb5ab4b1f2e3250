/**
 * S12: within a generation a right to send is given only after the one before it has ended by evidence of non-acceptance; and
 * none at all after an acceptance.
 */
import { NOTHING, type Check, type Finding } from "./check.ts";
import { isContradiction } from "./table-paths.ts";

export const checkChannels: Check = ({ record: { history } }) => {
  const found: Finding[] = [];
  let open: { readonly attempt: string; readonly accepted: boolean } | null = null;
  for (const line of history) {
    const attempt = String(line.attemptId);
    const { transition } = line;
    if (transition === "T6") {
      if (open !== null) {
        const how = open.accepted ? "had been accepted" : "had not ended";
        found.push({
          invariant: "S12",
          words: `attempt ${attempt} began on ${line.channel}, while attempt ${open.attempt} ${how}`,
        });
      }
      open = { attempt, accepted: false };
    } else if (transition === "T8" && !isContradiction(line)) {
      open = { attempt, accepted: true };
    } else if (transition === "T9" || transition === "T12") {
      if (open?.attempt === attempt) open = null;
    } else if (transition === "T13") {
      if (open !== null)
        found.push({
          invariant: "S12",
          words: `generation ${line.generation} began, while attempt ${open.attempt} had not ended`,
        });
      open = null;
    }
  }
  return found.length === 0 ? NOTHING : found;
};
