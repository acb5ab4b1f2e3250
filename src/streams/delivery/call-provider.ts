/**
 * One right, one copy: the provider is called once and answers with an outcome, never with a failure. The permit goes back when
 * it has answered, and the outcome tells the gate how the provider does.
 *
 * A provider answers in its own time. Where the pipeline has given up meanwhile its later stages are gone, and the ledger is told
 * from here.
 */
import type { Stage } from "../runtime/stage.ts";
import { stage } from "../runtime/stage.ts";
import { type Begun, type Claimed, type Entitled, isEntitled, type Sent } from "./bodies.ts";
import type { SendPorts } from "./delivery-ports.ts";
import type { HeldPermits } from "./held-permits.ts";
import { sendOneCopy } from "./one-copy.ts";
import type { Untold } from "./untold.ts";

export const callProvider = (
  ports: SendPorts,
  held: HeldPermits,
  untold: Untold<Entitled | Sent>,
): Stage<"call-provider", Begun, Sent> => {
  const { clock } = ports.system;
  return stage({
    name: "call-provider",
    idempotent: false,
    concurrency: ports.limits.windowCredits,
    timeoutMs: Infinity, // the sender answers within its own window, and a late answer is still an answer
    budgetMs: ports.sender.limits.sendWindowMs + ports.sender.limits.answerWindowMs + 1_000,
    retry: false,
    work: (begun: Begun) => {
      const { permit } = begun;
      held.letGo(permit);
      if (!isEntitled(begun)) {
        permit.giveBack();
        return begun.sent;
      }
      if (!untold.letGo(begun)) {
        // the ledger was told already that it is never used
        permit.giveBack();
        return { kind: "lost", from: begun };
      }
      const { notice, attemptId, mayStillLeave } = begun;
      const copy = { notice, attemptId, providerKey: attemptId, mayStillLeave };
      const beganMs = clock.monotonicMs();
      return sendOneCopy(ports, begun, copy).then(
        (outcome): Sent | Promise<Sent> => {
          permit.done(outcome, clock.monotonicMs() - beganMs);
          const sent = {
            kind: "answered",
            from: keptOf(begun),
            attemptId: begun.attemptId,
            outcome,
          } as const;
          untold.hold(sent);
          return untold.isOver ? untold.giveUp([sent]).then(() => sent) : sent;
        },
        (bug: unknown) => {
          permit.giveBack();
          throw bug;
        },
      );
    },
  });
};

/** What settling needs; the message is not kept. */
const keptOf = ({ notice, contents, policy }: Claimed): Claimed => ({ notice, contents, policy });
