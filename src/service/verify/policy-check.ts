/**
 * S11: the channels and the attempts of a generation follow the policy that it pinned: in its order, and no more of them.
 * Where that policy cannot be read there is nothing to hold them against.
 */
import { NOTHING, type Check, type Finding } from "./check.ts";

export const checkPolicy: Check = ({ record: { notice, attempts } }, { policies }) => {
  if (notice.channel !== null && notice.policyVersion === null)
    return [{ invariant: "S11", words: `it goes by ${notice.channel}, and by no policy` }];
  const policy = notice.policyVersion === null ? undefined : policies.get(notice.policyVersion);
  if (policy === undefined) return NOTHING;
  const found: Finding[] = [];
  const s11 = (words: string): number =>
    found.push({ invariant: "S11", words: `${words} (policy ${policy.version})` });
  let furthest = 0;
  for (const { attemptId, channel, attemptNo, generation } of attempts) {
    if (generation !== notice.generation) continue;
    const place = policy.channels.findIndex((rule) => rule.channel === channel);
    const rule = policy.channels[place];
    if (rule === undefined) s11(`attempt ${attemptId} went by ${channel}, which is no channel of its policy`);
    else if (attemptNo > rule.maxAttempts)
      s11(`attempt ${attemptId} is number ${attemptNo} of ${rule.maxAttempts} on ${channel}`);
    if (place >= 0 && place < furthest) s11(`attempt ${attemptId} went back to ${channel}`);
    furthest = Math.max(furthest, place);
  }
  return found.length === 0 ? NOTHING : found;
};
