/**
 * T2 for what was routed before and is due again (put off, released, replayed): runs admit, upkeep goes on. A page is one
 * transaction, and the log is told after its commit; what it does not take the republishing tells again.
 *
 * A channel that is paused holds what is due on it (T2h), so that a long pause is not walked over every second.
 */
import { Effect } from "effect";
import type { ChannelId, Instant, NoticeId, PolicyVersion } from "../../domain/ids.ts";
import type {
  RoutedPage,
  RoutingCandidate,
  RoutingCommand,
  RoutingCursor,
} from "../../domain/ports/notice-ledger.ts";
import { type Routed, routingCommand, type RoutingTerms } from "../../domain/routing-command.ts";
import { type Duty, NOTHING_FOUND } from "./duty.ts";
import { fetchPolicies } from "./fetch-policies.ts";
import { tellLog } from "./tell-log.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { QueuedNotice, UpkeepPorts } from "./upkeep-ports.ts";

export const routeAdmitted = (
  { ledger, policies, worker, log }: Pick<UpkeepPorts, "ledger" | "policies" | "worker" | "log">,
  { pageCount, republishMs }: UpkeepLimits,
): Duty => {
  let after: RoutingCursor | null = null;
  return {
    name: "route-admitted",
    once: Effect.gen(function* () {
      const active = policies.active();
      if (active === null) return NOTHING_FOUND;
      const paused = yield* ledger.pauses;
      if (paused.includes("*")) return NOTHING_FOUND;
      const missing = new Set<PolicyVersion>();
      const decided = new Map<NoticeId, ChannelId | null>();
      const terms: RoutingTerms = {
        active,
        pinned: (version) => {
          const policy = policies.pinned(version);
          if (policy === null) missing.add(version);
          return policy;
        },
        actor: worker,
        runId: null,
        republishInMs: republishMs,
      };
      const page = yield* ledger.routePage({ after, limit: pageCount, which: "admitted" }, (candidate, now) =>
        decide(candidate, terms, paused, now, decided),
      );
      after = page.next;
      const queued = queuedBy(page, decided);
      yield* tellLog(log, queued);
      yield* fetchPolicies(policies, missing);
      const changed = page.answers.filter((answer) => answer?.verdict === "won").length;
      return { found: page.candidates.length, changed, more: page.next !== null };
    }),
  };
};

const decide = (
  candidate: RoutingCandidate,
  terms: RoutingTerms,
  paused: readonly (ChannelId | "*")[],
  now: Instant,
  decided: Map<NoticeId, ChannelId | null>,
): RoutingCommand | null => {
  const routed: Routed | null = routingCommand(candidate, terms, now);
  if (routed === null) return null;
  const { noticeId, period, epoch } = candidate.notice;
  const isPaused = routed.channel !== null && paused.includes(routed.channel);
  decided.set(noticeId, isPaused ? null : routed.channel);
  return isPaused
    ? { type: "hold", noticeId, period, epoch, actor: terms.actor, reason: "paused", dueAt: null }
    : routed.command;
};

/** Only what the ledger has agreed to. */
const queuedBy = (
  { candidates, answers }: RoutedPage,
  decided: ReadonlyMap<NoticeId, ChannelId | null>,
): readonly QueuedNotice[] =>
  candidates.flatMap(({ notice }, at): readonly QueuedNotice[] => {
    const { noticeId, period, epoch } = notice;
    const channel = decided.get(noticeId) ?? null;
    return channel === null || answers[at]?.verdict !== "won"
      ? []
      : [{ noticeId, period, epoch: epoch + 1, channel }];
  });
