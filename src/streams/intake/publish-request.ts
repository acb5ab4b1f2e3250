/**
 * Last of the intake, after the page's commit: the log is told of what the page has queued. What it does not take stays queued, and
 * the sweeper tells it again; nothing is lost by a log that is away.
 */
import { Effect, Result } from "effect";
import { stage, type Stage } from "../runtime/stage.ts";
import type { Page, Routed } from "./bodies.ts";
import { type IntakePorts, PAGE_TIMEOUT_MS } from "./intake-ports.ts";

export const publishRequest = (ports: IntakePorts): Stage<"publish-request", Page, Page> =>
  stage({
    name: "publish-request",
    concurrency: ports.limits.pagesAhead,
    timeoutMs: PAGE_TIMEOUT_MS,
    retry: false,
    work: (page: Page) =>
      Effect.gen(function* () {
        if (page.candidates === 0) return page;
        const fromMs = ports.system.clock.monotonicMs();
        const published = yield* tellOf(ports, page.routed);
        yield* ports.runs.count(ports.runId, {
          published,
          publishFailed: page.routed.length - published,
          pageMs: page.pageMs,
          publishMs: ports.system.clock.monotonicMs() - fromMs,
        });
        return page;
      }),
  });

/** How many the log has taken. A log that fails as a whole has taken none, for all that is known. */
const tellOf = ({ log }: IntakePorts, routed: readonly Routed[]): Effect.Effect<number> => {
  if (log === null || routed.length === 0) return Effect.succeed(routed.length);
  const records = routed.map((body) => ({ key: body.noticeId, body, headers: {} }));
  return Effect.match(log.publish(records), {
    onSuccess: (answers) => answers.filter(Result.isSuccess).length,
    onFailure: () => 0,
  });
};
