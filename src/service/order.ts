/**
 * An operator's order to the ledger about one notice: asked, and its verdict said so that a person knows what to do next.
 */
import { Effect, Result } from "effect";
import type { Command } from "../domain/lifecycle/commands.ts";
import type { Verdict } from "../domain/lifecycle/rule.ts";
import type { Answer, NoticeLedger } from "../domain/ports/notice-ledger.ts";
import type { Ending } from "./exit-codes.ts";

export const given = async (ledger: Pick<NoticeLedger, "apply">, command: Command): Promise<Answer> => {
  const [answer] = await Effect.runPromise(
    // One command, whose type is its own: TypeScript does not see that the batch is of that type.
    ledger.apply(command.type, [command] as never),
  );
  if (answer === undefined) throw new Error("the ledger answered nothing");
  if (Result.isFailure(answer)) throw answer.failure;
  return answer.success;
};

const ENDINGS: Readonly<Record<Verdict, Ending>> = {
  won: "ok",
  "already-mine": "ok",
  "not-now": "refused",
  lost: "conflict",
  gone: "conflict",
};

export const endingOf = ({ verdict }: Pick<Answer, "verdict">): Ending => ENDINGS[verdict];

/** What a guard's "no" means to whoever gave the order. */
const MEANS: Readonly<Record<string, string>> = {
  "T12.operator": "a copy may still be accepted: it is too early to say that none was",
  "T12.attempt": "it is not in doubt about this attempt any more",
  "T13.dead-letter": "its dead letter is not open: it was replayed or discarded already",
  "T13.generation": "somebody else has replayed it",
  "T13.contradiction": "it is held by a contradiction: decide that first",
  "T13.expired": "its time is over: give it a new one with --expires-at",
  "T13.status": "only what failed or was cancelled can be sent again",
  "T14.status": "it has come to its end already",
};

export const answerInWords = ({ verdict, because }: Pick<Answer, "verdict" | "because">): string => {
  switch (verdict) {
    case "won":
      return "done";
    case "already-mine":
      return "done before";
    case "not-now":
    case "lost":
    case "gone": {
      const guard = because ?? "";
      return `not done: ${MEANS[guard] ?? `the ledger answers ${verdict} (${guard})`}`;
    }
  }
};
