/**
 * The intake of one run, from the candidate rows to the log.
 */
import { Effect } from "effect";
import { done } from "../runtime/disposition.ts";
import { pipeline, type Pipeline } from "../runtime/pipeline.ts";
import type { DeadLetterSink } from "../runtime/publisher.ts";
import { type DivertedBy, toldOf } from "../runtime/rail.ts";
import { CandidateWalk } from "./candidate-walk.ts";
import { fetchCandidates } from "./fetch-candidates.ts";
import type { IntakePorts } from "./intake-ports.ts";
import { publishRequest } from "./publish-request.ts";
import { routeByPolicy } from "./route-by-policy.ts";

/** Nothing of an intake is ever a dead letter: a page that fails left its candidates as they were, or to the sweeper. */
const NO_DEAD_LETTERS: DeadLetterSink = {
  write: () => Effect.die(new Error("an intake has no dead letters")),
};

/** One walk through the candidates of a run; `carryOutRun` walks until the run can be closed. */
export const intakePipeline = (ports: IntakePorts, failed: (failure: Error) => void): Pipeline => {
  const walk = new CandidateWalk();
  return pipeline({
    name: "intake",
    source: walk.turns,
    window: { credits: ports.limits.pagesAhead },
    ports: ports.system,
    flow: (turns) => turns.pipe(fetchCandidates(ports, walk, routeByPolicy(ports)), publishRequest(ports)),
    diversions: {
      "fetch-candidates": ({ failure }) => {
        walk.goOn(null, true);
        // a commit whose answer was lost is looked at again by the next walk
        if (failure._tag !== "Unconfirmed") failed(asProblem(failure));
        return done();
      },
      "publish-request": () => done(),
    },
    deadLetters: NO_DEAD_LETTERS,
  });
};

/** Whoever dispatches says its message aloud. */
const asProblem = (failure: DivertedBy): Error =>
  new Error(
    failure._tag === "Bug"
      ? `routing a page: a bug in our program: ${toldOf(failure.error)}`
      : failure.message,
    { cause: failure },
  );
