/**
 * The decision for each candidate of a page, pure, inside the page's transaction: which channel, a hold with its reason, or a later
 * time. It proposes; the guards of T2 decide.
 */
import type { Instant, NoticeId } from "../../domain/ids.ts";
import type { RoutingCandidate, RoutingCommand } from "../../domain/ports/notice-ledger.ts";
import { type Routed, routingCommand } from "../../domain/routing-command.ts";
import { Permanent } from "../../failure.ts";
import type { IntakePorts } from "./intake-ports.ts";

/** Where the ledger itself is the log nobody has to be told again: a year, so that nothing rings for nobody. */
const NEVER_MS = 31_536_000_000;

export interface PageDecision {
  readonly decide: (candidate: RoutingCandidate, now: Instant) => RoutingCommand | null;
  readonly decided: ReadonlyMap<NoticeId, Routed>;
}

/** Made anew for each try of a page: what a transaction that was rolled back had decided counts for nothing. */
export const routeByPolicy =
  ({ policies, worker, runId, limits, log }: IntakePorts) =>
  (): PageDecision => {
    const active = policies.active();
    if (active === null)
      throw new Permanent({
        message: 'routing a page: no policy is active; run "millrace policy activate FILE" first',
        code: "no-policy",
      });
    const terms = {
      active,
      pinned: policies.pinned,
      actor: worker,
      runId,
      republishInMs: log === null ? NEVER_MS : limits.republishMs,
    };
    const decided = new Map<NoticeId, Routed>();
    return {
      decided,
      decide: (candidate, now) => {
        const routed = routingCommand(candidate, terms, now);
        if (routed === null) return null;
        decided.set(candidate.notice.noticeId, routed);
        return routed.command;
      },
    };
  };
