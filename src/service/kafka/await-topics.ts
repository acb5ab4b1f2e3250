/**
 * Before a service begins: its brokers are waited for, for as long as it takes, and its topics have to be there. What no waiting mends
 * (a wrong password, a missing topic) is refused in words that say what to do.
 */
import { Effect, Result } from "effect";
import type { TopicAdmin, TopicPlan } from "../../adapters/kafka/topic-plan.ts";
import { demandTopics } from "../../adapters/kafka/topics.ts";
import type { Clock } from "../../streams/runtime/system-ports.ts";
import type { Config } from "../config/config.ts";
import { Refusal } from "../refusal.ts";
import { whatToMend } from "./what-to-mend.ts";

export interface AwaitTopicsOptions {
  readonly kafka: Config["kafka"];
  readonly plans: readonly TopicPlan[];
  readonly clock: Pick<Clock, "after" | "monotonicMs">;
  /** Stops waiting. */
  readonly signal: AbortSignal;
  /** What is to be known about the topics that are there. */
  readonly say: (words: string) => void;
  /** Every few seconds. */
  readonly waits: (words: string) => void;
}

const FIRST_MS = 250;
const LONGEST_MS = 5_000;
const SAY_EVERY_MS = 3_000;

const pause = ({ clock, signal }: AwaitTopicsOptions, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.after(ms, finish);
    signal.addEventListener("abort", finish, { once: true });
  });

/** False where somebody wanted to stop before the brokers were there. */
export const awaitTopics = async (
  admin: Pick<TopicAdmin, "describe">,
  options: AwaitTopicsOptions,
): Promise<boolean> => {
  const { kafka, plans, clock, signal, say, waits } = options;
  const fromMs = clock.monotonicMs();
  let saidMs = -Infinity;
  for (let waitMs = FIRST_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LONGEST_MS)) {
    const asked = await Effect.runPromise(Effect.result(demandTopics(admin, plans)));
    if (Result.isSuccess(asked)) {
      for (const { words } of asked.success) say(`Kafka: ${words}.`);
      return true;
    }
    const { failure } = asked;
    if (failure._tag === "Permanent")
      throw new Refusal("refused", `${failure.message}: ${whatToMend(failure, kafka)}`, failure);
    const nowMs = clock.monotonicMs();
    if (nowMs - saidMs >= SAY_EVERY_MS) {
      saidMs = nowMs;
      const forS = Math.round((nowMs - fromMs) / 1_000);
      waits(`waiting for the brokers, for ${forS} s now (${failure.message}): ${whatToMend(failure, kafka)}`);
    }
    await pause(options, waitMs);
  }
  return false;
};
