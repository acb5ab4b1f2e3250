/**
 * What one outcome says of the provider, apart from what it says of the notice.
 *
 * | outcome                                            | of the provider                          |
 * | -------------------------------------------------- | ---------------------------------------- |
 * | accepted, rejected                                 | it works                                 |
 * | not accepted (busy, down, credentials, address)    | it says itself that it is to be paused   |
 * | not handed over, for credentials or an address     | it is to be paused                       |
 * | not handed over, because it was down; unknown      | trouble; many of them pause it           |
 * | not handed over in time                            | nothing                                  |
 */
import type { ProviderTrouble, SendOutcome } from "../../domain/ports/sender.ts";

/** Why a provider is paused, in a word of our own, which may stand in a log: what it said itself, or how it has failed. */
export type PauseCause = ProviderTrouble | "outcome-unknown" | "too-many-troubles";

export interface ProviderSign {
  /** What the trouble is; `null`: there is none. */
  readonly trouble: PauseCause | null;
  readonly pausesAtOnce: boolean;
  readonly mustBeMended: boolean;
  /** How long it asked to be left alone; 0 where it did not. */
  readonly askedMs: number;
  readonly words: string;
}

const WORKS: ProviderSign = {
  trouble: null,
  pausesAtOnce: false,
  mustBeMended: false,
  askedMs: 0,
  words: "",
};

const mustBeMended = (trouble: ProviderTrouble): boolean =>
  trouble === "credentials" || trouble === "address";

/** `null`: it says nothing of the provider. */
export const signOf = (outcome: SendOutcome): ProviderSign | null => {
  switch (outcome.kind) {
    case "accepted":
    case "rejected":
      return WORKS;
    case "not-accepted":
      return {
        trouble: outcome.trouble,
        pausesAtOnce: true,
        mustBeMended: mustBeMended(outcome.trouble),
        askedMs: Math.max(0, outcome.retryAfterMs ?? 0),
        words: outcome.words,
      };
    case "not-handed-over": {
      if (outcome.trouble === null) return null;
      const isToBeMended = mustBeMended(outcome.trouble);
      return {
        ...{ trouble: outcome.trouble, pausesAtOnce: isToBeMended, mustBeMended: isToBeMended },
        ...{ askedMs: 0, words: outcome.words },
      };
    }
    case "unknown":
      return { ...WORKS, trouble: "outcome-unknown", words: outcome.words };
  }
};
