/**
 * After the send: whatever way a notice has left the journey, here it gets its settlement, the next channel included. What was
 * diverted comes back on the main track with it; the decisions are `after-preparing.ts` and `after-sending.ts`.
 */
import { Result } from "effect";
import { map, type Observable } from "rxjs";
import { type Diversion, type DivertedBy, type Rail, withBody } from "../runtime/rail.ts";
import { step } from "../runtime/step.ts";
import { afterLostRight, afterPreparing } from "./after-preparing.ts";
import { afterBugInCall, afterSending } from "./after-sending.ts";
import {
  type Claimed,
  isEntitled,
  type Loaded,
  type Opened,
  type Sent,
  type Settlement,
  type Settling,
} from "./bodies.ts";
import type { SendPorts } from "./delivery-ports.ts";
import type { SendDiversion } from "./send-notice.ts";

/** The ways off the track that a settlement is found for. */
export type WayOut =
  | Diversion<"load-bill", Claimed>
  | Diversion<"decrypt-contact", Loaded>
  | Diversion<"render-notice", Opened>
  | SendDiversion;

/** How a notice's delivery went: to its provider's answer, or off the track before. */
export type Journey = { readonly sent: Sent } | { readonly leftAt: WayOut };

/** A name for each of them: one that is added above and forgotten here does not compile. */
const WAYS_OUT: Readonly<Record<WayOut["stage"], true>> = {
  "load-bill": true,
  "decrypt-contact": true,
  "render-notice": true,
  "take-permit": true,
  "begin-send": true,
  "call-provider": true,
};

const isWayOut = (diversion: Diversion): diversion is WayOut => Object.hasOwn(WAYS_OUT, diversion.stage);

/** The operator that `fallBack` makes: after it none of these ways out is left, and every notice has its settlement. */
export interface NoticeFallBack {
  <D extends Diversion>(
    source: Observable<Rail<Sent, D | WayOut>>,
  ): Observable<Rail<Settling, Exclude<D, WayOut> | Diversion<"fall-back", Journey>>>;
}

/** Gives each notice its settlement, by whatever way it has left the journey: the next channel included. */
export const fallBack =
  (ports: SendPorts): NoticeFallBack =>
  <D extends Diversion>(source: Observable<Rail<Sent, D | WayOut>>) =>
    source.pipe(
      map((rail): Rail<Journey, Exclude<D, WayOut>> => {
        if (Result.isSuccess(rail))
          return Result.succeed(withBody(rail.success, { sent: rail.success.body }));
        const diversion = rail.failure;
        return isWayOut(diversion)
          ? Result.succeed(withBody(diversion.envelope, { leftAt: diversion }))
          : Result.fail(diversion as Exclude<D, WayOut>); // none of those, as asked
      }),
      step({
        name: "fall-back",
        work: (journey: Journey): Settling => ({
          ...settlementOf(ports, journey),
          claim: claimOf(journey),
        }),
      }),
    );

/** What the journey began with. */
export const claimOf = (journey: Journey): Settling["claim"] => {
  const body = "sent" in journey ? journey.sent : journey.leftAt.envelope.body;
  const { noticeId, epoch } = noticeOf("sent" in body ? body.sent : body);
  return { noticeId, epoch };
};

const noticeOf = (body: Claimed | Sent): Claimed["notice"] => ("notice" in body ? body : body.from).notice;

const settlementOf = (ports: SendPorts, journey: Journey): Settlement => {
  if ("sent" in journey) return afterSending(ports, journey.sent);
  const { leftAt } = journey;
  const { failure } = leftAt;
  const reason = reasonOf(leftAt.stage, failure);
  switch (leftAt.stage) {
    case "load-bill":
    case "decrypt-contact":
    case "render-notice":
    case "take-permit":
      return afterPreparing(ports, leftAt.envelope.body, failure, reason);
    case "begin-send":
      // what is known not to have happened has consumed no right
      return failure._tag === "Transient" || failure._tag === "Permanent"
        ? afterPreparing(ports, leftAt.envelope.body, failure, reason)
        : afterLostRight(ports, leftAt.envelope.body, reason);
    case "call-provider": {
      const begun = leftAt.envelope.body;
      return isEntitled(begun)
        ? afterBugInCall(ports, begun, begun.attemptId, reason)
        : afterSending(ports, begun.sent);
    }
  }
};

/** A thrown error's text may quote a bill: only its stage is kept here; where it was thrown is told by the runtime's event. */
const reasonOf = (stage: string, failure: DivertedBy): string =>
  failure._tag === "Bug" ? `${stage}: a bug in our program` : `${stage}: ${failure.message}`;
