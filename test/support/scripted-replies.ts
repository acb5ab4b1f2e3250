/** What a story's pipeline does about each kind of failure. */
import fc from "fast-check";
import {
  byFailure,
  deadLetter,
  type Disposition,
  type Diversion,
  done,
  notMine,
  retryLater,
} from "../../src/index.ts";

export type Reply = "dead-letter" | "done" | "not-mine" | "retry-later";

/** For `Transient`, `Permanent`, `Unconfirmed`, `Undecodable`, `Postponed` and `Bug`, in this order. */
export type Replies = readonly Reply[];

export const RETRY_AFTER_MS = 25;
export const MOST_ATTEMPTS = 3;

export const anyReplies: fc.Arbitrary<Replies> = fc.array(
  fc.constantFrom<Reply>("dead-letter", "done", "not-mine", "retry-later"),
  { minLength: 6, maxLength: 6 },
);

const DISPOSITIONS: Readonly<Record<Reply, Disposition>> = {
  "dead-letter": deadLetter(),
  done: done(),
  "not-mine": notMine(),
  "retry-later": retryLater(RETRY_AFTER_MS, MOST_ATTEMPTS),
};

/** `finished` is told of the bodies that these answers finish. */
export const answersBy = (
  replies: Replies,
  finished: (body: number) => void,
): ((diversion: Diversion) => Disposition) => {
  const reply = (failure: number): Disposition => DISPOSITIONS[replies[failure] ?? "dead-letter"];
  const answers = byFailure({
    Transient: () => reply(0),
    Permanent: () => reply(1),
    Unconfirmed: () => reply(2),
    Undecodable: () => reply(3),
    Postponed: () => reply(4),
    Bug: () => reply(5),
  });
  return (diversion) => {
    const disposition = answers(diversion);
    // the stories' records are numbers
    if (disposition.kind === "done" || disposition.kind === "not-mine")
      finished(diversion.envelope.body as number);
    return disposition;
  };
};
