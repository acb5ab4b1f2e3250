/**
 * T2h: holds for want of the pinned policy are lifted when that policy is at hand. One that is not there is looked for again a walk
 * later, not every second.
 */
import { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { HeldNotice } from "../../domain/ports/notice-ledger.ts";
import { changedCount } from "./changed-count.ts";
import { type Duty, NOTHING_FOUND } from "./duty.ts";
import { fetchPolicies } from "./fetch-policies.ts";
import { LaterBook } from "./later-book.ts";
import { heldWalk } from "./page-walk.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts } from "./upkeep-ports.ts";

type Ports = Pick<UpkeepPorts, "ledger" | "policies" | "worker" | "system">;

/** Each is read by itself. */
const READS_AT_ONCE = 4;
const MOST_A_PAGE = 100;

export const releasePolicyHolds = (ports: Ports, limits: UpkeepLimits): Duty => {
  const { ledger, worker, system } = ports;
  const walk = heldWalk(ledger, "policy", Math.min(limits.pageCount, MOST_A_PAGE));
  const later = new LaterBook<number>(limits.rememberedCount);
  return {
    name: "release-policy-holds",
    once: Effect.gen(function* () {
      const { rows, more } = yield* walk;
      const nowMs = system.clock.monotonicMs();
      const asked = rows.filter(({ noticeId }) => later.isTime(noticeId, nowMs));
      if (asked.length === 0) return { ...NOTHING_FOUND, more };
      const atHand = yield* Effect.forEach(asked, (held) => isAtHand(ports, held), {
        concurrency: READS_AT_ONCE,
      });
      const free = asked.filter((_held, at) => atHand[at] === true);
      asked.forEach(({ noticeId }, at) => {
        if (atHand[at] === true) later.forget(noticeId);
        else later.put(noticeId, nowMs + limits.rewalkMs);
      });
      const commands = free.map(({ noticeId, period }) => ({
        type: "unhold" as const,
        ...{ noticeId, period },
        reason: "policy" as const,
        actor: worker,
      }));
      const answers = commands.length === 0 ? [] : yield* ledger.apply("unhold", commands);
      return { found: asked.length, changed: changedCount(answers), more };
    }),
  };
};

/** Where nothing is pinned any policy in force will do. */
const isAtHand = (
  { ledger, policies }: Ports,
  { noticeId, period }: HeldNotice,
): Effect.Effect<boolean, Failure> =>
  Effect.gen(function* () {
    const record = yield* ledger.read(noticeId, period);
    if (record === null) return false;
    const version = record.notice.policyVersion;
    if (version === null) return policies.active() !== null;
    yield* fetchPolicies(policies, [version]);
    return policies.pinned(version) !== null;
  });
