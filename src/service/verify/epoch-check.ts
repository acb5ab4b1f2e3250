/**
 * S4: the epoch never falls, and rises exactly where a notice goes to another holder; a replay, and nothing else, begins a
 * generation. The row says of both what the last line of the history says.
 */
import { NOTHING, type Check, type Finding } from "./check.ts";
import { raisesBy } from "./table-paths.ts";

export const checkEpochs: Check = ({ record: { notice, history } }) => {
  const found: Finding[] = [];
  const s4 = (words: string): number => found.push({ invariant: "S4", words });
  let epoch = 0;
  let generation = 1;
  for (const [place, line] of history.entries()) {
    const named = `line ${place + 1} of its history (${line.transition})`;
    const rise = line.epoch - epoch;
    if (rise < 0) s4(`${named}: the epoch falls from ${epoch} to ${line.epoch}`);
    else if (rise !== raisesBy(line)) s4(`${named} raises the epoch by ${rise}`);
    if (line.generation - generation !== (line.transition === "T13" ? 1 : 0))
      s4(`${named}: generation ${line.generation} after ${generation}`);
    ({ epoch, generation } = line);
  }
  if (notice.epoch !== epoch) s4(`its row has epoch ${notice.epoch}, and its history ends with ${epoch}`);
  if (notice.generation !== generation)
    s4(`its row has generation ${notice.generation}, and its history ends with ${generation}`);
  return found.length === 0 ? NOTHING : found;
};
