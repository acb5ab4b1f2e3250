/**
 * The record only said "look at this one"; here the ledger says whether it is to be done, and by us (T3). The row's contents
 * come with the claim, and the policy that its generation began with is brought to hand.
 *
 * A notice that is queued for another channel is given back at once: its record lay where it should not, and whoever serves that
 * channel is told of it anew. What the ledger refuses is not ours: done already, somebody else's, or not due. That costs time, never a notice: the sweeper
 * tells the log again of what is still queued.
 */
import { Effect, Result } from "effect";
import { Permanent, type Failure } from "../../failure.ts";
import type { PolicyVersion } from "../../domain/ids.ts";
import type { ClaimAnswer, ItemAnswer } from "../../domain/ports/notice-ledger.ts";
import { batchStage, type ItemOutcome } from "../runtime/batch-stage.ts";
import type { Stage } from "../runtime/stage.ts";
import type { Claimed, Request } from "./bodies.ts";
import { type DeliveryPorts, PATIENT, STATEMENT_TIMEOUT_MS } from "./delivery-ports.ts";

type Claim = NonNullable<ClaimAnswer["claimed"]>;

/** Claims each notice (T3); what the ledger refuses is not ours. */
export const claimNotice = (ports: DeliveryPorts): Stage<"claim-notice", Request, Claimed> =>
  batchStage({
    name: "claim-notice",
    maxCount: ports.limits.batchCount,
    concurrency: ports.limits.batchLanes,
    timeoutMs: STATEMENT_TIMEOUT_MS,
    retry: PATIENT,
    work: (requests) =>
      Effect.gen(function* () {
        const claims = yield* claimsOf(ports, requests);
        yield* ports.policies.fetch(versionsOf(claims));
        return claims.map((claim) => Result.flatMap(claim, (found) => withPolicy(ports, found)));
      }),
  });

/** Where the log is the ledger, every request brings its claim. */
const claimsOf = (
  ports: DeliveryPorts,
  requests: readonly Request[],
): Effect.Effect<readonly ItemOutcome<Claim>[], Failure> => {
  const unclaimed = requests.filter(({ claim }) => claim === null);
  if (unclaimed.length === 0)
    return Effect.succeed(requests.flatMap(({ claim }) => (claim === null ? [] : [Result.succeed(claim)])));
  const newest = [...unclaimed].sort((one, other) => one.epoch - other.epoch); // of two records the older claims nothing
  const commands = new Map(
    newest.map(({ noticeId, period, epoch }) => [
      noticeId,
      {
        type: "claim" as const,
        ...{ noticeId, period, epoch },
        actor: ports.worker,
        owner: ports.worker,
        leaseMs: ports.limits.leaseMs,
      },
    ]),
  );
  const claimed = Effect.tap(ports.ledger.apply("claim", [...commands.values()]), (answers) =>
    giveBack(
      ports,
      answers.flatMap((answer) => strayIn(ports, answer)),
    ),
  );
  return Effect.map(claimed, (answers) => {
    const answerOf = new Map([...commands.keys()].map((noticeId, at) => [noticeId, answers[at]]));
    return requests.map((request): ItemOutcome<Claim> => {
      if (request.claim !== null) return Result.succeed(request.claim);
      const isFirst = commands.get(request.noticeId)?.epoch === request.epoch;
      const answer = isFirst ? answerOf.get(request.noticeId) : undefined;
      if (isFirst) answerOf.delete(request.noticeId); // a record that came twice in one batch is claimed for one of them
      return answer === undefined
        ? refused(request, "another record of it is in this batch")
        : taken(ports, request, answer);
    });
  });
};

const taken = (
  { leases, channel }: DeliveryPorts,
  request: Request,
  answer: ItemAnswer<ClaimAnswer>,
): ItemOutcome<Claim> => {
  if (Result.isFailure(answer)) return Result.fail(answer.failure);
  const { claimed, verdict, because } = answer.success;
  if (claimed === null) return refused(request, `${verdict}, ${because ?? "no reason"}`);
  if (claimed.notice.channel !== channel)
    return refused(
      request,
      `it is queued for ${claimed.notice.channel ?? "nothing"}, and this is ${channel}`,
    );
  leases.take(claimed.notice);
  return Result.succeed(claimed);
};

/** Whatever its record said, another channel's notice must not leave by this one. */
const strayIn = ({ channel }: DeliveryPorts, answer: ItemAnswer<ClaimAnswer>): readonly Claim["notice"][] => {
  const claimed = Result.isSuccess(answer) ? answer.success.claimed : null;
  return claimed === null || claimed.notice.channel === channel ? [] : [claimed.notice];
};

/** What cannot be given back now lapses by itself. */
const giveBack = (
  { ledger, worker }: DeliveryPorts,
  strays: readonly Claim["notice"][],
): Effect.Effect<void> => {
  if (strays.length === 0) return Effect.void;
  const commands = strays.map(({ noticeId, period, epoch }) => ({
    type: "release" as const,
    ...{ noticeId, period, epoch },
    actor: worker,
    dueInMs: 0,
  }));
  return Effect.ignore(ledger.apply("release", commands));
};

const refused = ({ noticeId }: Request, why: string): ItemOutcome<Claim> =>
  Result.fail(new Permanent({ message: `claiming ${noticeId}: ${why}`, code: "not-ours" }));

const versionsOf = (claims: readonly ItemOutcome<Claim>[]): readonly PolicyVersion[] => [
  ...new Set(
    claims.flatMap((claim) =>
      Result.isSuccess(claim) && claim.success.notice.policyVersion !== null
        ? [claim.success.notice.policyVersion]
        : [],
    ),
  ),
];

const withPolicy = ({ policies }: DeliveryPorts, { notice, contents }: Claim): ItemOutcome<Claimed> => {
  const version = notice.policyVersion;
  const policy = version === null ? null : policies.pinned(version);
  return policy === null
    ? Result.fail(
        new Permanent({
          message: `claiming ${notice.noticeId}: policy ${String(version)} that it is pinned to is not in the ledger`,
          code: "no-policy",
        }),
      )
    : Result.succeed({ notice, contents, policy });
};
