/**
 * S5: each history is a path of the table, begins where an ingested notice begins, and ends where the row says it is: with that
 * status, on that channel, at that attempt, with a wish to cancel or without.
 */
import type { Status } from "../../domain/notice.ts";
import { NOTHING, type Check, type Finding } from "./check.ts";
import { isPath } from "./table-paths.ts";

export const checkPath: Check = ({ record: { notice, history } }) => {
  const found: Finding[] = [];
  let status: Status = "ready";
  for (const [place, line] of history.entries()) {
    const named = `line ${place + 1} of its history (${line.transition})`;
    if (line.from !== status)
      found.push({ invariant: "S5", words: `${named} begins at ${line.from}, but it was ${status}` });
    if (!isPath(line))
      found.push({ invariant: "S5", words: `${named} leads from ${line.from} to ${line.to}: no such path` });
    status = line.to;
  }
  if (status !== notice.status)
    found.push({
      invariant: "S5",
      words: `its row says ${notice.status}, and its history ends at ${status}`,
    });
  const last = history.at(-1);
  const channel = last?.channel ?? null;
  const attemptNo = last?.attemptNo ?? 0;
  if (notice.channel !== channel || notice.attemptNo !== attemptNo)
    found.push({
      invariant: "S5",
      words: `its row is at attempt ${notice.attemptNo} on ${notice.channel}, and its history at attempt ${attemptNo} on ${channel}`,
    });
  const isWished = history.some(
    ({ transition, from, to, generation }) =>
      transition === "T14" && from === to && generation === notice.generation,
  );
  if (notice.cancelRequested !== isWished)
    found.push({
      invariant: "S5",
      words: isWished ? "a wish to cancel was lost" : "its row has a wish to cancel that nobody had",
    });
  return found.length === 0 ? NOTHING : found;
};
