/**
 * S7: `sent` means exactly one accepted attempt of this generation, and every other end means none; what is not final holds
 * the right to send that its status says, and an earlier generation left none behind.
 */
import { isLive, type AttemptState } from "../../domain/attempt.ts";
import { isFinal, type Status } from "../../domain/notice.ts";
import { NOTHING, type Check, type Finding } from "./check.ts";

const RIGHT_OF: Readonly<Partial<Record<Status, AttemptState>>> = {
  sending: "intent",
  in_doubt: "in_doubt",
  sent: "accepted",
};

export const checkEnding: Check = ({ record: { notice, attempts } }) => {
  const { status, generation } = notice;
  const expected = RIGHT_OF[status];
  const live = attempts.filter(({ state }) => isLive(state));
  const present = live.filter((attempt) => attempt.generation === generation);
  const [only] = present;
  if (
    live.length === present.length &&
    present.length === (expected === undefined ? 0 : 1) &&
    only?.state === expected
  )
    return NOTHING;
  const found: Finding[] = [];
  const accepted = present.filter(({ state }) => state === "accepted").length;
  if (isFinal(status)) {
    const wanted = status === "sent" ? 1 : 0;
    if (accepted !== wanted)
      found.push({ invariant: "S7", words: `${status}, and ${accepted} attempts of it were accepted` });
    if (present.length > accepted)
      found.push({ invariant: "S7", words: `${status}, and a right to send is still out` });
  } else if (present.length !== (expected === undefined ? 0 : 1) || only?.state !== expected) {
    const states = present.map(({ state }) => state).join(", ");
    found.push({
      invariant: accepted > 0 ? "S7" : "S3",
      words: `${status}, and its right to send is ${states === "" ? "nobody's" : states}`,
    });
  }
  for (const { attemptId, state, generation: of } of live) {
    if (of !== generation)
      found.push({
        invariant: "S7",
        words: `attempt ${attemptId} of generation ${of} is ${state}, and generation ${generation} has begun`,
      });
  }
  return found;
};
